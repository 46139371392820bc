"""Repeat the study on random subsets of the text, to see what depends on its size."""


checkpoint plan_subsets:
    """Measure random subsets of the documents, and omit those with too few words."""
    input:
        text=lambda wildcards: encoded(TEXT.files_of(wildcards.corpus)),
    output:
        "<results>/{corpus}/subsets/plan.tsv",
    log:
        "<logs>/{corpus}/plan_subsets.log",
    benchmark:
        "<benchmarks>/{corpus}/plan_subsets.tsv"
    conda:
        "../../envs/counting.yaml"
    resources:
        mem_mb=ASK.memory(WORK.drawing),
        runtime=ASK.runtime(WORK.drawing),
        seconds=ASK.seconds(WORK.drawing),
    params:
        settings=CONFIG.figures.size.model_dump(mode="json"),
        vocabulary=STUDY.sizes[-1][0],
        code=code("plan_subsets"),
    script:
        "../scripts/plan_subsets.py"


rule draw_subset:
    """Write a random subset of the documents as a text with a vocabulary of its own."""
    input:
        text=encoded(TEXT.files_of(CORPUS.name)),
        vocabulary=f"<shared>/{CORPUS.name}/vocabulary.tsv",
    output:
        tokens="<shared>/{corpus}/tokens.npy",
        documents="<shared>/{corpus}/documents.npy",
        vocabulary="<shared>/{corpus}/vocabulary.tsv",
        description="<shared>/{corpus}/corpus.json",
    log:
        "<logs>/{corpus}/draw_subset.log",
    benchmark:
        "<benchmarks>/{corpus}/draw_subset.tsv"
    wildcard_constraints:
        corpus=STUDY.subset_pattern,
    conda:
        "../../envs/text.yaml"
    resources:
        mem_mb=ASK.memory(WORK.drawing),
        runtime=ASK.runtime(WORK.drawing),
        seconds=ASK.seconds(WORK.drawing),
    params:
        corpus=CORPUS.model_dump(mode="json"),
        code=code("draw_subset"),
    script:
        "../scripts/draw_subset.py"


rule collect_sizes:
    """Collect the values of all claims on the text and on its subsets, with their trends."""
    input:
        unpack(
            lambda wildcards: RESULTS.of_sizes(
                checkpoints.plan_subsets.get(corpus=wildcards.corpus).output[0]
            )
        ),
        claims=own("config/claims.yaml"),
        plan="<results>/{corpus}/subsets/plan.tsv",
        description="<shared>/{corpus}/corpus.json",
    output:
        sizes="<results>/tables/{corpus}/sizes.tsv",
        lines="<results>/tables/{corpus}/trend_lines.tsv",
        trends="<results>/tables/{corpus}/trends.tsv",
    log:
        "<logs>/{corpus}/collect_sizes.log",
    benchmark:
        "<benchmarks>/{corpus}/collect_sizes.tsv"
    conda:
        "../../envs/counting.yaml"
    resources:
        mem_mb=ASK.memory(WORK.reading),
        runtime=ASK.runtime(WORK.reading),
        seconds=ASK.seconds(WORK.read),
    params:
        static=STUDY.static,
        dynamic=STUDY.dynamic,
        code=code("collect_sizes"),
    script:
        "../scripts/collect_sizes.py"
