"""Predict what embeddings will learn from a text, from its counts and without training."""


rule decompose_leading:
    """Compute the leading eigenpairs of a target that the prediction needs."""
    input:
        counts="<shared>/{corpus}/v{V}-l{L}/cooccurrence.npz",
    output:
        spectrum="<results>/{corpus}/v{V}-l{L}/prediction/{target}.npz",
    log:
        "<logs>/{corpus}/v{V}-l{L}/prediction/decompose_{target}.log",
    benchmark:
        "<benchmarks>/{corpus}/v{V}-l{L}/prediction/decompose_{target}.tsv"
    conda:
        TORCH
    threads: CORES
    resources:
        gpu=STUDY.gpus,
        device=CONFIG.dynamics.device,
        mem_mb=ASK.memory(WORK.prediction),
        runtime=ASK.runtime(WORK.prediction),
        seconds=ASK.seconds(WORK.prediction),
        disk_mb=ASK.disk(WORK.prediction),
    params:
        rank=lambda wildcards: STUDY.leading_rank(wildcards.target, int(wildcards.V)),
        settings=lambda wildcards: STUDY.target_settings(wildcards.target),
        code=code("decompose"),
    script:
        "../scripts/decompose.py"


rule predict_features:
    """Predict features in order, of QWEM with their times, and curves of loss and analogies."""
    input:
        spectrum="<results>/{corpus}/v{V}-l{L}/prediction/mstar.npz",
        prop2="<results>/{corpus}/v{V}-l{L}/prediction/prop2.npz",
        vocabulary="<shared>/{corpus}/vocabulary.tsv",
        questions=RESULTS.followed(),
    output:
        features="<results>/{corpus}/v{V}-l{L}/prediction/features.tsv",
        word2vec="<results>/{corpus}/v{V}-l{L}/prediction/word2vec.tsv",
        curves="<results>/{corpus}/v{V}-l{L}/prediction/curves.tsv",
        categories="<results>/{corpus}/v{V}-l{L}/prediction/categories.tsv",
    log:
        "<logs>/{corpus}/v{V}-l{L}/prediction/predict_features.log",
    benchmark:
        "<benchmarks>/{corpus}/v{V}-l{L}/prediction/predict_features.tsv"
    conda:
        "../../envs/counting.yaml"
    resources:
        mem_mb=ASK.memory(WORK.prediction),
        runtime=ASK.runtime(WORK.prediction),
        seconds=ASK.seconds(WORK.read),
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
    """Measure which features both halves of the text share, split at random by document."""
    input:
        text=lambda wildcards: encoded(TEXT.files_of(wildcards.corpus)),
        vocabulary="<shared>/{corpus}/vocabulary.tsv",
        spectrum="<results>/{corpus}/v{V}-l{L}/prediction/mstar.npz",
    output:
        "<results>/{corpus}/v{V}-l{L}/prediction/reproducibility.tsv",
    log:
        "<logs>/{corpus}/v{V}-l{L}/prediction/compare_halves.log",
    benchmark:
        "<benchmarks>/{corpus}/v{V}-l{L}/prediction/compare_halves.tsv"
    conda:
        "../../envs/torch.yaml"
    threads: CORES
    resources:
        mem_mb=ASK.memory(WORK.prediction),
        runtime=ASK.runtime(WORK.prediction),
        seconds=ASK.seconds(WORK.prediction),
    params:
        settings=CONFIG.prediction.model_dump(mode="json", include={"compared", "seed"}),
        negative=CONFIG.negative,
        out_of_vocabulary=CONFIG.out_of_vocabulary,
        code=code("compare_halves"),
    script:
        "../scripts/compare_halves.py"


