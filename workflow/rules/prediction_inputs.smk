"""What the prediction is made of, as functions."""


def predicted(file):
    """Path of one table of the prediction."""
    return static(f"prediction/{file}")


def prediction_rank():
    """Eigenpairs that the prediction is made from."""
    return min(CONFIG.vocabulary, max(CONFIG.prediction.rank, CONFIG.dim))


def prediction_size(wildcards, input):
    """Those eigenpairs, of the whole text or of its halves."""
    pairs = CONFIG.window * tokens_in(input) if input.get("tokens") else seen(input)
    if pairs is not None:
        pairs = min(pairs, int(wildcards.V) ** 2 / 2)
    return eigenpairs_size(int(wildcards.V), prediction_rank(), pairs)


def scored_runs():
    """Initial scale of the runs that are scored against the prediction, by name: those that Figures
    1 and 2 draw as trained, and the configured others; all of the same k as M*."""
    columns = (CONFIG.figures.fig2.large, CONFIG.figures.fig2.small, CONFIG.figures.fig1)
    drawn = [run for column in columns for run in (column.word2vec, column.qwem)]
    runs = {name: RUNS[name] for name in dict.fromkeys((*drawn, *CONFIG.prediction.runs))}
    same = (None, CONFIG.negative)
    return {name: run.init for name, run in runs.items() if run.negative in same}
