"""Check the claims of the paper, and of this project, on the results."""


rule check_claims:
    """Measure every claim on the results, and determine which are reproduced."""
    input:
        unpack(lambda wildcards: RESULTS.subset(wildcards.corpus).evidence()),
        claims=own("config/claims.yaml"),
        authors=own("config/authors_training_curves.tsv"),
        google=RESULTS.benchmark("google"),
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
        seconds=ASK.seconds(WORK.read),
    params:
        models=list(RESULTS.compared("evaluation.tsv")),
        runs=lambda wildcards: RESULTS.subset(wildcards.corpus).study.claimed,
        static=STUDY.static,
        dynamic=STUDY.dynamic,
        init=STUDY.small_start,
        negative=CONFIG.negative,
        word2vec=STUDY.settings_of(STUDY.claimed["word2vec"]),
        code=code("check_claims"),
    script:
        "../scripts/check_claims.py"
