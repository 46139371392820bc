"""Score and compare models, summarise a corpus, and analyse task vectors."""


rule evaluate:
    """Score analogies (three variants, per category, with intervals) and word similarities."""
    input:
        **BENCHMARKS,
        embedding="<results>/{corpus}/v{V}-l{L}/d{dim}/{run}/seed{seed}/embedding.npz",
        vocabulary="<results>/{corpus}/vocabulary.tsv",
    output:
        scores="<results>/{corpus}/v{V}-l{L}/d{dim}/{run}/seed{seed}/evaluation.tsv",
        answers="<results>/{corpus}/v{V}-l{L}/d{dim}/{run}/seed{seed}/answers.parquet",
    log:
        "<logs>/{corpus}/v{V}-l{L}/d{dim}/{run}/evaluate/seed{seed}.log",
    benchmark:
        "<benchmarks>/{corpus}/v{V}-l{L}/d{dim}/{run}/evaluate/seed{seed}.tsv"
    conda:
        "../../envs/counting.yaml"
    resources:
        mem_mb=ASK.memory(WORK.reading),
        runtime=ASK.runtime(WORK.reading),
    params:
        code=code("evaluate"),
    script:
        "../scripts/evaluate.py"


rule compare_models:
    """Compare models on each benchmark, by paired tests on the same questions."""
    input:
        answers=list(RESULTS.compared("answers.parquet").values()),
    output:
        "<results>/tables/{corpus}/comparisons.tsv",
    log:
        "<logs>/{corpus}/compare_models.log",
    benchmark:
        "<benchmarks>/{corpus}/compare_models.tsv"
    conda:
        "../../envs/counting.yaml"
    resources:
        mem_mb=ASK.memory(WORK.reading),
        runtime=ASK.runtime(WORK.reading),
    params:
        models=list(RESULTS.compared("answers.parquet")),
        code=code("compare_models"),
    script:
        "../scripts/compare_models.py"


rule summarise:
    """Summarise counts, spectrum and scores of a corpus, for comparison between machines."""
    input:
        tokens="<results>/{corpus}/tokens.npy",
        documents="<results>/{corpus}/documents.npy",
        vocabulary="<results>/{corpus}/vocabulary.tsv",
        description="<results>/{corpus}/corpus.json",
        counts="<results>/{corpus}/v{V}-l{L}/cooccurrence.npz",
        mstar="<results>/{corpus}/v{V}-l{L}/mstar/spectrum.npz",
        evaluations=lambda wildcards: RESULTS.evaluations_at(int(wildcards.V)),
    output:
        "<results>/{corpus}/v{V}-l{L}/summary.json",
    log:
        "<logs>/{corpus}/v{V}-l{L}/summarise.log",
    benchmark:
        "<benchmarks>/{corpus}/v{V}-l{L}/summarise.tsv"
    conda:
        "../../envs/counting.yaml"
    resources:
        mem_mb=ASK.memory(WORK.reading),
        runtime=ASK.runtime(WORK.reading),
    params:
        dims=lambda wildcards: [dim for _, dim in STUDY.compared_at(int(wildcards.V))],
        settings={
            "probe_pairs": [list(pair) for pair in CONFIG.probe_pairs],
            "out_of_vocabulary": CONFIG.out_of_vocabulary,
        },
        code=code("summarise"),
    script:
        "../scripts/summarise.py"


rule analyse_task_vectors:
    """Analyse spectra, noise, localisation and scores of analogy families against the rank d."""
    input:
        spectrum="<results>/{corpus}/v{V}-l{L}/mstar/spectrum.npz",
        vocabulary="<results>/{corpus}/vocabulary.tsv",
        google="<resources>/benchmarks/questions-words.txt",
    output:
        gram="<results>/{corpus}/v{V}-l{L}/task_vectors/gram.tsv",
        fits="<results>/{corpus}/v{V}-l{L}/task_vectors/fits.tsv",
        modes="<results>/{corpus}/v{V}-l{L}/task_vectors/modes.tsv",
        curves="<results>/{corpus}/v{V}-l{L}/task_vectors/curves.tsv",
    log:
        "<logs>/{corpus}/v{V}-l{L}/analyse_task_vectors.log",
    benchmark:
        "<benchmarks>/{corpus}/v{V}-l{L}/analyse_task_vectors.tsv"
    priority: 2
    conda:
        "../../envs/counting.yaml"
    resources:
        mem_mb=ASK.memory(WORK.reading),
        runtime=ASK.runtime(WORK.reading),
    params:
        settings=CONFIG.figures.task_vectors(CONFIG.vocabulary),
        code=code("analyse_task_vectors"),
    script:
        "../scripts/analyse_task_vectors.py"
