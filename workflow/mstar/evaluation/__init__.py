"""Scores of embeddings, and tests between models."""
