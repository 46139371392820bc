"""Figure 1: loss, singular values and latent space over time."""


rule fig1:
    """Loss, singular values and latent space of QWEM and word2vec from small weights."""
    input:
        qwem=trained(CONFIG.figures.fig1.qwem, "embedding.npz"),
        qwem_traces=over_seeds("trace.parquet", CONFIG.figures.fig1.qwem),
        word2vec=trained(CONFIG.figures.fig1.word2vec, "embedding.npz"),
        word2vec_traces=over_seeds("trace.parquet", CONFIG.figures.fig1.word2vec),
        theory=trained(CONFIG.figures.fig1.theory, "trace.parquet"),
        vocabulary="<results>/{corpus}/vocabulary.tsv",
    output:
        png=report(
            "<results>/figures/{corpus}/fig1.png",
            caption="../../report/fig1.rst",
            category="Figures",
            labels={"figure": "Figure 1"},
        ),
        pdf="<results>/figures/{corpus}/fig1.pdf",
        csv="<results>/figures/{corpus}/fig1.csv",
    log:
        "<logs>/{corpus}/fig1.log",
    benchmark:
        "<benchmarks>/{corpus}/fig1.tsv"
    localrule: True
    conda:
        "../../../envs/plots.yaml"
    resources:
        mem_mb=memory(reading_size),
        runtime=runtime(reading_size),
    params:
        settings=CONFIG.figures.fig1.model_dump(mode="json"),
        code=code("fig1"),
    script:
        "../../scripts/fig1.py"
