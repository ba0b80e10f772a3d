"""What a file is, by its content and never by its name; and a clear word for each kind that is not a table."""

import zipfile
from pathlib import Path

from tongxing.core.errors import Refused

XLSX, XLS, TEXT = "xlsx", "xls", "csv"
OLE_MARK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
SAVE_AS = "请用 Excel 或 WPS 打开，另存为“Excel 工作簿（*.xlsx）”后重新上传。"
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"RIFF", b"II*\x00", b"MM\x00*")
_ARCHIVES = (b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"BZh", b"\xfd7zXZ")


def not_a_spreadsheet(what: str) -> Refused:
    return Refused(f"这是{what}，不是表格，无法读取。请上传 xlsx、xls 或 csv 格式的名册。", code="not_a_spreadsheet")


def kind_of(path: Path, name: str) -> str:
    """XLSX, XLS (any OLE container) or TEXT; raises Refused for everything else."""
    with path.open("rb") as file:
        head = file.read(4096)
    if not head.strip():
        raise Refused("文件是空的，没有任何内容。请确认选对了文件。", code="empty")
    if head.startswith(b"PK"):
        return _zip_kind(path)
    if head.startswith(OLE_MARK):
        if name.lower().endswith((".et", ".wps")):
            raise Refused(f"这是 WPS 自有格式的文件。{SAVE_AS}", code="unsupported")
        return XLS
    _refuse_others(head)
    return TEXT


def _refuse_others(head: bytes) -> None:
    if head.startswith(b"%PDF"):
        raise not_a_spreadsheet(" PDF 文件")
    if head.startswith(_PICTURES) and b"\x00" in head:
        raise not_a_spreadsheet("图片")
    if head.startswith(_ARCHIVES):
        raise not_a_spreadsheet("压缩包")
    if head.startswith(b"{\\rtf"):
        raise not_a_spreadsheet(" RTF 文档")
    start = head.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").replace(b"\x00", b"").lower()
    if start.startswith((b"<html", b"<!doctype", b"<table", b"<head", b"<meta", b"mime-version", b"<style", b"<body")):
        raise Refused(f"这是网页格式的表格（常见于系统导出的“假 xls”）。{SAVE_AS}", code="unsupported")
    if start.startswith((b"<?xml", b"<workbook")):
        if b"spreadsheet" in start:
            raise Refused(f"这是 XML 格式的旧式表格。{SAVE_AS}", code="unsupported")
        if b"<html" in start or b"<table" in start:
            raise Refused(f"这是网页格式的表格（常见于系统导出的“假 xls”）。{SAVE_AS}", code="unsupported")
        raise not_a_spreadsheet(" XML 文件")


def _zip_kind(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, EOFError, NotImplementedError):
        raise Refused(
            "文件不完整或已损坏（可能没有下载完、没有拷贝完）。请重新获取文件，用 Excel 或 WPS 打开确认无误后再上传。", code="truncated"
        ) from None
    if "xl/workbook.xml" in names:
        return XLSX
    if "xl/workbook.bin" in names:
        raise Refused(f"这是二进制工作簿（xlsb）。{SAVE_AS}", code="unsupported")
    if "word/document.xml" in names:
        raise not_a_spreadsheet(" Word 文档")
    if "ppt/presentation.xml" in names:
        raise not_a_spreadsheet("演示文稿")
    if "content.xml" in names and "mimetype" in names:
        raise Refused(f"这是 OpenDocument 文件（ods/odt）。{SAVE_AS}", code="unsupported")
    raise not_a_spreadsheet("压缩包")
