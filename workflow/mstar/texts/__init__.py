"""Files of any kind to pieces of text, within limits."""
