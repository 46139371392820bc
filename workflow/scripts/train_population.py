"""Train without sampling noise."""

import torch

from mstar.corpus.vocabulary import read_vocabulary
from mstar.counts import cooccurrence, targets
from mstar.evaluation.analogies import accuracy_of
from mstar.machine import devices
from mstar.running.job import logged
from mstar.training import population
from mstar.training.record import save

needed = population.demand(int(snakemake.wildcards.V))
with logged(snakemake.log[0]), devices.held(snakemake.resources.device, needed) as device:
    torch.set_num_threads(snakemake.threads)
    words = read_vocabulary(snakemake.input.vocabulary)[0][: int(snakemake.wildcards.V)]
    result = population.train(
        targets.probabilities(cooccurrence.load(snakemake.input.counts)),
        snakemake.params.run,
        device,
        int(snakemake.wildcards.dim),
        int(snakemake.wildcards.seed),
        accuracy_of(snakemake.input.questions, words),
    )
    save(result, snakemake.output.embedding, snakemake.output.trace)
