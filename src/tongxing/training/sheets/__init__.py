"""Sheets of training: attendance."""
