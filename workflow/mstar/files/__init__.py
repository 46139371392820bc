"""Atomic writing of files, formats by their first bytes, tables, and errors for users."""
