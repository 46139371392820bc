"""How large the work of each rule is, which what it asks for follows from.

Where input is still to be made, as when a run is planned, sizes are what is expected; Snakemake
asks again before a job starts.
"""

from mstar.running.cost_model import Size
from mstar.spectra.solver_choice import needs_dense


def sizes_of(files):
    """Bytes of files, together; None while one of them is not there, as when a run is planned."""
    try:
        return sum(os.path.getsize(file) for file in files)
    except FileNotFoundError:
        return None


def tokens_in(input, shards=1):
    """Tokens of one of ``shards`` parts of the text: at most one for every two bytes of its file.

    Before the text is encoded, as many as are expected of it.
    """
    size = sizes_of([input.tokens])
    return (expected_tokens() if size is None else size / 2) / shards


def expected_tokens():
    """Words of the text, about: what its entry says, or six bytes each."""
    return CORPUS.tokens or sum(text_sizes()) / 6


def text_size(wildcards, input):
    """Text to encode: compressed to a quarter at most, and a word of two letters and a space."""
    size = sizes_of(input)
    if size is None:
        share = min(1, len(input) / len(text_sizes()))
        return "encode", Size(tokens=expected_tokens() * share)
    return "encode", Size(tokens=4 * size / 3)


def seen(input):
    """Pairs in count files, eight bytes each; None where they are still to be counted."""
    size = sizes_of(input)
    return None if size is None else size / 8


def merging_size(wildcards, input):
    """Words of all parts, some fifteen bytes in memory for one in their files: as many tokens."""
    size = sizes_of(input.vocabulary)
    return "encode", Size(tokens=expected_tokens() if size is None else 2.5 * size)


def counting_size(wildcards, input):
    """Pairs to count in the whole text, or in one of its shards."""
    shards = int(wildcards.get("shards", 1))
    return "count", Size(tokens_in(input, shards), int(wildcards.V), int(wildcards.L))


def adding_size(wildcards, input):
    """Pairs in two count files, eight bytes each."""
    return "add", Size(expected_tokens(), int(wildcards.V), CONFIG.window, stored=seen(input))


def eigenpairs_size(vocabulary, rank, stored):
    """The matrix where all eigenpairs, or nearly all, are wanted, else the pairs seen.

    Where it is not known yet which (``stored`` is None), as many as the text can have.
    """
    if needs_dense(vocabulary, rank):
        return "complete", Size(vocabulary=vocabulary, dim=rank)
    return "leading", Size(expected_tokens(), vocabulary, CONFIG.window, rank, stored=stored)


def spectrum_size(wildcards, input):
    """Eigenpairs to find."""
    return eigenpairs_size(int(wildcards.V), spectrum_rank(wildcards), seen(input))


def training_size(wildcards, input):
    """A run: V, d, the times recorded and the embeddings kept."""
    kept = len(CONFIG.dynamics.snapshots)
    sizes = {"vocabulary": int(wildcards.V), "dim": int(wildcards.dim), "snapshots": kept}
    return "population", Size(times=CONFIG.dynamics.points + kept, **sizes)


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
