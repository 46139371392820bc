"""From counts to the eigenpairs of M*, PMI and PPMI."""


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
        negative=CONFIG.negative,
        pmi_floor=CONFIG.pmi_floor,
        code=code_of("mstar.spectrum"),
        target_code=code_of("mstar.targets"),
    script:
        "../scripts/decompose.py"
