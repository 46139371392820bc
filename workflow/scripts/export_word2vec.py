"""Write an embedding in a format of word2vec."""

from mstar.corpus.vocabulary import read_vocabulary
from mstar.running.job import logged
from mstar.training import word2vec_format
from mstar.training.record import load_embedding

with logged(snakemake.log[0]):
    words = read_vocabulary(snakemake.input.vocabulary)[0][: int(snakemake.wildcards.V)]
    embedding = load_embedding(snakemake.input.embedding)
    word2vec_format.write(snakemake.output[0], words, embedding)
