"""Integers to exact pair counts, and the targets they give: P, M*, PMI."""
