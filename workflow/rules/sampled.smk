"""Training as the authors do it, made when a run of this kind is asked for by name."""


rule train_sampled:
    """Train on minibatches of pairs, from counts or text; a killed job goes on where it was."""
    input:
        counts="<results>/{corpus}/v{V}-l{L}/cooccurrence.npz",
        vocabulary="<results>/{corpus}/vocabulary.tsv",
        google="<resources>/benchmarks/questions-words.txt",
        text=sampled_text,
    output:
        embedding="<results>/{corpus}/v{V}-l{L}/d{dim}/{run}/seed{seed}/embedding.npz",
        trace="<results>/{corpus}/v{V}-l{L}/d{dim}/{run}/seed{seed}/trace.parquet",
    log:
        "<logs>/{corpus}/v{V}-l{L}/d{dim}/{run}/seed{seed}.log",
    benchmark:
        "<benchmarks>/{corpus}/v{V}-l{L}/d{dim}/{run}/seed{seed}.tsv"
    wildcard_constraints:
        run=names("sampled"),
    priority: 2
    conda:
        torch_env()
    threads: training_threads()
    resources:
        gpu=sampled_cards,
        device=CONFIG.dynamics.device,
        mem_mb=sampled_memory,
        runtime=runtime(training_size),
        disk_mb=disk(training_size),
    params:
        run=run_settings,
        code=code("train_sampled"),
    script:
        "../scripts/train_sampled.py"
