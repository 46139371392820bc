"""Embeddings for other programs, in word2vec's formats."""


rule export_word2vec:
    """An embedding in word2vec's text (txt) or binary (bin) format, which gensim reads."""
    input:
        embedding="<results>/{corpus}/v{V}-l{L}/d{dim}/{run}/seed{seed}/embedding.npz",
        vocabulary="<results>/{corpus}/vocabulary.tsv",
    output:
        "<results>/{corpus}/v{V}-l{L}/d{dim}/{run}/seed{seed}/embedding.word2vec.{format}",
    log:
        "<logs>/{corpus}/v{V}-l{L}/d{dim}/{run}/export/seed{seed}-{format}.log",
    benchmark:
        "<benchmarks>/{corpus}/v{V}-l{L}/d{dim}/{run}/export/seed{seed}-{format}.tsv"
    wildcard_constraints:
        format="bin|txt",
    localrule: True
    conda:
        "../../envs/counting.yaml"
    resources:
        mem_mb=memory(reading_size),
        runtime=runtime(reading_size),
    params:
        code=code("export_word2vec"),
    script:
        "../scripts/export_word2vec.py"


rule export:
    """Every embedding but those of sampled runs, at every seed, in both formats."""
    input:
        exported(),
