"""The answer that carries a file. Whoever calls it has checked the permission and written the log."""

from django.http import FileResponse

from .models import StoredFile


def served(file: StoredFile, *, inline: bool = False) -> FileResponse:
    """The file as an attachment; shown in the browser only when asked for and safe. Never cached, never a document with scripts."""
    shown = inline and file.may_show_inline
    response = FileResponse(file.open(), as_attachment=not shown, filename=file.name, content_type=file.content_type)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
