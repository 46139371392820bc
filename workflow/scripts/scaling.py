"""Draw the scaling figure."""

from mstar.figures import inputs, scaling
from mstar.figures.drawing.style import make, save
from mstar.running.job import logged

with logged(snakemake.log[0]):
    files = snakemake.input
    given = {
        "spectra": inputs.load(inputs.SPECTRA, files["spectra"]),
        "answers": inputs.load(inputs.ANSWERS, files["answers"]),
        "vocabulary": inputs.load(inputs.VOCABULARY, files["vocabulary"]),
    }
    figure, table = make(
        scaling, given, {"sizes": snakemake.params.sizes, **snakemake.params.settings}
    )
    save(figure, table, **dict(snakemake.output.items()))
