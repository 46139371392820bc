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


def scored_runs():
    """Initial scale of the runs that are scored against the prediction, by name: those that Figure
    2 draws as trained, and the configured others."""
    columns = (CONFIG.figures.fig2.large, CONFIG.figures.fig2.small)
    drawn = [run for column in columns for run in (column.word2vec, column.qwem)]
    return {run: RUNS[run].init for run in dict.fromkeys((*drawn, *CONFIG.prediction.runs))}
