"""Check the claims of the paper, and of this project, on the results."""


rule check_claims:
    """Measure every claim on the results, and determine which are reproduced."""
    input:
        claims=own("config/claims.yaml"),
        authors=own("config/authors_training_curves.tsv"),
        vocabulary="<results>/{corpus}/vocabulary.tsv",
        counts=RESULTS.static("cooccurrence.npz"),
        mstar=RESULTS.static("mstar/spectrum.npz"),
        mstar_dynamic=RESULTS.dynamic("mstar/spectrum.npz"),
        gram=RESULTS.static("task_vectors/gram.tsv"),
        fits=RESULTS.static("task_vectors/fits.tsv"),
        modes=RESULTS.static("task_vectors/modes.tsv"),
        curves=RESULTS.static("task_vectors/curves.tsv"),
        comparisons="<results>/tables/{corpus}/comparisons.tsv",
        prediction_scores="<results>/tables/{corpus}/prediction_scores.tsv",
        scores=list(RESULTS.compared("evaluation.tsv").values()),
        answers=list(RESULTS.compared("answers.parquet").values()),
        role_answers=RESULTS.claimed("answers.parquet"),
        traces=RESULTS.claimed("trace.parquet"),
        embeddings=RESULTS.claimed("embedding.npz"),
    output:
        "<results>/tables/{corpus}/claims.tsv",
    log:
        "<logs>/{corpus}/check_claims.log",
    benchmark:
        "<benchmarks>/{corpus}/check_claims.tsv"
    conda:
        "../../envs/counting.yaml"
    resources:
        mem_mb=ASK.memory(WORK.reading),
        runtime=ASK.runtime(WORK.reading),
    params:
        models=list(RESULTS.compared("evaluation.tsv")),
        runs=STUDY.claimed,
        static=STUDY.static,
        dynamic=STUDY.dynamic,
        init=STUDY.small_start,
        negative=CONFIG.negative,
        code=code("check_claims"),
    script:
        "../scripts/check_claims.py"
