"""Memory, time, threads and cards that rules ask for, from the size of their work.

Memory (MB) and time (minutes) come from the cost model of config/costs.tsv.
"""

from mstar.cost_model import Size, load as load_costs
from mstar.solver_choice import needs_dense

try:
    COSTS = load_costs(f"{ROOT}/config/costs.tsv")
except UserError as error:
    sys.exit(f"{error}")


def tokens_in(input, shards=1):
    """Tokens of one of ``shards`` parts of the text: at most one for every two bytes of its file."""
    return os.path.getsize(input.tokens) / 2 / shards


def text_size(wildcards, input):
    """Text to encode: compressed to a quarter at most, and a word of two letters and a space."""
    return "encode", Size(tokens=4 * input.size / 3)


def merging_size(wildcards, input):
    """Words of all parts, some fifteen bytes in memory for one in their files: as many tokens."""
    return "encode", Size(tokens=2.5 * sum(os.path.getsize(file) for file in input.vocabulary))


def counting_size(wildcards, input):
    """Pairs to count in the whole text, or in one of its shards."""
    shards = int(wildcards.get("shards", 1))
    return "count", Size(tokens_in(input, shards), int(wildcards.V), int(wildcards.L))


def adding_size(wildcards, input):
    """Pairs in two count files, eight bytes each."""
    return "add", Size(vocabulary=int(wildcards.V), stored=input.size / 8)


def eigenpairs_size(vocabulary, rank, stored):
    """The matrix where all eigenpairs, or nearly all, are wanted, else the pairs seen."""
    if needs_dense(vocabulary, rank):
        return "complete", Size(vocabulary=vocabulary, dim=rank)
    return "leading", Size(vocabulary=vocabulary, dim=rank, stored=stored)


def spectrum_size(wildcards, input):
    """Eigenpairs to find."""
    return eigenpairs_size(int(wildcards.V), spectrum_rank(wildcards), input.size / 8)


def training_size(wildcards, input):
    """A run: V, d and the times recorded."""
    times = CONFIG.dynamics.points + len(CONFIG.dynamics.snapshots)
    return "population", Size(vocabulary=int(wildcards.V), dim=int(wildcards.dim), times=times)


def flow_size(wildcards, input):
    """The same in closed form."""
    return "exact", training_size(wildcards, input)[1]


def gensim_size(wildcards, input):
    """Words that gensim trains on, and the vectors that each pair of them changes."""
    settings = CONFIG.gensim
    passes = settings.epochs * (1 + settings.negative)
    vocabulary, window, dim = int(wildcards.V), int(wildcards.L), int(wildcards.dim)
    return "gensim", Size(tokens_in(input), vocabulary, window, dim, passes)


def reading_size(wildcards, input):
    """Work on results: none reads more than the eigenpairs of the static vocabulary."""
    vocabulary, dim = STATIC
    rank = max(dim, CONFIG.figures.spectra.modes, CONFIG.figures.rank_of_task_vectors(vocabulary))
    return eigenpairs_size(vocabulary, rank, stored=0)


def memory(size_of):
    """Memory in MB to ask for, by the size of the work; a job that failed asks for more."""

    def megabytes(wildcards, input, attempt):
        return attempt * COSTS.request(*size_of(wildcards, input))[0]

    return megabytes


def sampled_memory(wildcards, input, attempt):
    """That of a run in general, and the text where pairs are drawn from it."""
    text = sum(os.path.getsize(file) for file in input.text) >> 20
    return memory(training_size)(wildcards, input, attempt) + attempt * text


def runtime(size_of):
    """Minutes to ask for, by the size of the work."""

    def minutes(wildcards, input, attempt):
        return attempt * COSTS.request(*size_of(wildcards, input))[1]

    return minutes


def share_of_cores(share):
    """Threads of one of ``share`` jobs side by side; one on a cluster, whose profile sets them."""
    return max(1, (workflow.resource_settings.cores or 1) // share)


def spectrum_threads():
    """Half of the cores: what else can be done meanwhile uses the others better."""
    return share_of_cores(2)


def training_threads():
    """A quarter of the cores, so that the four runs of Figure 2 go side by side; one at least."""
    return share_of_cores(4)
