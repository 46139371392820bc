"""Figure 6: the spike and the bulk of further analogy families."""


rule fig6:
    """Task vectors of further families in the eigenbasis of M*, at one rank d."""
    input:
        gram=static("task_vectors/gram.tsv"),
        fits=static("task_vectors/fits.tsv"),
        modes=static("task_vectors/modes.tsv"),
        curves=static("task_vectors/curves.tsv"),
    output:
        png=report(
            "<results>/figures/{corpus}/fig6.png",
            caption="../../report/fig6.rst",
            category="Figures",
            labels={"figure": "Figure 6"},
        ),
        pdf="<results>/figures/{corpus}/fig6.pdf",
        csv="<results>/figures/{corpus}/fig6.csv",
    log:
        "<logs>/{corpus}/fig6.log",
    benchmark:
        "<benchmarks>/{corpus}/fig6.tsv"
    localrule: True
    conda:
        "../../../envs/plots.yaml"
    resources:
        mem_mb=memory(reading_size),
        runtime=runtime(reading_size),
    params:
        settings=CONFIG.figures.fig6.model_dump(mode="json"),
        code=code("fig6"),
    script:
        "../../scripts/fig6.py"
