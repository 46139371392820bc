"""Train without sampling noise."""

import torch

from mstar import cooccurrence, targets
from mstar.jobs import logged
from mstar.questions import accuracy_of
from mstar.record import save
from mstar.training import train
from mstar.vocabulary import read_vocabulary

with logged(snakemake.log[0]):
    torch.set_num_threads(snakemake.threads)
    words = read_vocabulary(snakemake.input.vocabulary)[0][: int(snakemake.wildcards.V)]
    result = train(
        targets.probabilities(cooccurrence.load(snakemake.input.counts)),
        snakemake.params.run,
        snakemake.resources.device,
        int(snakemake.wildcards.dim),
        int(snakemake.wildcards.seed),
        accuracy_of(snakemake.input.google, words),
    )
    save(result, snakemake.output.embedding, snakemake.output.trace)
