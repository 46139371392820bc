"""How small a start Lemma 3.1 needs."""


rule small:
    """Learning times of the exact flow against Lemma 3.1's, over scales of the start."""
    input:
        spectrum=f"<results>/{CORPUS.name}/v{DYNAMIC[0]}-l{CONFIG.window}/mstar/spectrum.npz",
    output:
        png=report(
            "<results>/figures/{corpus}/small.png",
            caption="../../report/small.rst",
            category="Figures",
            labels={"figure": "Small starts"},
        ),
        pdf="<results>/figures/{corpus}/small.pdf",
        csv="<results>/figures/{corpus}/small.csv",
    log:
        "<logs>/{corpus}/small.log",
    benchmark:
        "<benchmarks>/{corpus}/small.tsv"
    conda:
        "../../../envs/plots.yaml"
    resources:
        mem_mb=memory(reading_size),
        runtime=runtime(reading_size),
    params:
        settings=CONFIG.figures.small.model_dump(mode="json"),
        dim=DYNAMIC[1],
        seed=CONFIG.seeds[0],
        code=code("small"),
    script:
        "../../scripts/small.py"
