"""The prediction as a picture and as a page."""


rule prediction:
    """Predicted singular values, loss and analogies over time and d, and what halves share."""
    input:
        curves=predicted("curves.tsv"),
        reproducibility=predicted("reproducibility.tsv"),
    output:
        png="<results>/figures/{corpus}/prediction.png",
        pdf="<results>/figures/{corpus}/prediction.pdf",
        csv="<results>/figures/{corpus}/prediction.csv",
    log:
        "<logs>/{corpus}/prediction.log",
    benchmark:
        "<benchmarks>/{corpus}/prediction.tsv"
    localrule: True
    conda:
        "../../envs/plots.yaml"
    resources:
        mem_mb=memory(reading_size),
        runtime=runtime(reading_size),
    params:
        code=code("prediction"),
    script:
        "../scripts/prediction.py"


rule write_prediction:
    """The prediction on one page: features in order, categories of analogies, what is reproducible."""
    input:
        features=predicted("features.tsv"),
        curves=predicted("curves.tsv"),
        categories=predicted("categories.tsv"),
        reproducibility=predicted("reproducibility.tsv"),
        picture="<results>/figures/{corpus}/prediction.png",
        corpus="<results>/{corpus}/corpus.json",
        template=own("workflow/report/prediction.html.j2"),
    output:
        "<results>/report/{corpus}/prediction.html",
    log:
        "<logs>/{corpus}/write_prediction.log",
    benchmark:
        "<benchmarks>/{corpus}/write_prediction.tsv"
    localrule: True
    conda:
        "../../envs/report.yaml"
    resources:
        mem_mb=memory(reading_size),
        runtime=runtime(reading_size),
    params:
        settings={
            "vocabulary": CONFIG.vocabulary,
            "window": CONFIG.window,
            "dim": CONFIG.dim,
            "negative": CONFIG.negative,
            **CONFIG.prediction.model_dump(mode="json"),
        },
        code=code("write_prediction"),
    script:
        "../scripts/write_prediction.py"


include: "prediction_scores.smk"


rule predict:
    """What embeddings will learn from this text, without training: tables, a picture, a page."""
    input:
        f"<results>/report/{CORPUS.name}/prediction.html",
