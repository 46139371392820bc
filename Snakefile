"""Every figure of "What does word2vec learn?" (arXiv 2502.09863), from raw text."""

import sys

from snakemake.utils import min_version

min_version("9.20")

# The package stands beside the rules; Snakefile, rules and scripts all find it from here.
ROOT = str(workflow.current_basedir)  # also where another workflow uses this one as a module
sys.path.insert(0, f"{ROOT}/workflow")


configfile: "config/config.yaml"


# What each job took.
pathvars:
    benchmarks="<results>/costs",


report: "workflow/report/workflow.rst"


include: "workflow/rules/common.smk"
include: "workflow/rules/functions.smk"
include: "workflow/rules/fetch.smk"
include: "workflow/rules/corpus.smk"
include: "workflow/rules/counts.smk"
include: "workflow/rules/spectrum.smk"
include: "workflow/rules/dynamics.smk"
include: "workflow/rules/sampled.smk"
include: "workflow/rules/noise.smk"
include: "workflow/rules/evaluate.smk"
include: "workflow/rules/word2vec.smk"
include: "workflow/rules/figures.smk"
include: "workflow/rules/pages.smk"
include: "workflow/rules/explorer.smk"
include: "workflow/rules/predict.smk"
include: "workflow/rules/claims.smk"
include: "workflow/rules/report.smk"


rule all:
    """Every figure, the agreement with theory, and the summary that two machines compare."""
    default_target: True
    input:
        expand("<results>/figures/{corpus}/{figure}.png", corpus=CORPUS.name, figure=FIGURES),
        f"<results>/tables/{CORPUS.name}/agreement.tsv",
        f"<results>/report/{CORPUS.name}/report.html",
        extra_files(),
        summaries(),
