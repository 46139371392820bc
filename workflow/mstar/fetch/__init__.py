"""Download of published files, with verification and clear errors."""
