"""What word2vec learns from a text: counts, M*, its spectrum, dynamics, training and evaluation."""
