"""Figure 3b: benchmark scores."""


rule fig3b:
    """Analogies and similarities of trained and factorised embeddings."""
    input:
        evaluations=list(benchmarked(every_seed=True).values()),
        comparisons="<results>/tables/{corpus}/comparisons.tsv",
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
    resources:
        mem_mb=memory(reading_size),
        runtime=runtime(reading_size),
    params:
        models=list(benchmarked(every_seed=True)),
        code=code("fig3b"),
    script:
        "../../scripts/fig3b.py"
