"""Train on minibatches of pairs; what is kept beside the outputs lets a killed job go on."""

import shutil
from pathlib import Path

from mstar import cooccurrence, sampled, sgd, targets, text_sampling
from mstar.jobs import logged
from mstar.questions import accuracy_of
from mstar.record import save
from mstar.vocabulary import read_vocabulary

with logged(snakemake.log[0]):
    sgd.use_threads(snakemake.threads)
    V, L, dim, seed = (int(snakemake.wildcards[name]) for name in ("V", "L", "dim", "seed"))
    words = read_vocabulary(snakemake.input.vocabulary)[0][:V]
    p = targets.probabilities(cooccurrence.load(snakemake.input.counts))
    run, device = snakemake.params.run, snakemake.resources.device
    place = device, dim, seed, accuracy_of(snakemake.input.google, words)
    stream = text_sampling.read(snakemake.input.text, V, L, run.get("out_of_vocabulary", ""))
    kept = Path(snakemake.output.embedding).with_name("checkpoints")
    result = sampled.train(p, run, *place, kept, snakemake.params.code, stream)
    save(result, snakemake.output.embedding, snakemake.output.trace)
    shutil.rmtree(kept)
