"""From a file that people really have to rows of text (design §5, step 2). See README of the room."""

from .model import FLAG_MESSAGES, ColumnSpec, Reading, Skipped, SourceRow, Worksheet
from .reader import read

__all__ = ["FLAG_MESSAGES", "ColumnSpec", "Reading", "Skipped", "SourceRow", "Worksheet", "read"]
