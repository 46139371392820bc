"""Text to integers: corpora, words, encoder, vocabulary, parts."""
