"""Count co-occurrences exactly."""


rule count_pairs:
    """Count weighted pairs of the V most frequent words within L of each other, in integers."""
    input:
        text=lambda wildcards: encoded(TEXT.files_of(wildcards.corpus)),
    output:
        counts="<shared>/{corpus}/v{V}-l{L}/cooccurrence.npz",
    log:
        "<logs>/{corpus}/v{V}-l{L}/count_pairs.log",
    benchmark:
        "<benchmarks>/{corpus}/v{V}-l{L}/count_pairs.tsv"
    wildcard_constraints:
        corpus=f"{STUDY.corpus_pattern(CONFIG.shards == 1)}|{STUDY.subset_pattern}",
    # Above the priority of two small spectra together, since the largest spectrum depends on it.
    priority: 10
    conda:
        "../../envs/counting.yaml"
    threads: 2
    resources:
        mem_mb=ASK.memory(WORK.counting),
        runtime=ASK.runtime(WORK.counting),
        seconds=ASK.seconds(WORK.counting),
        disk_mb=ASK.disk(WORK.counting),
    params:
        shard=(None, 0, 1),
        out_of_vocabulary=CONFIG.out_of_vocabulary,
        warned=lambda wildcards: STUDY.warned(wildcards.corpus),
        code=code("count_pairs"),
    script:
        "../scripts/count_pairs.py"


rule count_shard:
    """Count the pairs of one shard of the documents."""
    input:
        text=lambda wildcards: encoded(TEXT.files_of_shard(int(wildcards.shard))),
    output:
        counts=temp("<shared>/{corpus}/v{V}-l{L}/shards/{shard}-of-{shards}.npz"),
    log:
        "<logs>/{corpus}/v{V}-l{L}/shards/{shard}-of-{shards}.log",
    benchmark:
        "<benchmarks>/{corpus}/v{V}-l{L}/shards/{shard}-of-{shards}.tsv"
    wildcard_constraints:
        shard=r"\d+",
        shards=str(CONFIG.shards),
    # Above the priority of two small spectra together, since the largest spectrum depends on it.
    priority: 10
    conda:
        "../../envs/counting.yaml"
    threads: 2
    resources:
        mem_mb=ASK.memory(WORK.counting),
        runtime=ASK.runtime(WORK.counting),
        seconds=ASK.seconds(WORK.counting),
        disk_mb=ASK.disk(WORK.counting),
    params:
        shard=lambda wildcards: TEXT.shard(int(wildcards.shard)),
        out_of_vocabulary=CONFIG.out_of_vocabulary,
        warned=lambda wildcards: STUDY.warned(wildcards.corpus),
        code=code("count_pairs"),
    script:
        "../scripts/count_pairs.py"


rule add_counts:
    """Add the counts of two ranges of shards, in the binary tree whose root is `merge_counts`."""
    input:
        lambda wildcards: RESULTS.counts_of_halves(int(wildcards.first), int(wildcards.last)),
    output:
        counts=temp("<shared>/{corpus}/v{V}-l{L}/shards/{first}-{last}-of-{shards}.npz"),
    log:
        "<logs>/{corpus}/v{V}-l{L}/shards/{first}-{last}-of-{shards}.log",
    benchmark:
        "<benchmarks>/{corpus}/v{V}-l{L}/shards/{first}-{last}-of-{shards}.tsv"
    wildcard_constraints:
        first=r"\d+",
        last=r"\d+",
        shards=str(CONFIG.shards),
    priority: 10
    conda:
        "../../envs/counting.yaml"
    resources:
        mem_mb=ASK.memory(WORK.adding),
        runtime=ASK.runtime(WORK.adding),
        seconds=ASK.seconds(WORK.adding),
        disk_mb=ASK.disk(WORK.adding),
    params:
        code=code("add_counts"),
    script:
        "../scripts/add_counts.py"


rule merge_counts:
    """Add the counts of both halves of the shards, which gives the counts of the whole text."""
    input:
        RESULTS.counts_of_halves(0, CONFIG.shards - 1),
    output:
        counts="<shared>/{corpus}/v{V}-l{L}/cooccurrence.npz",
    log:
        "<logs>/{corpus}/v{V}-l{L}/merge_counts.log",
    benchmark:
        "<benchmarks>/{corpus}/v{V}-l{L}/merge_counts.tsv"
    wildcard_constraints:
        corpus=STUDY.corpus_pattern(CONFIG.shards > 1),
    priority: 10
    conda:
        "../../envs/counting.yaml"
    resources:
        mem_mb=ASK.memory(WORK.adding),
        runtime=ASK.runtime(WORK.adding),
        seconds=ASK.seconds(WORK.adding),
        disk_mb=ASK.disk(WORK.adding),
    params:
        code=code("add_counts"),
    script:
        "../scripts/add_counts.py"
