"""Train on minibatches of pairs; what is kept beside the outputs lets a killed job go on."""

import shutil
from pathlib import Path

from mstar import cooccurrence, devices, sampled, sgd, targets
from mstar.jobs import logged
from mstar.questions import accuracy_of
from mstar.record import save
from mstar.vocabulary import read_vocabulary

needed = sampled.demand(int(snakemake.wildcards.V))
with logged(snakemake.log[0]), devices.held(snakemake.resources.device, needed) as device:
    sgd.use_threads(snakemake.threads)
    words = read_vocabulary(snakemake.input.vocabulary)[0][: int(snakemake.wildcards.V)]
    p = targets.probabilities(cooccurrence.load(snakemake.input.counts))
    size, seed = int(snakemake.wildcards.dim), int(snakemake.wildcards.seed)
    place = device, size, seed, accuracy_of(snakemake.input.google, words)
    kept = Path(snakemake.output.embedding).with_name("checkpoints")
    result = sampled.train(p, snakemake.params.run, *place, kept, snakemake.params.code)
    save(result, snakemake.output.embedding, snakemake.output.trace)
    shutil.rmtree(kept)
