"""Readers of the source formats."""
