"""From counts to the eigenpairs of M*, PMI and PPMI."""


def target_settings(wildcards):
    """The settings that this target alone depends on."""
    settings = {"mstar": {"negative": CONFIG.negative}, "pmi": {"pmi_floor": CONFIG.pmi_floor}}
    return settings.get(wildcards.target, {})


def spectrum_rank(wildcards):
    """Eigenpairs needed at this vocabulary; all of them where the exact flow reads them."""
    vocabulary = int(wildcards.V)
    if wildcards.target == "mstar" and vocabulary == DYNAMIC[0]:
        return vocabulary
    rank = max(dim for size, dim in SIZES if size == vocabulary)
    if wildcards.target == "mstar" and vocabulary == STATIC[0]:
        fig4 = CONFIG.figures.fig4.below(vocabulary)
        rank = max(rank, *fig4.dims, *fig4.histogram_dims)
    return rank


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
    conda:
        "../../envs/counting.yaml"
    threads: 2
    resources:
        mem_mb=dense_memory(4),
    params:
        rank=spectrum_rank,
        settings=target_settings,
        code=code("decompose"),
    script:
        "../scripts/decompose.py"
