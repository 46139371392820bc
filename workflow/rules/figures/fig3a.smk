"""Figure 3a: what the learned directions mean."""


rule fig3a:
    """Words nearest to principal components of word2vec, QWEM and svd(PPMI)."""
    input:
        word2vec=trained(CONFIG.figures.fig1.word2vec, "embedding.npz"),
        qwem=trained(CONFIG.figures.fig1.qwem, "embedding.npz"),
        ppmi=trained("svd_ppmi", "embedding.npz"),
        vocabulary="<results>/{corpus}/vocabulary.tsv",
    output:
        png=report(
            "<results>/figures/{corpus}/fig3a.png",
            caption="../../report/fig3a.rst",
            category="Figures",
            labels={"figure": "Figure 3a"},
        ),
        pdf="<results>/figures/{corpus}/fig3a.pdf",
        csv="<results>/figures/{corpus}/fig3a.csv",
    log:
        "<logs>/{corpus}/fig3a.log",
    benchmark:
        "<benchmarks>/{corpus}/fig3a.tsv"
    localrule: True
    conda:
        "../../../envs/plots.yaml"
    resources:
        mem_mb=memory(reading_size),
        runtime=runtime(reading_size),
    params:
        settings=CONFIG.figures.fig3a.model_dump(mode="json"),
        code=code("fig3a"),
    script:
        "../../scripts/fig3a.py"
