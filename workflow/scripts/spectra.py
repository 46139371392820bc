"""Draw the spectra of the three targets."""

from mstar.figures import inputs, spectra
from mstar.figures.drawing.style import make, save
from mstar.running.job import logged

with logged(snakemake.log[0]):
    files = snakemake.input
    given = {
        "mstar": inputs.load(inputs.EIGENVALUES, files["mstar"]),
        "pmi": inputs.load(inputs.EIGENVALUES, files["pmi"]),
        "ppmi": inputs.load(inputs.EIGENVALUES, files["ppmi"]),
    }
    figure, table = make(spectra, given, snakemake.params.settings)
    save(figure, table, **dict(snakemake.output.items()))
