"""Reading one answer of HTTP/1.1 as its bytes come in: with a length, in chunks, or to the end of the connection (RFC 9112 §6)."""

HEAD_END, LINE_END = b"\r\n\r\n", b"\r\n"
WITHOUT_BODY = (b"204", b"304")


class Answer:
    """Collects the bytes of one answer to a GET; `take` and `end` say whether it is whole."""

    def __init__(self) -> None:
        self.bytes = bytearray()
        self.closes = False
        self._body, self._end, self._at = -1, -1, -1

    @property
    def status(self) -> int:
        return int(self.bytes[9:12] or 0)

    def take(self, part: bytes) -> bool:
        """One more piece; True when the answer is whole."""
        self.bytes += part
        if self._body < 0 and not self._read_head():
            return False
        if self._at >= 0:
            return self._follow_chunks()
        return 0 <= self._end <= len(self.bytes)

    def end(self) -> bool:
        """The other side closed; True when that is how this answer was to end."""
        self.closes = True
        return self._body >= 0 and self._end < 0 and self._at < 0

    def _read_head(self) -> bool:
        end = self.bytes.find(HEAD_END)
        if end < 0:
            return False
        self._body = end + len(HEAD_END)
        lines = bytes(self.bytes[:end]).lower().split(LINE_END)
        heads = {name.strip(): value.strip() for name, _, value in (line.partition(b":") for line in lines[1:])}
        self.closes = heads.get(b"connection") == b"close"
        if self.bytes[9:12] in WITHOUT_BODY:
            self._end = self._body
        elif heads.get(b"transfer-encoding", b"").endswith(b"chunked"):
            self._at = self._body
        elif b"content-length" in heads:
            self._end = self._body + int(heads[b"content-length"])
        return True

    def _follow_chunks(self) -> bool:
        """`_at` stands where the next chunk's size begins; the chunk of size 0 is followed by trailers and an empty line."""
        while (line := self.bytes.find(LINE_END, self._at)) >= 0:
            size = int(self.bytes[self._at : line].split(b";")[0], 16)
            if not size:
                # The empty line may follow at once, so the search begins at the end of this one.
                return self.bytes.find(HEAD_END, line) >= 0
            after = line + len(LINE_END) + size + len(LINE_END)
            if after > len(self.bytes):
                return False
            self._at = after
        return False
