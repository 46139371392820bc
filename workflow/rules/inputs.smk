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


def fig2_span():
    """First and last time drawn: from 0.5 tau_1, as in the paper, where the runs reach beyond it."""
    start, horizon = CONFIG.dynamics.start, CONFIG.dynamics.horizon
    return [max(0.5, start) if horizon > 0.5 else start, horizon]


def fig2_inits():
    """Initial scale of each column, from the run drawn as word2vec."""
    columns = {"large": CONFIG.figures.fig2.large, "small": CONFIG.figures.fig2.small}
    return {name: CONFIG.dynamics.runs[column.word2vec].init for name, column in columns.items()}


def benchmarked(file="evaluation.tsv", every_seed=False):
    """One file of each model that Figure 3b compares, by "model V d seed", first seed or all."""
    table = {}
    for size in SIZES:
        models = {run: run for run in CONFIG.factorisations}
        if size == DYNAMIC:
            models = {**trained_runs(), **models}
        for model, run in models.items():
            seeds = seeds_of(run) if every_seed else seeds_of(run)[:1]
            for seed in seeds:
                table[" ".join(map(str, (model, *size, seed)))] = run_path(run, *size, file, seed)
    return table


def claimed(file):
    """One file of each model whose learning the claims are about, by its role."""
    roles = {key: getattr(CONFIG.figures.fig1, key) for key in ("qwem", "word2vec", "theory")}
    ablation = CONFIG.figures.fig7
    roles |= {key: getattr(ablation, key) for key in ("sgns", "quartic", "setting31")}
    roles |= {"ablation_qwem": ablation.qwem, "svd_ppmi": "svd_ppmi"}
    return {role: trained(run, file) for role, run in roles.items()}


def shown_figures():
    """The figures of the report: all of them, and the movie where it is made."""
    return [*FIGURES, *(extra for extra in CONFIG.extras if extra == "movie")]


def picture(figure):
    """What a figure looks like."""
    ending = "gif" if figure == "movie" else "png"
    return f"<results>/figures/{CORPUS.name}/{figure}.{ending}"


def numbers(figure):
    """What a figure draws."""
    if figure == "fig3b":
        return f"<results>/tables/{CORPUS.name}/fig3b.tsv"
    return f"<results>/figures/{CORPUS.name}/{figure}.csv"


def page_links():
    """Further pages in the folder of the report, by title."""
    return {"Explorer": "explorer.html"} if "explorer" in CONFIG.extras else {}
