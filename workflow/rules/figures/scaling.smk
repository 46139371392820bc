"""What changes with the size of the vocabulary."""


rule scaling:
    """Accuracy, spectrum and leading modes of M* against the size of the vocabulary."""
    input:
        spectra=at_sizes("mstar/spectrum.npz"),
        answers=at_sizes(f"d{CONFIG.dim}/svd_mstar/seed0/answers.parquet"),
        vocabulary="<results>/{corpus}/vocabulary.tsv",
    output:
        png=report(
            "<results>/figures/{corpus}/scaling.png",
            caption="../../report/scaling.rst",
            category="Figures",
            labels={"figure": "Scaling"},
        ),
        pdf="<results>/figures/{corpus}/scaling.pdf",
        csv="<results>/figures/{corpus}/scaling.csv",
    log:
        "<logs>/{corpus}/scaling.log",
    benchmark:
        "<benchmarks>/{corpus}/scaling.tsv"
    conda:
        "../../../envs/plots.yaml"
    resources:
        mem_mb=memory(reading_size),
        runtime=runtime(reading_size),
    params:
        sizes=list(CONFIG.figures.scaling.vocabularies),
        settings={
            "among": CONFIG.figures.scaling.among,
            "window": CONFIG.window,
            "negative": CONFIG.negative,
            "fit_from": CONFIG.figures.spectra.fit_from,
            "modes": CONFIG.figures.spectra.modes,
        },
        code=code("scaling"),
    script:
        "../../scripts/scaling.py"
