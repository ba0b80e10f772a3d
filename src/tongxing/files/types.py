"""Which kinds of file are taken, and how the content of each is recognised. No file is trusted by its name."""

import zipfile
from typing import BinaryIO, NamedTuple

from tongxing.core.errors import Refused

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP = b"PK\x03\x04"
MP4 = b"ftyp"
EBML, WEBM = b"\x1a\x45\xdf\xa3", b"webm"
HEAD_BYTES = 4096
TEXT_SAMPLE_BYTES = 1024 * 1024
OLE_SAMPLE_BYTES = 8 * 1024 * 1024
ZIP_MEMBER_LIMIT = 20_000


class FileType(NamedTuple):
    """`content` is what the recogniser answers; several names may share one content."""

    content: str
    content_type: str
    title: str
    inline: bool = False


TYPES: dict[str, FileType] = {
    "xlsx": FileType("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "Excel 工作簿"),
    "docx": FileType("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "Word 文档"),
    "xls": FileType("ole", "application/vnd.ms-excel", "Excel 97-2003 工作簿"),
    "et": FileType("ole", "application/vnd.ms-excel", "WPS 表格"),
    "doc": FileType("ole", "application/msword", "Word 97-2003 文档"),
    "wps": FileType("ole", "application/msword", "WPS 文字"),
    "csv": FileType("text", "text/csv", "CSV 表格"),
    "tsv": FileType("text", "text/tab-separated-values", "TSV 表格"),
    "txt": FileType("text", "text/plain", "文本"),
    "json": FileType("text", "application/json", "JSON 数据"),
    "geojson": FileType("text", "application/geo+json", "GeoJSON 轮廓"),
    "pdf": FileType("pdf", "application/pdf", "PDF 文档", inline=True),
    "ofd": FileType("ofd", "application/ofd", "OFD 版式文档"),
    "png": FileType("png", "image/png", "PNG 图片", inline=True),
    "jpg": FileType("jpeg", "image/jpeg", "JPEG 图片", inline=True),
    "jpeg": FileType("jpeg", "image/jpeg", "JPEG 图片", inline=True),
    "mp4": FileType("mp4", "video/mp4", "MP4 视频"),
    "m4a": FileType("mp4", "audio/mp4", "M4A 录音"),
    "webm": FileType("webm", "video/webm", "WebM 视频"),
    "zip": FileType("zip", "application/zip", "压缩包"),
}
CONTENT_TITLES = {
    "xlsx": "Excel 工作簿（xlsx）",
    "xlsm": "带宏的 Office 文件",
    "docx": "Word 文档（docx）",
    "ole": "旧版 Office 文件（xls、doc）",
    "encrypted": "设有打开密码的 Office 文件",
    "text": "纯文本",
    "markup": "网页（HTML、SVG、XML）",
    "pdf": "PDF",
    "ofd": "OFD",
    "png": "PNG 图片",
    "jpeg": "JPEG 图片",
    "mp4": "MP4 视频或录音",
    "webm": "WebM 视频",
    "zip": "压缩包",
    "program": "可执行程序",
    "unknown": "无法识别的内容",
}
MARKS = (
    (b"%PDF-", "pdf"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"MZ", "program"),
    (b"\x7fELF", "program"),
    (b"#!", "program"),
    (b"\xca\xfe\xba\xbe", "program"),
    (b"\xfe\xed\xfa", "program"),
    (b"\xcf\xfa\xed\xfe", "program"),
    (b"\xce\xfa\xed\xfe", "program"),
)
PROGRAM_ENDINGS = (".exe", ".dll", ".bat", ".cmd", ".com", ".scr", ".js", ".vbs", ".ps1", ".sh", ".msi", ".jar", ".lnk", ".hta")
MARKUP = (b"<!doctype", b"<html", b"<svg", b"<?xml", b"<script", b"<head", b"<body", b"<table", b"<meta", b"<style", b"<?mso")


def judge(source: BinaryIO, name: str) -> FileType:
    """The type of an upload, or Refused when its content is not what its name says. Leaves `source` at its start."""
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    kind = TYPES.get(ending)
    if kind is None:
        known = "、".join(sorted({item for item in TYPES if item not in {"jpeg", "et", "wps", "tsv", "geojson", "m4a"}}))
        raise Refused(f"不能上传“{ending or '没有扩展名'}”类型的文件。可以上传：{known}。请另存为其中一种后重新上传。", code="file_type")
    content = recognise(source)
    source.seek(0)
    if content == "encrypted":
        raise Refused("文件设有打开密码，系统无法读取。请在 Excel 或 WPS 中取消密码、另存后重新上传。", code="file_encrypted")
    if content == "xlsm":
        raise Refused("文件带有宏，为安全起见不能上传。请另存为不含宏的 xlsx 或 docx 后重新上传。", code="file_macro")
    if content != kind.content:
        found = CONTENT_TITLES[content]
        raise Refused(
            f"文件名以 .{ending} 结尾，应是{kind.title}，内容却是{found}。请用原来的软件打开，另存为正确的格式后重新上传。",
            code="file_content",
        )
    return kind


def recognise(source: BinaryIO) -> str:
    """What the bytes say, whatever the name: a key of CONTENT_TITLES."""
    source.seek(0)
    head = source.read(HEAD_BYTES)
    if head.startswith(ZIP):
        return _recognise_zip(source)
    if head.startswith(OLE):
        source.seek(0)
        sample = source.read(OLE_SAMPLE_BYTES)
        return "encrypted" if "EncryptedPackage".encode("utf-16-le") in sample else "ole"
    if head[4:8] == MP4:
        return "mp4"
    # The kind of document stands in the first element; a Matroska film that is no WebM plays in no browser.
    if head.startswith(EBML) and WEBM in head[:64]:
        return "webm"
    for mark, content in MARKS:
        if head.startswith(mark):
            return content
    source.seek(0)
    return _recognise_text(source.read(TEXT_SAMPLE_BYTES))


def _recognise_zip(source: BinaryIO) -> str:
    """Reads the directory of a zip only; nothing is unpacked."""
    try:
        source.seek(0)
        with zipfile.ZipFile(source) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, UnicodeDecodeError):
        return "unknown"
    if len(names) > ZIP_MEMBER_LIMIT:
        return "unknown"
    return _what_is_packed({item.lower() for item in names})


def _what_is_packed(lower: set[str]) -> str:
    if "[content_types].xml" in lower:
        if any(item.endswith("vbaproject.bin") for item in lower):
            return "xlsm"
        if any(item.startswith("xl/") for item in lower):
            return "xlsx"
        return "docx" if any(item.startswith("word/") for item in lower) else "zip"
    if "ofd.xml" in lower:
        return "ofd"
    return "program" if any(item.endswith(PROGRAM_ENDINGS) for item in lower) else "zip"


def _recognise_text(sample: bytes) -> str:
    for mark, encoding in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig")):
        if sample.startswith(mark):
            text = sample[: len(sample) // 2 * 2].decode(encoding, errors="ignore")
            return _text_or_markup(text)
    if b"\0" in sample:
        return "unknown"
    for encoding in ("utf-8", "gb18030"):
        try:
            return _text_or_markup(sample.decode(encoding))
        except UnicodeDecodeError as error:
            # The sample may end in the middle of a character.
            if len(sample) == TEXT_SAMPLE_BYTES and error.start >= len(sample) - 4:
                return _text_or_markup(sample[: error.start].decode(encoding))
    return "unknown"


def _text_or_markup(text: str) -> str:
    start = text.lstrip().lower()[:64].encode(errors="ignore")
    if start.startswith(MARKUP):
        return "markup"
    return "unknown" if any(ord(character) < 32 and character not in "\t\r\n\f\x1a" for character in text) else "text"
