"""Write the report."""

from pathlib import Path

from mstar.files.writing import atomic
from mstar.report import page as report_page
from mstar.report.job_costs import cost_table
from mstar.running.job import logged

with logged(snakemake.log[0]):
    logs = Path(snakemake.log[0]).parents[1]
    measured = Path(snakemake.output[0]).parents[2] / "costs"
    given = snakemake.params
    page = report_page.from_files(
        dict(snakemake.input.items()),
        given.figures,
        given.config,
        given.links,
        cost_table(measured, logs, snakemake.wildcards.corpus, set(given.folders)),
        Path(snakemake.output[0]).parent,
    )
    with atomic(snakemake.output[0]) as temporary:
        temporary.write_text(page, encoding="utf-8")
