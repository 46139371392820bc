"""Conversion of text to integers: corpora, words, encoder, vocabulary, parts."""
