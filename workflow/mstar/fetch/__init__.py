"""A published file, whole and verified, or one line that says why not."""
