"""Figure 8: graded measures of linear structure."""


rule fig8:
    """How near the query of an analogy comes to its answer, against the rank d."""
    input:
        curves=static("task_vectors/curves.tsv"),
    output:
        png=report(
            "<results>/figures/{corpus}/fig8.png",
            caption="../../report/fig8.rst",
            category="Figures",
            labels={"figure": "Figure 8"},
        ),
        pdf="<results>/figures/{corpus}/fig8.pdf",
        csv="<results>/figures/{corpus}/fig8.csv",
    log:
        "<logs>/{corpus}/fig8.log",
    benchmark:
        "<benchmarks>/{corpus}/fig8.tsv"
    localrule: True
    conda:
        "../../../envs/plots.yaml"
    resources:
        mem_mb=memory(reading_size),
        runtime=runtime(reading_size),
    params:
        settings=CONFIG.figures.fig4.below(CONFIG.vocabulary).model_dump(mode="json"),
        code=code("fig8"),
    script:
        "../../scripts/fig8.py"
