"""Measure which features the halves of a text share."""

from mstar.corpus.vocabulary import read_vocabulary
from mstar.files.tables import write_table
from mstar.files.writing import load_array
from mstar.prediction import halves, reproducibility
from mstar.running.job import logged
from mstar.spectra import spectrum

with logged(snakemake.log[0]):
    tokens = load_array(snakemake.input.tokens, "list of tokens", mapped=True)
    offsets = load_array(snakemake.input.documents, "list of documents")
    whole = spectrum.load(snakemake.input.spectrum).eigenvectors
    leading = halves.leading_modes(
        len(whole),
        int(snakemake.wildcards.L),
        len(read_vocabulary(snakemake.input.vocabulary)[0]),
        snakemake.params.negative,
        snakemake.params.out_of_vocabulary,
        snakemake.threads,
    )
    table = halves.compare(tokens, offsets, whole, leading, **snakemake.params.settings)
    if table.empty:
        print(reproducibility.TOO_FEW)
    write_table(table, snakemake.output[0])
