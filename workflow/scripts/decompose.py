"""Compute the leading eigenpairs of a target from counts."""

from mstar.counts import cooccurrence, targets
from mstar.files.tables import read_table
from mstar.machine import devices
from mstar.running.job import logged
from mstar.spectra import spectrum
from mstar.spectra.decomposition import decompose, demand

needed = demand(int(snakemake.wildcards.V), snakemake.params.rank)
with logged(snakemake.log[0]), devices.held(snakemake.resources.device, needed) as device:
    settings = dict(snakemake.params.settings)
    for path in snakemake.input.get("kappa", []):
        table = read_table(path).set_index("chosen")
        settings["kappa"] = float(table.loc[1, "kappa"])
        print(f"kappa = {settings['kappa']:g}")
    found = decompose(
        snakemake.wildcards.target,
        targets.probabilities(cooccurrence.load(snakemake.input.counts)),
        snakemake.params.rank,
        threads=snakemake.threads,
        progress=print,
        device=device,
        **settings,
    )
    spectrum.save(snakemake.output.spectrum, found)
