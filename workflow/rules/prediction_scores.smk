"""Whether trained models came out as predicted."""


rule score_prediction:
    """Learning times, subspaces and accuracy of trained runs against what M* alone predicts."""
    input:
        spectrum=f"<results>/{CORPUS.name}/v{DYNAMIC[0]}-l{CONFIG.window}/mstar/spectrum.npz",
        vocabulary="<results>/{corpus}/vocabulary.tsv",
        google="<resources>/benchmarks/questions-words.txt",
        embeddings=over_seeds("embedding.npz", *scored_runs()),
        traces=over_seeds("trace.parquet", *scored_runs()),
    output:
        "<results>/tables/{corpus}/prediction_scores.tsv",
    log:
        "<logs>/{corpus}/score_prediction.log",
    benchmark:
        "<benchmarks>/{corpus}/score_prediction.tsv"
    conda:
        "../../envs/counting.yaml"
    resources:
        mem_mb=memory(reading_size),
        runtime=runtime(reading_size),
    params:
        runs=seeded(scored_runs()),
        inits=scored_runs(),
        seed=CONFIG.prediction.seed,
        code=code("score_prediction"),
    script:
        "../scripts/score_prediction.py"
