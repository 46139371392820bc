"""What the paper states, and what we predict, against what came out."""


rule check_claims:
    """Measure every claim of the paper on these results, and say which ones are reproduced."""
    input:
        claims=own("config/claims.yaml"),
        authors=own("config/authors_training_curves.tsv"),
        vocabulary="<results>/{corpus}/vocabulary.tsv",
        counts=static("cooccurrence.npz"),
        mstar=static("mstar/spectrum.npz"),
        mstar_dynamic=f"<results>/{CORPUS.name}/v{DYNAMIC[0]}-l{CONFIG.window}/mstar/spectrum.npz",
        gram=static("task_vectors/gram.tsv"),
        fits=static("task_vectors/fits.tsv"),
        modes=static("task_vectors/modes.tsv"),
        curves=static("task_vectors/curves.tsv"),
        comparisons="<results>/tables/{corpus}/comparisons.tsv",
        prediction_scores="<results>/tables/{corpus}/prediction_scores.tsv",
        scores=list(benchmarked().values()),
        traces=list(claimed("trace.parquet").values()),
        embeddings=list(claimed("embedding.npz").values()),
    output:
        "<results>/tables/{corpus}/claims.tsv",
    log:
        "<logs>/{corpus}/check_claims.log",
    benchmark:
        "<benchmarks>/{corpus}/check_claims.tsv"
    conda:
        "../../envs/counting.yaml"
    resources:
        mem_mb=memory(reading_size),
        runtime=runtime(reading_size),
    params:
        models=list(benchmarked()),
        runs=claimed_runs(),
        static=STATIC,
        dynamic=DYNAMIC,
        init=CONFIG.dynamics.runs[CONFIG.figures.fig1.theory].init,
        negative=CONFIG.negative,
        code=code("check_claims"),
    script:
        "../scripts/check_claims.py"
