"""Leading eigenpairs to an embedding."""

from mstar import closed_form, spectrum
from mstar.jobs import logged
from mstar.questions import accuracy_of
from mstar.record import save
from mstar.vocabulary import read_vocabulary

with logged(snakemake.log[0]):
    words = read_vocabulary(snakemake.input.vocabulary)[0][: int(snakemake.wildcards.V)]
    result = closed_form.factorisation(
        spectrum.load(snakemake.input.spectrum),
        int(snakemake.wildcards.dim),
        accuracy_of(snakemake.input.google, words),
    )
    save(result, snakemake.output.embedding, snakemake.output.trace)
