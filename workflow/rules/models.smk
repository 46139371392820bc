"""Which runs and models play which part, and the files of each."""


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


def over_seeds(file, *runs):
    """Paths of one file of training runs, each at all of its seeds, the first one first."""
    return [run_path(run, *DYNAMIC, file, seed) for run, seed in seeded(runs)]


def seeded(runs):
    """The (run, seed) of `over_seeds`, in its order."""
    return [(run, seed) for run in runs for seed in seeds_of(run)]


def benchmarked(file="evaluation.tsv", every_seed=False):
    """One file of each model that Figure 3b compares, by "model V d seed", first seed or all."""
    table = {}
    for size in SIZES:
        models = {run: run for run in COMPARED}
        if size == DYNAMIC:
            models = {**trained_runs(), **models}
        for model, run in models.items():
            seeds = seeds_of(run) if every_seed else seeds_of(run)[:1]
            for seed in seeds:
                table[" ".join(map(str, (model, *size, seed)))] = run_path(run, *size, file, seed)
    return table


def compared_at(wildcards):
    """Models compared at this vocabulary, as (run, d): those of every size, and the runs trained."""
    return [
        (run, dim)
        for vocabulary, dim in SIZES
        if vocabulary == int(wildcards.V)
        for run in (
            *COMPARED,
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


def fig2_inits():
    """Initial scale of each column, from the run drawn as word2vec."""
    columns = {"large": CONFIG.figures.fig2.large, "small": CONFIG.figures.fig2.small}
    return {name: CONFIG.dynamics.runs[column.word2vec].init for name, column in columns.items()}


def fig7_negative():
    """k of each run that Figure 7 draws, by its place there."""
    runs = CONFIG.figures.fig7.model_dump()
    settings = {place: CONFIG.dynamics.runs[run] for place, run in runs.items()}
    return {place: run.negative or CONFIG.negative for place, run in settings.items()}


def claimed_runs():
    """The models whose learning the claims are about, by role."""
    roles = {key: getattr(CONFIG.figures.fig1, key) for key in ("qwem", "word2vec", "theory")}
    ablation = CONFIG.figures.fig7
    roles |= {key: getattr(ablation, key) for key in ("sgns", "quartic", "setting31")}
    roles |= {"ablation_qwem": ablation.qwem, "svd_ppmi": "svd_ppmi"}
    return roles


def claimed(file):
    """One file of each of `claimed_runs`, by role."""
    return {role: trained(run, file) for role, run in claimed_runs().items()}


def movie_runs():
    """The runs of the movie: Figure 1's, QWEM in closed form where its exact flow is configured."""
    runs = trained_runs()
    return runs | {"qwem": counterparts().get(runs["qwem"], runs["qwem"])}
