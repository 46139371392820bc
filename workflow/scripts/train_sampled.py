"""Train on minibatches of pairs, with checkpoints beside the outputs to resume a killed job."""

import shutil
from pathlib import Path

from mstar.corpus.vocabulary import read_vocabulary
from mstar.counts import cooccurrence, targets
from mstar.evaluation.analogies import accuracy_of
from mstar.machine import devices
from mstar.running.job import logged
from mstar.training import minibatches, sgd, text_pairs
from mstar.training.record import save

V, L, dim, seed = (int(snakemake.wildcards[name]) for name in ("V", "L", "dim", "seed"))
run = snakemake.params.run
needed = minibatches.demand(run, V)
with logged(snakemake.log[0]), devices.held(snakemake.resources.device, needed) as device:
    sgd.use_threads(snakemake.threads)
    words = read_vocabulary(snakemake.input.vocabulary)[0][:V]
    p = targets.probabilities(cooccurrence.load(snakemake.input.counts))
    place = device, dim, seed, accuracy_of(snakemake.input.questions, words)
    stream = text_pairs.read(snakemake.input.text, V, L, run.get("out_of_vocabulary", ""))
    kept = Path(snakemake.output.embedding).with_name("checkpoints")
    result = minibatches.train(p, run, *place, kept, snakemake.params.code, stream)
    save(result, snakemake.output.embedding, snakemake.output.trace)
    shutil.rmtree(kept)
