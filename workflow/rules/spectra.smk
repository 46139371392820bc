"""Compute eigenpairs of M*, PMI and PPMI from counts."""


rule decompose:
    """Compute eigenpairs of a target matrix in float64, with residuals."""
    input:
        counts="<results>/{corpus}/v{V}-l{L}/cooccurrence.npz",
    output:
        spectrum="<results>/{corpus}/v{V}-l{L}/{target}/spectrum.npz",
    log:
        "<logs>/{corpus}/v{V}-l{L}/decompose/{target}.log",
    benchmark:
        "<benchmarks>/{corpus}/v{V}-l{L}/decompose/{target}.tsv"
    # First, since it is the longest job, and Figure 4 and the claims depend on it.
    priority: 3
    conda:
        TORCH
    threads: HALF
    resources:
        gpu=STUDY.gpus,
        device=CONFIG.dynamics.device,
        mem_mb=ASK.memory(WORK.spectrum),
        runtime=ASK.runtime(WORK.spectrum),
        disk_mb=ASK.disk(WORK.spectrum),
    params:
        rank=lambda wildcards: STUDY.rank(int(wildcards.V), wildcards.target),
        settings=lambda wildcards: STUDY.target_settings(wildcards.target),
        code=code("decompose"),
    script:
        "../scripts/decompose.py"
