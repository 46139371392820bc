"""Score and compare models, summarise a corpus, and analyse task vectors and their nulls."""


rule translate_benchmark:
    """Turn the words of a benchmark into words of the text."""
    input:
        file=lambda wildcards: source(BENCHMARKS[unquote(wildcards.benchmark)]),
        vocabulary=RESULTS.vocabulary(),
    output:
        f"<results>/{CORPUS.name}/benchmarks/{{benchmark}}.tsv",
    log:
        f"<logs>/{CORPUS.name}/benchmarks/{{benchmark}}.log",
    benchmark:
        f"<benchmarks>/{CORPUS.name}/benchmarks/{{benchmark}}.tsv"
    conda:
        "../../envs/text.yaml"
    resources:
        mem_mb=ASK.memory(WORK.reading),
        runtime=ASK.runtime(WORK.reading),
        seconds=ASK.seconds(WORK.read),
    params:
        name=lambda wildcards: unquote(wildcards.benchmark),
        own=lambda wildcards: OWN_BENCHMARKS.get(unquote(wildcards.benchmark)),
        normaliser=CORPUS.normaliser,
        rules=CORPUS.words.model_dump(mode="json"),
        code=code("translate_benchmark"),
    script:
        "../scripts/translate_benchmark.py"


rule cover_benchmarks:
    """Say how many questions of each benchmark the vocabulary covers, before anything is trained."""
    input:
        files=[*map(source, BENCHMARKS.values())],
        asked=[RESULTS.benchmark(name) for name in BENCHMARKS],
        vocabulary=RESULTS.vocabulary(),
    output:
        RESULTS.table("coverage.tsv"),
    log:
        f"<logs>/{CORPUS.name}/cover_benchmarks.log",
    benchmark:
        f"<benchmarks>/{CORPUS.name}/cover_benchmarks.tsv"
    priority: 10
    conda:
        "../../envs/text.yaml"
    resources:
        mem_mb=ASK.memory(WORK.reading),
        runtime=ASK.runtime(WORK.reading),
        seconds=ASK.seconds(WORK.read),
    params:
        names=list(BENCHMARKS),
        own=OWN_BENCHMARKS,
        normaliser=CORPUS.normaliser,
        vocabularies=STUDY.vocabularies,
        code=code("cover_benchmarks"),
    script:
        "../scripts/cover_benchmarks.py"


rule evaluate:
    """Score analogies (three variants, per category, with intervals) and word similarities."""
    input:
        benchmarks=[RESULTS.benchmark(name) for name in BENCHMARKS],
        embedding="<results>/{corpus}/v{V}-l{L}/d{dim}/{run}/seed{seed}/embedding.npz",
        vocabulary="<shared>/{corpus}/vocabulary.tsv",
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
        seconds=ASK.seconds(WORK.read),
    params:
        names=list(BENCHMARKS),
        code=code("evaluate"),
    script:
        "../scripts/evaluate.py"


rule compare_models:
    """Compare models on each benchmark, by paired tests on the same questions."""
    input:
        answers=lambda wildcards: list(
            RESULTS.subset(wildcards.corpus).compared("answers.parquet").values()
        ),
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
        seconds=ASK.seconds(WORK.read),
    params:
        models=list(RESULTS.compared("answers.parquet")),
        code=code("compare_models"),
    script:
        "../scripts/compare_models.py"


rule summarise:
    """Summarise counts, spectrum and scores of a corpus, for comparison between machines."""
    input:
        text=lambda wildcards: encoded(TEXT.files_of(wildcards.corpus)),
        vocabulary="<shared>/{corpus}/vocabulary.tsv",
        counts="<shared>/{corpus}/v{V}-l{L}/cooccurrence.npz",
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
        seconds=ASK.seconds(WORK.read),
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
        vocabulary="<shared>/{corpus}/vocabulary.tsv",
        google=RESULTS.benchmark("google"),
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
        seconds=ASK.seconds(WORK.read),
    params:
        settings=CONFIG.figures.task_vectors(CONFIG.vocabulary),
        code=code("analyse_task_vectors"),
    script:
        "../scripts/analyse_task_vectors.py"


rule analyse_null_families:
    """Analyse families of random words, and families with shuffled partners, in the same way."""
    input:
        spectrum="<results>/{corpus}/v{V}-l{L}/mstar/spectrum.npz",
        vocabulary="<shared>/{corpus}/vocabulary.tsv",
        google=RESULTS.benchmark("google"),
    output:
        families="<results>/{corpus}/v{V}-l{L}/task_vectors/nulls/families.tsv",
        gram="<results>/{corpus}/v{V}-l{L}/task_vectors/nulls/gram.parquet",
        fits="<results>/{corpus}/v{V}-l{L}/task_vectors/nulls/fits.parquet",
        modes="<results>/{corpus}/v{V}-l{L}/task_vectors/nulls/modes.parquet",
        curves="<results>/{corpus}/v{V}-l{L}/task_vectors/nulls/curves.parquet",
    log:
        "<logs>/{corpus}/v{V}-l{L}/analyse_null_families.log",
    benchmark:
        "<benchmarks>/{corpus}/v{V}-l{L}/analyse_null_families.tsv"
    priority: 2
    conda:
        "../../envs/counting.yaml"
    resources:
        mem_mb=ASK.memory(WORK.reading),
        runtime=ASK.runtime(WORK.reading),
        seconds=ASK.seconds(WORK.read),
    params:
        settings=CONFIG.figures.null_families(CONFIG.vocabulary),
        code=code("analyse_null_families"),
    script:
        "../scripts/analyse_null_families.py"


