"""What the prediction is made of, as functions."""


def predicted(file):
    """Path of one table of the prediction."""
    return static(f"prediction/{file}")


def prediction_rank():
    """Eigenpairs that the prediction is made from."""
    return min(CONFIG.vocabulary, max(CONFIG.prediction.rank, CONFIG.dim))


def prediction_size(wildcards, input):
    """Those eigenpairs, of the whole text or of its halves."""
    vocabulary = int(wildcards.V)
    pairs = CONFIG.window * tokens_in(input) if input.get("tokens") else input.size / 8
    return eigenpairs_size(vocabulary, prediction_rank(), min(pairs, vocabulary**2 / 2))
