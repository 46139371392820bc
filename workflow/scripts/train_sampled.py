"""Train on minibatches of pairs; what is kept beside the outputs lets a killed job go on."""

import shutil
from pathlib import Path

from mstar import cooccurrence, devices, sampled, sgd, targets, text_sampling
from mstar.jobs import logged
from mstar.questions import accuracy_of
from mstar.record import save
from mstar.vocabulary import read_vocabulary

V, L, dim, seed = (int(snakemake.wildcards[name]) for name in ("V", "L", "dim", "seed"))
run = snakemake.params.run
needed = sampled.demand(run, V)
with logged(snakemake.log[0]), devices.held(snakemake.resources.device, needed) as device:
    sgd.use_threads(snakemake.threads)
    words = read_vocabulary(snakemake.input.vocabulary)[0][:V]
    p = targets.probabilities(cooccurrence.load(snakemake.input.counts))
    place = device, dim, seed, accuracy_of(snakemake.input.google, words)
    stream = text_sampling.read(snakemake.input.text, V, L, run.get("out_of_vocabulary", ""))
    kept = Path(snakemake.output.embedding).with_name("checkpoints")
    result = sampled.train(p, run, *place, kept, snakemake.params.code, stream)
    save(result, snakemake.output.embedding, snakemake.output.trace)
    shutil.rmtree(kept)
