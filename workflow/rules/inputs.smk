"""What rules read and need, as functions of their wildcards, in the order of the rules."""

from mstar.readers import text_files


def corpus_files(wildcards):
    """The package files of a named corpus, or the user's own text."""
    if CORPUS.path is None:
        return [f"<resources>/corpora/{CORPUS.name}/{file.filename}" for file in CORPUS.files]
    return [str(path) for path in text_files(CORPUS.path)]


def package_file(wildcards):
    """The corpora.yaml entry of the file to fetch."""
    return next(f for f in CORPUS.files if f.filename == wildcards.file).model_dump(mode="json")


def target_settings(wildcards):
    """The settings that this target alone depends on."""
    settings = {"mstar": {"negative": CONFIG.negative}, "pmi": {"pmi_floor": CONFIG.pmi_floor}}
    return settings.get(wildcards.target, {})


def spectrum_rank(wildcards):
    """Eigenpairs needed at this vocabulary; all of them where the exact flow reads them."""
    vocabulary = int(wildcards.V)
    if wildcards.target == "mstar" and vocabulary == DYNAMIC[0]:
        return vocabulary
    rank = max(dim for size, dim in SIZES if size == vocabulary)
    if wildcards.target == "mstar" and vocabulary == STATIC[0]:
        fig4 = CONFIG.figures.fig4.below(vocabulary)
        rank = max(rank, *fig4.dims, *fig4.histogram_dims)
    return rank


def factorised_spectrum(wildcards):
    """The spectrum that a factorisation takes its leading eigenpairs from."""
    return f"<results>/{{corpus}}/v{{V}}-l{{L}}/{TARGET_OF[wildcards.run]}/spectrum.npz"


def training_threads():
    """A quarter of the cores, so that the four runs of Figure 2 go side by side; one at least."""
    return max(1, (workflow.cores or 1) // 4)


def training_gpus(wildcards):
    """One card where training will use one: asked for, or found by ``auto`` on this machine."""
    present = {"cpu": False, "cuda": True, "auto": shutil.which("nvidia-smi") is not None}
    return int(present[CONFIG.dynamics.device])


def compared_at(wildcards):
    """Models compared at this vocabulary, as (run, d): factorisations, and the runs trained there."""
    return [
        (run, dim)
        for vocabulary, dim in SIZES
        if vocabulary == int(wildcards.V)
        for run in (
            *CONFIG.factorisations,
            *(trained_runs().values() if (vocabulary, dim) == DYNAMIC else ()),
        )
    ]


def evaluations_at(wildcards):
    """Scores of the models compared at this vocabulary, at their first seed."""
    models = compared_at(wildcards)
    return [run_path(run, wildcards.V, dim, "evaluation.tsv") for run, dim in models]


def dims_at(wildcards):
    """d of each of `evaluations_at`."""
    return [dim for _, dim in compared_at(wildcards)]


def every_seed():
    """Scores of the compared runs at every configured seed; Figure 3b shows the first."""
    return over_seeds("evaluation.tsv", *trained_runs().values())


def fig2_span():
    """First and last time drawn: from 0.5 tau_1, as in the paper, where the runs reach beyond it."""
    start, horizon = CONFIG.dynamics.start, CONFIG.dynamics.horizon
    return [max(0.5, start) if horizon > 0.5 else start, horizon]


def fig2_inits():
    """Initial scale of each column, from the run drawn as word2vec."""
    columns = {"large": CONFIG.figures.fig2.large, "small": CONFIG.figures.fig2.small}
    return {name: CONFIG.dynamics.runs[column.word2vec].init for name, column in columns.items()}


def benchmarked():
    """Evaluation files by "model V d": trained models at their size, svd(.) at both."""
    table = {
        f"{model} {DYNAMIC[0]} {DYNAMIC[1]}": trained(run, "evaluation.tsv")
        for model, run in trained_runs().items()
    }
    for size in SIZES:
        for run in CONFIG.factorisations:
            table[f"{run} {size[0]} {size[1]}"] = run_path(run, *size, "evaluation.tsv")
    return table


def extras(wildcards):
    """What is made beside figures and tables: the extras that the configuration asks for."""
    files = {"movie": f"<results>/figures/{CORPUS.name}/movie.gif"}
    return [files[extra] for extra in CONFIG.extras if extra in files]
