"""From integers to exact co-occurrence counts."""


rule count_pairs:
    """Count weighted pairs of the V commonest words within L of each other, in integers."""
    input:
        tokens="<results>/{corpus}/tokens.npy",
        documents="<results>/{corpus}/documents.npy",
    output:
        counts="<results>/{corpus}/v{V}-l{L}/cooccurrence.npz",
    log:
        "<logs>/{corpus}/v{V}-l{L}/count_pairs.log",
    benchmark:
        "<benchmarks>/{corpus}/v{V}-l{L}/count_pairs.tsv"
    # More than two spectra of the smaller vocabulary: the largest spectrum waits for it.
    priority: 10
    conda:
        "../../envs/counting.yaml"
    threads: 2
    resources:
        mem_mb=dense_memory(1),
    params:
        out_of_vocabulary=CONFIG.out_of_vocabulary,
        code=code("count_pairs"),
    script:
        "../scripts/count_pairs.py"
