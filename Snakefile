"""Reproduce every figure of "What does word2vec learn?" (arXiv 2502.09863) from raw text."""

import sys

from snakemake.utils import min_version

min_version("9.20")

# Makes the package in workflow/ importable by the Snakefile, rules and scripts.
ROOT = str(workflow.current_basedir)  # correct also if another workflow uses this one as a module
sys.path.insert(0, f"{ROOT}/workflow")


configfile: "config/config.yaml"


# Benchmark files hold the costs of jobs.
pathvars:
    benchmarks="<results>/costs",


report: "workflow/report/workflow.rst"


include: "workflow/rules/common.smk"
include: "workflow/rules/cluster.smk"
include: "workflow/rules/fetch.smk"
include: "workflow/rules/corpus.smk"
include: "workflow/rules/counts.smk"
include: "workflow/rules/spectra.smk"
include: "workflow/rules/training.smk"
include: "workflow/rules/evaluation.smk"
include: "workflow/rules/prediction.smk"
include: "workflow/rules/comparison.smk"
include: "workflow/rules/claims.smk"
include: "workflow/rules/size.smk"
include: "workflow/rules/figures.smk"
include: "workflow/rules/report.smk"


rule all:
    """Make all figures, the comparison with theory, the report, extras and summaries."""
    default_target: True
    input:
        [RESULTS.picture(figure) for figure in RESULTS.shown()],
        RESULTS.table("agreement.tsv"),
        RESULTS.page("report.html"),
        RESULTS.extras(),
        RESULTS.summaries(),
