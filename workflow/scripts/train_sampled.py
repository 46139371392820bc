"""Train on minibatches of pairs; what is kept beside the outputs lets a killed job go on."""

import shutil
from pathlib import Path

import torch

from mstar import cooccurrence, sampled, sgd, targets
from mstar.jobs import logged
from mstar.questions import accuracy_of
from mstar.record import save
from mstar.vocabulary import read_vocabulary

with logged(snakemake.log[0]):
    torch.set_num_threads(snakemake.threads)
    sgd.use_threads(snakemake.threads)
    words = read_vocabulary(snakemake.input.vocabulary)[0][: int(snakemake.wildcards.V)]
    p = targets.probabilities(cooccurrence.load(snakemake.input.counts))
    size, seed = int(snakemake.wildcards.dim), int(snakemake.wildcards.seed)
    place = snakemake.resources.device, size, seed, accuracy_of(snakemake.input.google, words)
    kept = Path(snakemake.output.embedding).with_name("checkpoints")
    result = sampled.train(p, snakemake.params.run, *place, kept, snakemake.params.code)
    save(result, snakemake.output.embedding, snakemake.output.trace)
    shutil.rmtree(kept)
