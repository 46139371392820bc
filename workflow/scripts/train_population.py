"""Train without sampling noise."""

import torch

from mstar import cooccurrence, devices, targets, training
from mstar.jobs import logged
from mstar.questions import accuracy_of
from mstar.record import save
from mstar.vocabulary import read_vocabulary

needed = training.demand(int(snakemake.wildcards.V))
with logged(snakemake.log[0]), devices.held(snakemake.resources.device, needed) as device:
    torch.set_num_threads(snakemake.threads)
    words = read_vocabulary(snakemake.input.vocabulary)[0][: int(snakemake.wildcards.V)]
    result = training.train(
        targets.probabilities(cooccurrence.load(snakemake.input.counts)),
        snakemake.params.run,
        device,
        int(snakemake.wildcards.dim),
        int(snakemake.wildcards.seed),
        accuracy_of(snakemake.input.google, words),
    )
    save(result, snakemake.output.embedding, snakemake.output.trace)
