"""Predict a run by the saddle-to-saddle recursion, without training."""

import numpy as np
import torch

from mstar.corpus.vocabulary import read_vocabulary
from mstar.counts import cooccurrence, targets
from mstar.evaluation.analogies import accuracy_of
from mstar.files.tables import write_table
from mstar.files.writing import atomic
from mstar.running.job import logged
from mstar.training import saddle_path
from mstar.training.record import save

with logged(snakemake.log[0]):
    torch.set_num_threads(snakemake.threads)
    words = read_vocabulary(snakemake.input.vocabulary)[0][: int(snakemake.wildcards.V)]
    result, table, directions = saddle_path.follow(
        targets.probabilities(cooccurrence.load(snakemake.input.counts)),
        snakemake.params.run,
        int(snakemake.wildcards.dim),
        accuracy_of(snakemake.input.questions, words),
        snakemake.threads,
    )
    write_table(table, snakemake.output.times)
    with atomic(snakemake.output.directions) as temporary, open(temporary, "wb") as stream:
        np.savez(stream, directions=directions)
    save(result, snakemake.output.embedding, snakemake.output.trace)
