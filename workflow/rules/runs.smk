"""The models: their names, seeds, settings and files, and which of them are compared and drawn."""


def names(*estimators):
    """Names of the runs of some estimators, as a regular expression for the wildcard ``run``."""
    runs = CONFIG.dynamics.runs.items()
    return "|".join(name for name, run in runs if run.estimator in estimators) or "(?!)"


def seeds_of(run):
    """The configured seeds of a random run; a deterministic one has the single seed 0."""
    settings = CONFIG.dynamics.runs.get(run)
    return CONFIG.seeds if settings and settings.estimator != "sigmoid" else (0,)


def run_path(run, vocabulary, dim, file, seed=None):
    """Path of one file of one run, at its first seed unless told otherwise."""
    seed = seeds_of(run)[0] if seed is None else seed
    return f"<results>/{CORPUS.name}/v{vocabulary}-l{CONFIG.window}/d{dim}/{run}/seed{seed}/{file}"


def trained(run, file):
    """Path of one file of a training run."""
    return run_path(run, *DYNAMIC, file)


def over_seeds(file, *runs):
    """Paths of one file of training runs, each at all of its seeds, the first one first."""
    return [run_path(run, *DYNAMIC, file, seed) for run, seed in seeded(runs)]


def seeded(runs):
    """The (run, seed) of `over_seeds`, in its order."""
    return [(run, seed) for run in runs for seed in seeds_of(run)]


def run_settings(wildcards):
    """What decides a training run, as plain values that Snakemake can compare."""
    run = CONFIG.dynamics.runs[wildcards.run].model_dump(mode="json")
    kept = {"start", "horizon", "points", "snapshots"}
    if run["estimator"] == "population":
        kept |= {"tolerance", "dtype"}
    if run["weighting"] == "word2vec":
        kept |= {"subsample", "negative_power"}
    dynamics = CONFIG.dynamics.model_dump(mode="json", include=kept)
    return {**dynamics, **run, "negative": run["negative"] or CONFIG.negative}


def trained_runs():
    """The runs whose embeddings are compared on benchmarks: Figure 1's word2vec and QWEM."""
    return {"word2vec": CONFIG.figures.fig1.word2vec, "qwem": CONFIG.figures.fig1.qwem}


def drawn_runs():
    """The runs that Figure 2 draws, in its order."""
    columns = (CONFIG.figures.fig2.large, CONFIG.figures.fig2.small)
    return [run for c in columns for run in (c.word2vec, c.qwem, c.theory)]


def counterparts():
    """Trained runs whose flow is also known exactly: {population run: exact run}, same settings."""
    runs = CONFIG.dynamics.runs
    return {
        name: other
        for name, run in runs.items()
        for other, exact in runs.items()
        if run.estimator == "population" and exact == run.model_copy(update={"estimator": "exact"})
    }


def movie_runs():
    """The runs of the movie: Figure 1's, QWEM in closed form where its exact flow is configured."""
    runs = trained_runs()
    return runs | {"qwem": counterparts().get(runs["qwem"], runs["qwem"])}


def fig7_negative():
    """k of each run that Figure 7 draws, by its place there."""
    runs = CONFIG.figures.fig7.model_dump()
    settings = {place: CONFIG.dynamics.runs[run] for place, run in runs.items()}
    return {place: run.negative or CONFIG.negative for place, run in settings.items()}
