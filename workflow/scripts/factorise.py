"""Leading eigenpairs to an embedding."""

from mstar import spectrum
from mstar.factorisation import factorisation
from mstar.jobs import logged
from mstar.questions import accuracy_of
from mstar.record import save
from mstar.vocabulary import read_vocabulary

with logged(snakemake.log[0]):
    words = read_vocabulary(snakemake.input.vocabulary)[0][: int(snakemake.wildcards.V)]
    result = factorisation(
        spectrum.load(snakemake.input.spectrum),
        int(snakemake.wildcards.dim),
        accuracy_of(snakemake.input.google, words),
    )
    save(result, snakemake.output.embedding, snakemake.output.trace)
