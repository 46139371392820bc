"""Figure 4: how analogies become linear."""


rule fig4:
    """Task vectors of analogy families in the eigenbasis of M*, against the rank d."""
    input:
        gram=static("task_vectors/gram.tsv"),
        fits=static("task_vectors/fits.tsv"),
        modes=static("task_vectors/modes.tsv"),
        curves=static("task_vectors/curves.tsv"),
    output:
        png=report(
            "<results>/figures/{corpus}/fig4.png",
            caption="../../report/fig4.rst",
            category="Figures",
            labels={"figure": "Figure 4"},
        ),
        pdf="<results>/figures/{corpus}/fig4.pdf",
        csv="<results>/figures/{corpus}/fig4.csv",
    log:
        "<logs>/{corpus}/fig4.log",
    benchmark:
        "<benchmarks>/{corpus}/fig4.tsv"
    localrule: True
    conda:
        "../../../envs/plots.yaml"
    resources:
        mem_mb=memory(reading_size),
        runtime=runtime(reading_size),
    params:
        settings=CONFIG.figures.fig4.below(CONFIG.vocabulary).model_dump(mode="json"),
        code=code("fig4"),
    script:
        "../../scripts/fig4.py"
