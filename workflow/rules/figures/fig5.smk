"""Figure 5: which features two models share."""


rule fig5:
    """Overlaps of the leading directions of word2vec with those of QWEM and of svd(PPMI)."""
    input:
        word2vec=trained(CONFIG.figures.fig1.word2vec, "embedding.npz"),
        qwem=trained(CONFIG.figures.fig1.qwem, "embedding.npz"),
        ppmi=trained("svd_ppmi", "embedding.npz"),
    output:
        png=report(
            "<results>/figures/{corpus}/fig5.png",
            caption="../../report/fig5.rst",
            category="Figures",
            labels={"figure": "Figure 5"},
        ),
        pdf="<results>/figures/{corpus}/fig5.pdf",
        csv="<results>/figures/{corpus}/fig5.csv",
    log:
        "<logs>/{corpus}/fig5.log",
    benchmark:
        "<benchmarks>/{corpus}/fig5.tsv"
    localrule: True
    conda:
        "../../../envs/plots.yaml"
    resources:
        mem_mb=memory(reading_size),
        runtime=runtime(reading_size),
    params:
        settings=CONFIG.figures.fig5.model_dump(mode="json"),
        code=code("fig5"),
    script:
        "../../scripts/fig5.py"
