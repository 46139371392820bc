"""Train without sampling noise or a V x V array, with checkpoints to resume a killed job."""

import shutil
from pathlib import Path

from mstar.corpus.vocabulary import read_vocabulary
from mstar.counts import cooccurrence, targets
from mstar.evaluation.analogies import accuracy_of
from mstar.machine import devices
from mstar.running.job import logged
from mstar.training import sparse
from mstar.training.record import save

V, dim, seed = (int(snakemake.wildcards[name]) for name in ("V", "dim", "seed"))
needed = sparse.demand(V, dim, Path(snakemake.input.counts).stat().st_size / 8)
with logged(snakemake.log[0]), devices.held(snakemake.resources.device, needed) as device:
    words = read_vocabulary(snakemake.input.vocabulary)[0][:V]
    p = targets.probabilities(cooccurrence.load(snakemake.input.counts))
    place = device, dim, seed, accuracy_of(snakemake.input.questions, words)
    kept = Path(snakemake.output.embedding).with_name("checkpoints")
    code, threads = snakemake.params.code, snakemake.threads
    result = sparse.train(p, snakemake.params.run, *place, kept, code, threads)
    save(result, snakemake.output.embedding, snakemake.output.trace)
    shutil.rmtree(kept)
