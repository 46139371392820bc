"""What minibatch noise does to QWEM."""


rule noise:
    """Minibatch runs of QWEM against the exact flow, over batch size and learning rate."""
    input:
        exact=trained("noise_exact", "trace.parquet"),
        population=trained("noise_population", "trace.parquet"),
        sampled=[trained(run, "trace.parquet") for run in noise_runs()],
        predicted=trained("noise_exact", "noise.tsv"),
    output:
        png=report(
            "<results>/figures/{corpus}/noise.png",
            caption="../../report/noise.rst",
            category="Figures",
            labels={"figure": "Minibatch noise"},
        ),
        pdf="<results>/figures/{corpus}/noise.pdf",
        csv="<results>/figures/{corpus}/noise.csv",
    log:
        "<logs>/{corpus}/noise.log",
    benchmark:
        "<benchmarks>/{corpus}/noise.tsv"
    localrule: True
    conda:
        "../../../envs/plots.yaml"
    resources:
        mem_mb=memory(reading_size),
        runtime=runtime(reading_size),
    params:
        runs=noise_runs(),
        modes=list(CONFIG.figures.noise.modes),
        code=code("noise"),
    script:
        "../../scripts/noise.py"
