"""Analogy families in the eigenbasis of M*."""

from mstar import linear_structure, spectrum
from mstar.evaluation import write_table
from mstar.jobs import logged
from mstar.questions import read_sections
from mstar.vocabulary import read_vocabulary

with logged(snakemake.log[0]):
    found = linear_structure.analyse(
        spectrum.load(snakemake.input.spectrum),
        read_vocabulary(snakemake.input.vocabulary)[0][: int(snakemake.wildcards.V)],
        read_sections(snakemake.input.google),
        **snakemake.params.settings,
    )
    for name, path in snakemake.output.items():
        write_table(getattr(found, name), path)