rule write_prediction:
    """Write the prediction page: features in order, analogy categories, reproducible features."""
    input:
        features=RESULTS.static("prediction/features.tsv"),
        word2vec=RESULTS.static("prediction/word2vec.tsv"),
        curves=RESULTS.static("prediction/curves.tsv"),
        categories=RESULTS.static("prediction/categories.tsv"),
        reproducibility=RESULTS.static("prediction/reproducibility.tsv"),
        picture="<results>/figures/{corpus}/prediction.png",
        corpus="<shared>/{corpus}/corpus.json",
        template=own("workflow/mstar/report/templates/prediction.html.j2"),
    output:
        page="<results>/report/{corpus}/prediction.html",
        recommended="<results>/tables/{corpus}/recommended.tsv",
    log:
        "<logs>/{corpus}/write_prediction.log",
    benchmark:
        "<benchmarks>/{corpus}/write_prediction.tsv"
    localrule: True
    conda:
        "../../envs/report.yaml"
    resources:
        mem_mb=ASK.memory(WORK.reading),
        runtime=ASK.runtime(WORK.reading),
        seconds=ASK.seconds(WORK.read),
    params:
        settings=STUDY.prediction,
        templates=templates("page.css"),
        code=code("write_prediction"),
    script:
        "../scripts/write_prediction.py"


rule score_prediction:
    """Compare learning times, subspaces and accuracy of trained runs with predictions from M*."""
    input:
        spectrum=RESULTS.dynamic("mstar/spectrum.npz"),
        vocabulary="<shared>/{corpus}/vocabulary.tsv",
        questions=RESULTS.followed(),
        embeddings=RESULTS.over_seeds("embedding.npz", *STUDY.scored),
        traces=RESULTS.over_seeds("trace.parquet", *STUDY.scored),
    output:
        scores="<results>/tables/{corpus}/prediction_scores.tsv",
        times="<results>/tables/{corpus}/learning_times.tsv",
    log:
        "<logs>/{corpus}/score_prediction.log",
    benchmark:
        "<benchmarks>/{corpus}/score_prediction.tsv"
    conda:
        "../../envs/counting.yaml"
    resources:
        mem_mb=ASK.memory(WORK.reading),
        runtime=ASK.runtime(WORK.reading),
        seconds=ASK.seconds(WORK.read),
    params:
        runs=STUDY.seeded(STUDY.scored),
        inits=STUDY.scored,
        seed=CONFIG.prediction.seed,
        code=code("score_prediction"),
    script:
        "../scripts/score_prediction.py"


rule predict_untied:
    """Predict what gensim's word2vec learns: directions of its input vectors, and of the sums."""
    input:
        text=lambda wildcards: encoded(TEXT.files_of(wildcards.corpus)),
        vocabulary="<shared>/{corpus}/vocabulary.tsv",
        counts="<shared>/{corpus}/v{V}-l{L}/cooccurrence.npz",
    output:
        "<results>/{corpus}/v{V}-l{L}/d{dim}/untied/embeddings.npz",
    log:
        "<logs>/{corpus}/v{V}-l{L}/d{dim}/predict_untied.log",
    benchmark:
        "<benchmarks>/{corpus}/v{V}-l{L}/d{dim}/predict_untied.tsv"
    conda:
        "../../envs/counting.yaml"
    resources:
        mem_mb=ASK.memory(WORK.untied),
        runtime=ASK.runtime(WORK.untied),
        seconds=ASK.seconds(WORK.untied),
    params:
        settings=STUDY.gensim(""),
        negative=CONFIG.negative,
        negatives=CONFIG.figures.word2vec.negatives,
        code=code("predict_untied"),
    script:
        "../scripts/predict_untied.py"


