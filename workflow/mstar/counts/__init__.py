"""Exact pair counts of encoded text, and the targets computed from them: P, M*, PMI."""
