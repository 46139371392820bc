"""Write an embedding for viewers of embeddings."""

from mstar.corpus.vocabulary import read_vocabulary
from mstar.running.job import logged
from mstar.training import viewer_format
from mstar.training.record import load_embedding

with logged(snakemake.log[0]):
    words = read_vocabulary(snakemake.input.vocabulary)[0][: int(snakemake.wildcards.V)]
    embedding = load_embedding(snakemake.input.embedding)
    for path in (snakemake.output.parquet, snakemake.output.vectors):
        viewer_format.write(path, words, embedding)
