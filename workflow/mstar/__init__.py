"""Closed-form theory, training and evaluation of word2vec-like embeddings (QWEM)."""
