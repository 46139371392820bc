"""Choose kappa of M*_kappa by letting each half of a text predict the other."""

from mstar.corpus.encoded import load_encoded, read_description
from mstar.counts.counting import count
from mstar.files.tables import write_table
from mstar.prediction import halves, kappa
from mstar.running.job import logged

with logged(snakemake.log[0]):
    given = [snakemake.input[name] for name in ("tokens", "documents", "description")]
    tokens, offsets = load_encoded(*given)
    offsets = kappa.parts_of_documents(offsets)
    half = halves.part_of_documents(offsets, 2, snakemake.params.seed)
    first, second = (
        count(
            *halves.some_documents(tokens, offsets, half == number),
            int(snakemake.wildcards.V),
            int(snakemake.wildcards.L),
            snakemake.params.out_of_vocabulary,
            snakemake.threads,
            read_description(given[2])["types"],
        )
        for number in (0, 1)
    )
    found = kappa.curve(first, second, negative=snakemake.params.negative)
    print(found.to_string(index=False))
    write_table(found, snakemake.output[0])
