"""Compute eigenpairs of all targets from counts, and of M* of shuffled text."""


rule decompose:
    """Compute eigenpairs of a target matrix in float64, with residuals."""
    input:
        counts="<shared>/{corpus}/v{V}-l{L}/cooccurrence.npz",
        kappa=lambda wildcards: RESULTS.chosen_kappa(wildcards.target),
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
        seconds=ASK.seconds(WORK.spectrum),
        disk_mb=ASK.disk(WORK.spectrum),
    params:
        rank=lambda wildcards: STUDY.rank(int(wildcards.V), wildcards.target),
        settings=lambda wildcards: STUDY.target_settings(wildcards.target),
        code=code("decompose"),
    script:
        "../scripts/decompose.py"


rule choose_kappa:
    """Choose kappa of M*_kappa by letting each half of the text predict the other."""
    input:
        text=lambda wildcards: encoded(TEXT.files_of(wildcards.corpus)),
    output:
        "<results>/{corpus}/v{V}-l{L}/mstar_kappa/kappa.tsv",
    log:
        "<logs>/{corpus}/v{V}-l{L}/choose_kappa.log",
    benchmark:
        "<benchmarks>/{corpus}/v{V}-l{L}/choose_kappa.tsv"
    priority: 4
    conda:
        "../../envs/counting.yaml"
    resources:
        mem_mb=ASK.memory(WORK.counting_in_turn),
        runtime=ASK.runtime(WORK.counting),
        seconds=ASK.seconds(WORK.choosing),
        disk_mb=ASK.disk(WORK.reading),
    params:
        negative=CONFIG.negative,
        out_of_vocabulary=CONFIG.out_of_vocabulary,
        seed=CONFIG.seeds[0],
        code=code("choose_kappa"),
    script:
        "../scripts/choose_kappa.py"


rule decompose_shuffled:
    """Compute the leading eigenpairs of M* of the text with its words shuffled."""
    input:
        text=lambda wildcards: encoded(TEXT.files_of(wildcards.corpus)),
    output:
        spectrum="<results>/{corpus}/v{V}-l{L}/shuffled/spectrum.npz",
    log:
        "<logs>/{corpus}/v{V}-l{L}/decompose/shuffled.log",
    benchmark:
        "<benchmarks>/{corpus}/v{V}-l{L}/decompose/shuffled.tsv"
    priority: 2
    conda:
        TORCH
    threads: HALF
    resources:
        gpu=STUDY.gpus,
        device=CONFIG.dynamics.device,
        mem_mb=ASK.memory(WORK.shuffled),
        runtime=ASK.runtime(WORK.shuffled),
        seconds=ASK.seconds(WORK.shuffled),
        disk_mb=ASK.disk(WORK.shuffled),
    params:
        rank=STUDY.shuffled_rank,
        negative=CONFIG.negative,
        out_of_vocabulary=CONFIG.out_of_vocabulary,
        seed=CONFIG.seeds[0],
        code=code("decompose_shuffled"),
    script:
        "../scripts/decompose_shuffled.py"
