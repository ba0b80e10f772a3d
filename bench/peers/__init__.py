"""What others do with the same file, under the Python of their own environment (requirements.lock)."""