rule compare_seen_pairs:
    """Score factorisations of thinned counts, and of PMI with other floors."""
    input:
        counts="<shared>/{corpus}/v{V}-l{L}/cooccurrence.npz",
        vocabulary="<shared>/{corpus}/vocabulary.tsv",
        google=RESULTS.benchmark("google"),
    output:
        "<results>/{corpus}/v{V}-l{L}/seen_pairs.tsv",
    log:
        "<logs>/{corpus}/v{V}-l{L}/compare_seen_pairs.log",
    benchmark:
        "<benchmarks>/{corpus}/v{V}-l{L}/compare_seen_pairs.tsv"
    conda:
        "../../envs/counting.yaml"
    resources:
        mem_mb=ASK.memory(WORK.reading),
        runtime=ASK.runtime(WORK.reading),
        seconds=ASK.seconds(WORK.read),
    params:
        settings=CONFIG.figures.pmi.model_dump(mode="json"),
        dim=STUDY.dynamic[1],
        negative=CONFIG.negative,
        pmi_floor=CONFIG.pmi_floor,
        seed=CONFIG.seeds[0],
        code=code("compare_seen_pairs"),
    script:
        "../scripts/compare_seen_pairs.py"


rule measure_geometry:
    """Measure the geometry of words that have an order, also without their joint windows."""
    input:
        text=lambda wildcards: encoded(TEXT.files_of(wildcards.corpus)),
        vocabulary="<shared>/{corpus}/vocabulary.tsv",
        counts="<shared>/{corpus}/v{V}-l{L}/cooccurrence.npz",
        mstar="<results>/{corpus}/v{V}-l{L}/mstar/spectrum.npz",
    output:
        "<results>/{corpus}/v{V}-l{L}/geometry.tsv",
    log:
        "<logs>/{corpus}/v{V}-l{L}/measure_geometry.log",
    benchmark:
        "<benchmarks>/{corpus}/v{V}-l{L}/measure_geometry.tsv"
    conda:
        TORCH
    threads: CORES
    resources:
        mem_mb=ASK.memory(WORK.shuffled),
        runtime=ASK.runtime(WORK.shuffled),
        seconds=ASK.seconds(WORK.shuffled),
        disk_mb=ASK.disk(WORK.shuffled),
    params:
        settings=CONFIG.figures.geometry.model_dump(mode="json"),
        dim=CONFIG.dim,
        negative=CONFIG.negative,
        out_of_vocabulary=CONFIG.out_of_vocabulary,
        seed=CONFIG.seeds[0],
        code=code("measure_geometry"),
    script:
        "../scripts/measure_geometry.py"


rule measure_count_noise:
    """Measure the noise of counts, and what it predicts of features that halves share."""
    input:
        text=lambda wildcards: encoded(TEXT.files_of(wildcards.corpus)),
        vocabulary="<shared>/{corpus}/vocabulary.tsv",
        google=RESULTS.benchmark("google"),
        counts="<shared>/{corpus}/v{V}-l{L}/cooccurrence.npz",
        mstar="<results>/{corpus}/v{V}-l{L}/mstar/spectrum.npz",
        shuffled="<results>/{corpus}/v{V}-l{L}/shuffled/spectrum.npz",
        reproducible="<results>/{corpus}/v{V}-l{L}/prediction/reproducibility.tsv",
        curves="<results>/{corpus}/v{V}-l{L}/task_vectors/curves.tsv",
    output:
        "<results>/{corpus}/v{V}-l{L}/count_noise.tsv",
    log:
        "<logs>/{corpus}/v{V}-l{L}/measure_count_noise.log",
    benchmark:
        "<benchmarks>/{corpus}/v{V}-l{L}/measure_count_noise.tsv"
    conda:
        "../../envs/counting.yaml"
    threads: CORES
    resources:
        mem_mb=ASK.memory(WORK.differences),
        runtime=ASK.runtime(WORK.differences),
        seconds=ASK.seconds(WORK.differences),
    params:
        seed=CONFIG.prediction.seed,
        negative=CONFIG.negative,
        out_of_vocabulary=CONFIG.out_of_vocabulary,
        code=code("measure_count_noise"),
    script:
        "../scripts/measure_count_noise.py"
