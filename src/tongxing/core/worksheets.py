"""Names that Excel accepts for a worksheet."""

FORBIDDEN = str.maketrans("", "", "[]:*?/\\'\n")
LONGEST = 31


def worksheet_name(wanted: str, *, room: int = LONGEST) -> str:
    """`wanted` without the signs Excel forbids, cut to `room`; may be empty. Excel counts UTF-16 units: a rare character counts twice."""
    kept, used = [], 0
    for letter in wanted.translate(FORBIDDEN).strip():
        used += 2 if ord(letter) > 0xFFFF else 1
        if used > room:
            break
        kept.append(letter)
    return "".join(kept).strip()
