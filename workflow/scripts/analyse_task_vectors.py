"""Analyse analogy families in the eigenbasis of M*."""

from mstar.corpus.vocabulary import read_vocabulary
from mstar.evaluation.question_files import read_sections
from mstar.features import linear_structure
from mstar.files.tables import write_table
from mstar.running.job import logged
from mstar.spectra import spectrum

with logged(snakemake.log[0]):
    found = linear_structure.analyse(
        spectrum.load(snakemake.input.spectrum),
        read_vocabulary(snakemake.input.vocabulary)[0][: int(snakemake.wildcards.V)],
        read_sections(snakemake.input.google),
        **snakemake.params.settings,
    )
    for name, path in snakemake.output.items():
        write_table(getattr(found, name), path)
