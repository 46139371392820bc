"""Readers that turn files of any kind into pieces of text, within limits."""
