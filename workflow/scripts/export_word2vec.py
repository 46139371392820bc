"""One embedding to one of word2vec's formats."""

from mstar import word2vec_format
from mstar.jobs import logged
from mstar.record import load_embedding
from mstar.vocabulary import read_vocabulary

with logged(snakemake.log[0]):
    words = read_vocabulary(snakemake.input.vocabulary)[0][: int(snakemake.wildcards.V)]
    embedding = load_embedding(snakemake.input.embedding)
    word2vec_format.write(snakemake.output[0], words, embedding)
