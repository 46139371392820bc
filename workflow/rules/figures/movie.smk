"""The learning movie."""


rule movie:
    """Loss, singular values and latent space of QWEM and word2vec as they learn, and one frame."""
    input:
        qwem=trained(movie_runs()["qwem"], "embedding.npz"),
        qwem_trace=trained(movie_runs()["qwem"], "trace.parquet"),
        word2vec=trained(movie_runs()["word2vec"], "embedding.npz"),
        word2vec_trace=trained(movie_runs()["word2vec"], "trace.parquet"),
        vocabulary="<results>/{corpus}/vocabulary.tsv",
    output:
        gif=report(
            "<results>/figures/{corpus}/movie.gif",
            caption="../../report/movie.rst",
            category="Figures",
            labels={"figure": "Movie"},
        ),
        png="<results>/figures/{corpus}/movie.png",
        csv="<results>/figures/{corpus}/movie.csv",
    log:
        "<logs>/{corpus}/movie.log",
    benchmark:
        "<benchmarks>/{corpus}/movie.tsv"
    conda:
        "../../../envs/plots.yaml"
    resources:
        mem_mb=memory(reading_size),
        runtime=runtime(reading_size),
    params:
        settings=CONFIG.figures.movie.model_dump(mode="json"),
        modes=CONFIG.figures.fig1.modes,
        code=code("movie"),
    script:
        "../../scripts/movie.py"
