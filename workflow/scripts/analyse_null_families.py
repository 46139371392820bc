"""Analyse families of random words and of shuffled partners in the eigenbasis of M*."""

from mstar.corpus.vocabulary import read_vocabulary
from mstar.evaluation.question_files import read_sections
from mstar.features import null_statistics
from mstar.files.tables import write_parquet, write_table
from mstar.running.job import logged
from mstar.spectra import spectrum

with logged(snakemake.log[0]):
    words, counts = read_vocabulary(snakemake.input.vocabulary)
    size = int(snakemake.wildcards.V)
    found = null_statistics.analyse(
        spectrum.load(snakemake.input.spectrum),
        words[:size],
        counts[:size],
        read_sections(snakemake.input.google),
        **snakemake.params.settings,
    )
    for name, path in snakemake.output.items():
        write = write_table if name == "families" else write_parquet
        write(getattr(found, name), path)
