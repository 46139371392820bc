"""Draw the spectra of the three targets."""

from mstar.figures import spectra
from mstar.figures.drawing.style import save
from mstar.running.job import logged
from mstar.spectra.spectrum import load_eigenvalues

with logged(snakemake.log[0]):
    targets = {name: load_eigenvalues(snakemake.input[name]) for name in spectra.TARGETS}
    table = spectra.table(targets, **snakemake.params.settings)
    save(spectra.draw(table), table, **dict(snakemake.output.items()))
