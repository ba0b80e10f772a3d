"""The three forms of a document: PDF (typst), Word (python-docx), Excel (XlsxWriter), all in the official layout of GB/T 9704-2012."""

from .excel import to_xlsx
from .pdf import to_pdf
from .word import to_docx

RENDERERS = {"pdf": to_pdf, "docx": to_docx, "xlsx": to_xlsx}
CONTENT_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

__all__ = ["CONTENT_TYPES", "RENDERERS", "to_docx", "to_pdf", "to_xlsx"]
