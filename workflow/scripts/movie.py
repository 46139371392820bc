"""Draw the learning movie."""

from mstar.corpus.vocabulary import read_vocabulary
from mstar.figures import movie
from mstar.running.job import logged
from mstar.training.record import load

with logged(snakemake.log[0]):
    given, chosen = snakemake.input, snakemake.params.settings
    qwem, word2vec = (load(given[name], given[f"{name}_trace"]) for name in ("qwem", "word2vec"))
    words = read_vocabulary(given.vocabulary)[0][: len(qwem.embedding)]
    shown = {"frames": chosen["frames"], "labels": chosen["labels"]}
    scenes = movie.scenes(qwem, word2vec, words, modes=snakemake.params.modes, **shown)
    paths = dict(snakemake.output.items())
    movie.save(scenes, chosen["labels"], chosen["frames_per_second"], **paths)
