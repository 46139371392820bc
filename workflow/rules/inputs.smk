"""What rules read and need, as functions of their wildcards, in the order of the rules."""

from mstar.corpus.shards import halves


def run_of_shards(first, last):
    """Path of the counts of the shards ``first`` to ``last``, both included."""
    run = first if first == last else f"{first}-{last}"
    return f"<results>/{{corpus}}/v{{V}}-l{{L}}/shards/{run}-of-{CONFIG.shards}.npz"


def halves_of_run(wildcards):
    """Counts of the two halves of a run of shards."""
    return [run_of_shards(*half) for half in halves(int(wildcards.first), int(wildcards.last))]


def halves_of_all(wildcards):
    """Counts of the two halves of all shards."""
    return [run_of_shards(*half) for half in halves(0, CONFIG.shards - 1)]


def target_settings(wildcards):
    """The settings that this target alone depends on."""
    settings = {"mstar": {"negative": CONFIG.negative}, "pmi": {"pmi_floor": CONFIG.pmi_floor}}
    return settings.get(wildcards.target, {})


def spectrum_rank(wildcards):
    """Eigenpairs needed at this vocabulary; all of them where the exact flow reads them."""
    vocabulary = int(wildcards.V)
    if wildcards.target == "mstar" and vocabulary == DYNAMIC[0]:
        return vocabulary
    rank = max((dim for size, dim in SIZES if size == vocabulary), default=0)
    if vocabulary in SCALED:
        rank = max(rank, CONFIG.dim, CONFIG.figures.spectra.modes)
    if vocabulary == STATIC[0]:
        rank = max(rank, CONFIG.figures.spectra.modes)
        if wildcards.target == "mstar":
            rank = max(rank, CONFIG.figures.rank_of_task_vectors(vocabulary))
    return min(rank, vocabulary)


def at_sizes(file):
    """One file at each vocabulary of the scaling figure."""
    sizes = CONFIG.figures.scaling.vocabularies
    return [f"<results>/{CORPUS.name}/v{size}-l{CONFIG.window}/{file}" for size in sizes]


def factorised_spectrum(wildcards):
    """The spectrum that a factorisation takes its leading eigenpairs from."""
    return f"<results>/{{corpus}}/v{{V}}-l{{L}}/{TARGET_OF[wildcards.run]}/spectrum.npz"


def sampled_text(wildcards):
    """Tokens and documents for a sampled run that draws its pairs from the text."""
    if RUNS[wildcards.run].sgd.sampler == "counts":
        return []
    return [f"<results>/{{corpus}}/{file}.npy" for file in ("tokens", "documents")]


def fig2_span():
    """First and last time drawn: from 0.5 tau_1, as in the paper, where the runs reach beyond it."""
    start, horizon = CONFIG.dynamics.start, CONFIG.dynamics.horizon
    return [max(0.5, start) if horizon > 0.5 else start, horizon]
