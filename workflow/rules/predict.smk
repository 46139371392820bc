"""What embeddings will learn from a text, predicted from its counts, without training."""


rule decompose_leading:
    """The leading eigenpairs of a target, as many as the prediction looks at."""
    input:
        counts="<results>/{corpus}/v{V}-l{L}/cooccurrence.npz",
    output:
        spectrum="<results>/{corpus}/v{V}-l{L}/prediction/{target}.npz",
    log:
        "<logs>/{corpus}/v{V}-l{L}/prediction/decompose_{target}.log",
    benchmark:
        "<benchmarks>/{corpus}/v{V}-l{L}/prediction/decompose_{target}.tsv"
    conda:
        torch_env()
    threads: share_of_cores(1)
    resources:
        gpu=cards,
        device=CONFIG.dynamics.device,
        mem_mb=memory(prediction_size),
        runtime=runtime(prediction_size),
        disk_mb=disk(prediction_size),
    params:
        rank=prediction_rank(),
        settings=target_settings,
        code=code("decompose"),
    script:
        "../scripts/decompose.py"


rule predict_features:
    """Which features will be learned, in which order and when, and how loss and analogies follow."""
    input:
        spectrum="<results>/{corpus}/v{V}-l{L}/prediction/mstar.npz",
        vocabulary="<results>/{corpus}/vocabulary.tsv",
        google="<resources>/benchmarks/questions-words.txt",
    output:
        features="<results>/{corpus}/v{V}-l{L}/prediction/features.tsv",
        curves="<results>/{corpus}/v{V}-l{L}/prediction/curves.tsv",
        categories="<results>/{corpus}/v{V}-l{L}/prediction/categories.tsv",
    log:
        "<logs>/{corpus}/v{V}-l{L}/prediction/predict_features.log",
    benchmark:
        "<benchmarks>/{corpus}/v{V}-l{L}/prediction/predict_features.tsv"
    conda:
        "../../envs/counting.yaml"
    resources:
        mem_mb=memory(prediction_size),
        runtime=runtime(prediction_size),
    params:
        settings=CONFIG.prediction.model_dump(
            mode="json", include={"init", "learning_rate", "drops", "points", "words", "seed"}
        ),
        dim=CONFIG.dim,
        negative=CONFIG.negative,
        code=code("predict_features"),
    script:
        "../scripts/predict_features.py"


rule compare_halves:
    """Which of these features both halves of the text have, split at random by document."""
    input:
        tokens="<results>/{corpus}/tokens.npy",
        documents="<results>/{corpus}/documents.npy",
        vocabulary="<results>/{corpus}/vocabulary.tsv",
        spectrum="<results>/{corpus}/v{V}-l{L}/prediction/mstar.npz",
    output:
        "<results>/{corpus}/v{V}-l{L}/prediction/reproducibility.tsv",
    log:
        "<logs>/{corpus}/v{V}-l{L}/prediction/compare_halves.log",
    benchmark:
        "<benchmarks>/{corpus}/v{V}-l{L}/prediction/compare_halves.tsv"
    conda:
        "../../envs/torch.yaml"
    threads: share_of_cores(1)
    resources:
        mem_mb=memory(prediction_size),
        runtime=runtime(prediction_size),
    params:
        settings=CONFIG.prediction.model_dump(mode="json", include={"compared", "seed"}),
        negative=CONFIG.negative,
        out_of_vocabulary=CONFIG.out_of_vocabulary,
        code=code("compare_halves"),
    script:
        "../scripts/compare_halves.py"


include: "prediction_page.smk"
