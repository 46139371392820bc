"""Compute the leading eigenpairs of M* of a text with its words shuffled."""

from mstar.corpus.encoded_text import open_text
from mstar.counts import targets
from mstar.counts.counting import count
from mstar.counts.surrogates import shuffled
from mstar.machine import devices
from mstar.running.job import logged
from mstar.spectra import spectrum
from mstar.spectra.decomposition import decompose, demand

size, given = int(snakemake.wildcards.V), snakemake.params
needed = demand(size, given.rank)
with logged(snakemake.log[0]), devices.held(snakemake.resources.device, needed) as device:
    text = open_text(snakemake.input.text, size, check=True)
    counts = count(
        shuffled(text.tokens(), given.seed),
        text.offsets,
        size,
        int(snakemake.wildcards.L),
        given.out_of_vocabulary,
        snakemake.threads,
        text.types,
    )
    found = decompose(
        "mstar",
        targets.probabilities(counts),
        given.rank,
        given.negative,
        threads=snakemake.threads,
        progress=print,
        device=device,
    )
    spectrum.save(snakemake.output.spectrum, found)
