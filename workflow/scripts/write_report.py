"""One page that a reader opens."""

from pathlib import Path

from mstar import report_page
from mstar.costs import cost_table
from mstar.files import atomic
from mstar.jobs import logged

with logged(snakemake.log[0]):
    logs = Path(snakemake.log[0]).parents[1]
    measured = Path(snakemake.output[0]).parents[2] / "benchmarks"
    given = snakemake.params
    page = report_page.from_files(
        dict(snakemake.input.items()),
        given.figures,
        given.config,
        given.links,
        cost_table(measured, logs, snakemake.wildcards.corpus),
    )
    with atomic(snakemake.output[0]) as temporary:
        temporary.write_text(page, encoding="utf-8")
