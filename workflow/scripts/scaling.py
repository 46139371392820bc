"""Draw the scaling figure."""

from mstar import scaling, spectrum
from mstar.figures.scaling import draw, table
from mstar.figures.style import save
from mstar.jobs import logged
from mstar.tables import read_parquet
from mstar.vocabulary import read_vocabulary

with logged(snakemake.log[0]):
    words, counts = read_vocabulary(snakemake.input.vocabulary)
    sizes, settings = snakemake.params.sizes, snakemake.params.settings
    rows = []
    for size, pairs, asked in zip(
        sizes, snakemake.input.spectra, snakemake.input.answers, strict=True
    ):
        found, answers = spectrum.load(pairs), read_parquet(asked, "table of answers")
        rows += scaling.at_size(words[:size], counts[:size], found, answers, **settings)
    numbers = table(rows)
    fitted = settings["fit_from"], settings["modes"]
    save(draw(numbers, fitted), numbers, **dict(snakemake.output.items()))
