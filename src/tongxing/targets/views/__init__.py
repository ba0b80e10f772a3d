"""Pages of the targets room, one subject a file."""
