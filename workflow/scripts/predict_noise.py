"""Predict fluctuations and excess loss of QWEM at its fixed point due to minibatch noise."""

from mstar.counts import cooccurrence, targets
from mstar.dynamics import gradient_noise
from mstar.files.tables import write_table
from mstar.running.job import logged
from mstar.training.record import load_embedding

with logged(snakemake.log[0]):
    p = targets.probabilities(cooccurrence.load(snakemake.input.counts))
    w = load_embedding(snakemake.input.embedding)
    write_table(gradient_noise.at_rest(p, snakemake.params.run, w), snakemake.output[0])