rule score_word2vec:
    """Compare word2vec, tied and as gensim trains it, with predictions and with a second run."""
    input:
        mstar=RESULTS.dynamic("prediction/mstar.npz"),
        prop2=RESULTS.dynamic("prediction/prop2.npz"),
        untied=RESULTS.untied("embeddings.npz"),
        vocabulary="<shared>/{corpus}/vocabulary.tsv",
        questions=RESULTS.followed(),
        embeddings=RESULTS.word2vec("embedding.npz"),
        traces=RESULTS.word2vec("trace.parquet"),
        second_embeddings=RESULTS.word2vec("embedding.npz", second=True),
        second_traces=RESULTS.word2vec("trace.parquet", second=True),
        recursion_embeddings=RESULTS.word2vec_recursions("embedding.npz").values(),
        recursion_traces=RESULTS.word2vec_recursions("trace.parquet").values(),
    output:
        "<results>/tables/{corpus}/word2vec_scores.tsv",
    log:
        "<logs>/{corpus}/score_word2vec.log",
    benchmark:
        "<benchmarks>/{corpus}/score_word2vec.tsv"
    conda:
        "../../envs/counting.yaml"
    resources:
        mem_mb=ASK.memory(WORK.reading),
        runtime=ASK.runtime(WORK.reading),
        seconds=ASK.seconds(WORK.read),
    params:
        models=RESULTS.word2vec_models(),
        recursions=list(RESULTS.word2vec_recursions("")),
        inits={run: STUDY.runs[run].init for run in CONFIG.figures.word2vec.runs},
        dim=STUDY.dynamic[1],
        code=code("score_word2vec"),
    script:
        "../scripts/score_word2vec.py"


rule predict:
    """Predict what embeddings will learn from this text: tables, a picture and a page."""
    input:
        RESULTS.page("prediction.html"),


rule follow_gensim:
    """Predict what gensim's word2vec learns in which epoch: features, strengths and analogies."""
    input:
        text=lambda wildcards: encoded(TEXT.files_of(wildcards.corpus)),
        vocabulary="<shared>/{corpus}/vocabulary.tsv",
        questions=RESULTS.followed(),
    output:
        features="<results>/{corpus}/v{V}-l{L}/d{dim}/untied/features.tsv",
        curves="<results>/{corpus}/v{V}-l{L}/d{dim}/untied/curves.tsv",
    log:
        "<logs>/{corpus}/v{V}-l{L}/d{dim}/follow_gensim.log",
    benchmark:
        "<benchmarks>/{corpus}/v{V}-l{L}/d{dim}/follow_gensim.tsv"
    conda:
        TORCH
    threads: CORES
    resources:
        gpu=STUDY.gpus,
        device=CONFIG.dynamics.device,
        mem_mb=ASK.memory(WORK.training),
        runtime=ASK.runtime(WORK.training),
        seconds=ASK.seconds(WORK.training),
        disk_mb=ASK.disk(WORK.training),
    params:
        gensim=STUDY.gensim(""),
        settings=STUDY.gensim_flow,
        code=code("follow_gensim"),
    script:
        "../scripts/follow_gensim.py"


rule write_gensim_epochs:
    """Write the page of what gensim's word2vec will learn from this text, epoch by epoch."""
    input:
        features=RESULTS.untied("features.tsv"),
        curves=RESULTS.untied("curves.tsv"),
        picture="<results>/figures/{corpus}/gensim_epochs.png",
        corpus="<shared>/{corpus}/corpus.json",
        template=own("workflow/mstar/report/templates/gensim_epochs.html.j2"),
    output:
        "<results>/report/{corpus}/gensim_epochs.html",
    log:
        "<logs>/{corpus}/write_gensim_epochs.log",
    benchmark:
        "<benchmarks>/{corpus}/write_gensim_epochs.tsv"
    localrule: True
    conda:
        "../../envs/report.yaml"
    resources:
        mem_mb=ASK.memory(WORK.reading),
        runtime=ASK.runtime(WORK.reading),
        seconds=ASK.seconds(WORK.read),
    params:
        settings=STUDY.of_gensim,
        templates=templates("page.css"),
        code=code("write_gensim_epochs"),
    script:
        "../scripts/write_gensim_epochs.py"


rule predict_gensim:
    """Predict what gensim's word2vec learns from this text, and in which epoch: tables, a page."""
    input:
        RESULTS.page("gensim_epochs.html"),
