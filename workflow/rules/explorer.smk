"""The explorer page: every feature, every word, and the time at which each is learned."""


rule explorer:
    """One HTML page on which features, words and learning times can be looked up, offline."""
    input:
        spectrum=static("mstar/spectrum.npz"),
        vocabulary="<results>/{corpus}/vocabulary.tsv",
    output:
        "<results>/report/{corpus}/explorer.html",
    log:
        "<logs>/{corpus}/explorer.log",
    benchmark:
        "<benchmarks>/{corpus}/explorer.tsv"
    localrule: True
    conda:
        "../../envs/report.yaml"
    resources:
        mem_mb=memory(reading_size),
        runtime=runtime(reading_size),
    params:
        settings={
            "init": CONFIG.dynamics.runs[CONFIG.figures.fig1.theory].init,
            "dim": CONFIG.dim,
            "modes": CONFIG.figures.explorer.modes,
            "drawn": CONFIG.figures.explorer.words,
            "known": prediction_rank(),
            **CONFIG.prediction.model_dump(mode="json", include={"learning_rate", "drops"}),
            "negative": CONFIG.negative,
        },
        about={"corpus": CORPUS.name, "window": CONFIG.window},
        templates=templates("explorer.html.j2", "explorer.css", "explorer_model.js", "explorer.js"),
        code=code("explorer"),
    script:
        "../scripts/explorer.py"
