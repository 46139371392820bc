"""Measure which features the halves of a text share."""

from mstar.corpus.encoded_text import open_text
from mstar.files.tables import write_table
from mstar.prediction import halves, reproducibility
from mstar.running.job import logged
from mstar.spectra import spectrum

with logged(snakemake.log[0]):
    whole = spectrum.load(snakemake.input.spectrum).eigenvectors
    text = open_text(snakemake.input.text, len(whole))
    leading = halves.leading_modes(
        len(whole),
        int(snakemake.wildcards.L),
        snakemake.params.negative,
        snakemake.params.out_of_vocabulary,
        snakemake.threads,
    )
    table = halves.compare(text, whole, leading, **snakemake.params.settings)
    if table.empty:
        print(reproducibility.TOO_FEW)
    write_table(table, snakemake.output[0])
