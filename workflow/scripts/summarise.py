"""Summarise results in one small file, for comparison between machines."""

from mstar.report.summary import summarise, write
from mstar.running.job import logged

with logged(snakemake.log[0]):
    given = dict(snakemake.input.items())
    scored = zip(snakemake.params.dims, given.pop("evaluations"), strict=True)
    evaluations: dict[str, list[str]] = {}
    for dim, path in scored:
        evaluations.setdefault(f"d{dim}", []).append(path)
    write(
        summarise(evaluations=evaluations, **given, **snakemake.params.settings),
        snakemake.output[0],
    )
