"""Figure 7: quartic loss and Setting 3.1, each alone and together."""


rule fig7:
    """Singular values and accuracy of SGNS, with the quartic loss, with Setting 3.1 and with both."""
    input:
        sgns_traces=over_seeds("trace.parquet", CONFIG.figures.fig7.sgns),
        sgns_scores=over_seeds("evaluation.tsv", CONFIG.figures.fig7.sgns),
        quartic_traces=over_seeds("trace.parquet", CONFIG.figures.fig7.quartic),
        quartic_scores=over_seeds("evaluation.tsv", CONFIG.figures.fig7.quartic),
        setting31_traces=over_seeds("trace.parquet", CONFIG.figures.fig7.setting31),
        setting31_scores=over_seeds("evaluation.tsv", CONFIG.figures.fig7.setting31),
        qwem_traces=over_seeds("trace.parquet", CONFIG.figures.fig7.qwem),
        qwem_scores=over_seeds("evaluation.tsv", CONFIG.figures.fig7.qwem),
    output:
        png=report(
            "<results>/figures/{corpus}/fig7.png",
            caption="../../report/fig7.rst",
            category="Figures",
            labels={"figure": "Figure 7"},
        ),
        pdf="<results>/figures/{corpus}/fig7.pdf",
        csv="<results>/figures/{corpus}/fig7.csv",
    log:
        "<logs>/{corpus}/fig7.log",
    benchmark:
        "<benchmarks>/{corpus}/fig7.tsv"
    localrule: True
    conda:
        "../../../envs/plots.yaml"
    resources:
        mem_mb=memory(reading_size),
        runtime=runtime(reading_size),
    params:
        negative=fig7_negative(),
        code=code("fig7"),
    script:
        "../../scripts/fig7.py"
