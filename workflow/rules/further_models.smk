"""Models of the noise figure, and those that are exported."""


def noise_runs():
    """Learning rate, batch and drop [step, factor] of the noise figure's sampled runs, by name."""
    return {
        name: {
            "learning_rate": run.sgd.learning_rate,
            "batch": run.sgd.batch,
            "drop": list(*run.sgd.drops),
        }
        for name, run in NOISE.items()
        if run.sgd
    }


def noise_settings(wildcards):
    """The settings that the sampled runs of the noise figure share."""
    run = RUNS[CONFIG.figures.noise.base]
    sgd = {"loss_scale": run.sgd.loss_scale}
    kept = {"loss": run.loss, "weighting": run.weighting, "sgd": sgd}
    return {**kept, "negative": run.negative or CONFIG.negative}


def exported():
    """The embeddings of every model but sampled runs, at every seed, in word2vec's formats."""
    runs = CONFIG.dynamics.runs.items()
    trained = [name for name, run in runs if run.estimator != "sampled"]
    files = []
    for ending in ("bin", "txt"):
        file = f"embedding.word2vec.{ending}"
        files += benchmarked(file, every_seed=True).values()
        files += over_seeds(file, *trained)
    return sorted(set(files))
