"""Figure 2: from word2vec to theory."""


rule fig2:
    """All singular values of word2vec, QWEM and theory, from large and small weights."""
    input:
        large_word2vec=over_seeds("trace.parquet", CONFIG.figures.fig2.large.word2vec),
        large_qwem=over_seeds("trace.parquet", CONFIG.figures.fig2.large.qwem),
        large_theory=over_seeds("trace.parquet", CONFIG.figures.fig2.large.theory),
        small_word2vec=over_seeds("trace.parquet", CONFIG.figures.fig2.small.word2vec),
        small_qwem=over_seeds("trace.parquet", CONFIG.figures.fig2.small.qwem),
        small_theory=over_seeds("trace.parquet", CONFIG.figures.fig2.small.theory),
    output:
        png=report(
            "<results>/figures/{corpus}/fig2.png",
            caption="../../report/fig2.rst",
            category="Figures",
            labels={"figure": "Figure 2"},
        ),
        pdf="<results>/figures/{corpus}/fig2.pdf",
        csv="<results>/figures/{corpus}/fig2.csv",
    log:
        "<logs>/{corpus}/fig2.log",
    benchmark:
        "<benchmarks>/{corpus}/fig2.tsv"
    localrule: True
    conda:
        "../../../envs/plots.yaml"
    resources:
        mem_mb=memory(reading_size),
        runtime=runtime(reading_size),
    params:
        settings=CONFIG.figures.fig2.model_dump(mode="json"),
        inits=fig2_inits(),
        span=fig2_span(),
        code=code("fig2"),
    script:
        "../../scripts/fig2.py"
