"""Shared parts of figures: style, labels, panels, animated pictures."""
