"""Draw the scaling figure."""

from mstar.corpus.vocabulary import read_vocabulary
from mstar.figures.drawing.style import save
from mstar.figures.scaling import draw, table
from mstar.files.tables import read_parquet
from mstar.prediction import vocabulary_size
from mstar.running.job import logged
from mstar.spectra import spectrum

with logged(snakemake.log[0]):
    words, counts = read_vocabulary(snakemake.input.vocabulary)
    sizes, settings = snakemake.params.sizes, snakemake.params.settings
    rows = []
    for size, pairs, asked in zip(
        sizes, snakemake.input.spectra, snakemake.input.answers, strict=True
    ):
        found, answers = spectrum.load(pairs), read_parquet(asked, "table of answers")
        rows += vocabulary_size.at_size(words[:size], counts[:size], found, answers, **settings)
    numbers = table(rows)
    fitted = settings["fit_from"], settings["modes"]
    save(draw(numbers, fitted), numbers, **dict(snakemake.output.items()))
