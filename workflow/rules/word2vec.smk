"""word2vec's usual program as a baseline, and embeddings in its formats for other programs."""


rule train_gensim:
    """Train gensim's word2vec on the same words: its input vectors, and input plus output."""
    input:
        tokens="<results>/{corpus}/tokens.npy",
        documents="<results>/{corpus}/documents.npy",
        vocabulary="<results>/{corpus}/vocabulary.tsv",
        google="<resources>/benchmarks/questions-words.txt",
    output:
        embedding="<results>/{corpus}/v{V}-l{L}/d{dim}/gensim/seed{seed}/embedding.npz",
        trace="<results>/{corpus}/v{V}-l{L}/d{dim}/gensim/seed{seed}/trace.parquet",
        sum_embedding="<results>/{corpus}/v{V}-l{L}/d{dim}/gensim_sum/seed{seed}/embedding.npz",
        sum_trace="<results>/{corpus}/v{V}-l{L}/d{dim}/gensim_sum/seed{seed}/trace.parquet",
    log:
        "<logs>/{corpus}/v{V}-l{L}/d{dim}/gensim/seed{seed}.log",
    benchmark:
        "<benchmarks>/{corpus}/v{V}-l{L}/d{dim}/gensim/seed{seed}.tsv"
    wildcard_constraints:
        corpus=corpus_if(CONFIG.out_of_vocabulary == "removed"),
    priority: 2
    conda:
        "../../envs/gensim.yaml"
    threads: CONFIG.gensim.workers
    resources:
        mem_mb=memory(gensim_size),
        runtime=runtime(gensim_size),
        disk_mb=disk(gensim_size),
    params:
        settings={"window": CONFIG.window, **CONFIG.gensim.model_dump(mode="json")},
        code=code("train_gensim"),
    script:
        "../scripts/train_gensim.py"


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
