"""From counts to the eigenpairs of M*, PMI and PPMI."""


rule decompose:
    """Eigenpairs of a target matrix, in float64, with residuals."""
    input:
        counts="<results>/{corpus}/v{V}-l{L}/cooccurrence.npz",
    output:
        spectrum="<results>/{corpus}/v{V}-l{L}/{target}/spectrum.npz",
    log:
        "<logs>/{corpus}/v{V}-l{L}/decompose/{target}.log",
    benchmark:
        "<benchmarks>/{corpus}/v{V}-l{L}/decompose/{target}.tsv"
    # The longest job, with Figure 4 and the claims waiting for it: it goes first.
    priority: 3
    conda:
        torch_env()
    threads: spectrum_threads()
    resources:
        gpu=cards,
        device=CONFIG.dynamics.device,
        mem_mb=memory(spectrum_size),
        runtime=runtime(spectrum_size),
        disk_mb=disk(spectrum_size),
    params:
        rank=spectrum_rank,
        settings=target_settings,
        code=code("decompose"),
    script:
        "../scripts/decompose.py"
