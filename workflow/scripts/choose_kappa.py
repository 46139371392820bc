"""Choose kappa of M*_kappa by letting each half of a text predict the other."""

from mstar.corpus.encoded_text import open_text
from mstar.files.tables import write_table
from mstar.prediction import halves, kappa
from mstar.running.job import logged

with logged(snakemake.log[0]):
    size, window = int(snakemake.wildcards.V), int(snakemake.wildcards.L)
    text = open_text(snakemake.input.text, size, check=True)
    offsets = kappa.parts_of_documents(text.offsets)
    half = halves.part_of_documents(offsets, 2, snakemake.params.seed)
    counted = (size, window, snakemake.params.out_of_vocabulary, snakemake.threads)
    first, second = (
        halves.count_documents(text, offsets, half == number, *counted) for number in (0, 1)
    )
    found = kappa.curve(first, second, negative=snakemake.params.negative)
    print(found.to_string(index=False))
    write_table(found, snakemake.output[0])
