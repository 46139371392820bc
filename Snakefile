"""Every figure of "What does word2vec learn?" (arXiv 2502.09863), from raw text."""

import sys

from snakemake.utils import min_version

min_version("9.20")

# The package stands beside the rules; Snakefile, rules and scripts all find it from here.
sys.path.insert(0, f"{workflow.basedir}/workflow")


configfile: "config/config.yaml"


report: "workflow/report/workflow.rst"


include: "workflow/rules/common.smk"
include: "workflow/rules/runs.smk"
include: "workflow/rules/inputs.smk"
include: "workflow/rules/corpus.smk"
include: "workflow/rules/counts.smk"
include: "workflow/rules/spectrum.smk"
include: "workflow/rules/dynamics.smk"
include: "workflow/rules/evaluate.smk"
include: "workflow/rules/figures/fig1.smk"
include: "workflow/rules/figures/fig2.smk"
include: "workflow/rules/figures/fig3a.smk"
include: "workflow/rules/figures/fig3b.smk"
include: "workflow/rules/figures/fig4.smk"
include: "workflow/rules/figures/fig7.smk"
include: "workflow/rules/figures/movie.smk"


rule all:
    """Figures, extras, the agreement with theory, and the summary that two machines compare."""
    default_target: True
    input:
        expand("<results>/figures/{corpus}/{figure}.png", corpus=CORPUS.name, figure=FIGURES),
        extras,
        f"<results>/tables/{CORPUS.name}/agreement.tsv",
        every_seed(),
        expand(
            f"<results>/{CORPUS.name}/v{{V}}-l{CONFIG.window}/summary.json",
            V=sorted({V for V, _ in SIZES}),
        ),


rule fetch_all:
    """Download everything that needs a network, for machines whose compute nodes have none."""
    input:
        corpus_files,
