"""Figure 3b: benchmark scores."""


def benchmarked():
    """Evaluation files by model, size and seed: trained models at their size, svd(.) at both."""
    table = {
        f"{model} {DYNAMIC[0]} {DYNAMIC[1]}": trained(run, "evaluation.tsv")
        for model, run in trained_runs().items()
    }
    for size in SIZES:
        for run in CONFIG.factorisations:
            table[f"{run} {size[0]} {size[1]}"] = run_path(run, *size, "evaluation.tsv")
    return table


rule fig3b:
    """Analogies and similarities of trained and factorised embeddings."""
    input:
        evaluations=list(benchmarked().values()),
    output:
        png=report(
            "<results>/figures/{corpus}/fig3b.png",
            caption="../../report/fig3b.rst",
            category="Figures",
            labels={"figure": "Figure 3b"},
        ),
        pdf="<results>/figures/{corpus}/fig3b.pdf",
        csv="<results>/tables/{corpus}/fig3b.tsv",
    log:
        "<logs>/{corpus}/fig3b.log",
    benchmark:
        "<benchmarks>/{corpus}/fig3b.tsv"
    localrule: True
    conda:
        "../../../envs/plots.yaml"
    params:
        models=list(benchmarked()),
        code=code("fig3b"),
    script:
        "../../scripts/fig3b.py"
