"""Record the provenance of the results."""

import json
from pathlib import Path

from mstar.report.job_costs import cost_table
from mstar.report.provenance import disk_use, gather, write
from mstar.running.job import logged

with logged(snakemake.log[0]):
    corpus = snakemake.wildcards.corpus
    logs, results = Path(snakemake.log[0]).parents[1], Path(snakemake.output[0]).parents[2]
    resources = Path(snakemake.input.google).parents[1]
    record = gather(
        json.loads(Path(snakemake.input.corpus).read_text(encoding="utf-8")),
        snakemake.params.config,
        [*snakemake.input.text, *snakemake.input.benchmarks],
        Path(snakemake.input.requirements).read_text(encoding="utf-8"),
        cost_table(results / "costs", logs, corpus, set(snakemake.params.folders)),
        disk_use(results, resources, corpus, snakemake.params.config["setting"]),
    )
    write(snakemake.output[0], record)
