"""The `tongxing` command (design §7). Every module here imports Django only when its command runs, so that help comes at once."""

from .entry import main

__all__ = ["main"]
