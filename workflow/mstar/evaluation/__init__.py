"""Scores of an embedding, and tests between models."""
