"""Spectra of the matrices that embeddings factorise."""


rule spectra:
    """Eigenvalues of M*, PMI and PPMI against their rank, with fitted power laws."""
    input:
        mstar=static("mstar/spectrum.npz"),
        pmi=static("pmi/spectrum.npz"),
        ppmi=static("ppmi/spectrum.npz"),
    output:
        png=report(
            "<results>/figures/{corpus}/spectra.png",
            caption="../../report/spectra.rst",
            category="Figures",
            labels={"figure": "Spectra"},
        ),
        pdf="<results>/figures/{corpus}/spectra.pdf",
        csv="<results>/figures/{corpus}/spectra.csv",
    log:
        "<logs>/{corpus}/spectra.log",
    benchmark:
        "<benchmarks>/{corpus}/spectra.tsv"
    localrule: True
    conda:
        "../../../envs/plots.yaml"
    resources:
        mem_mb=memory(reading_size),
        runtime=runtime(reading_size),
    params:
        settings=CONFIG.figures.spectra.model_dump(mode="json"),
        code=code("spectra"),
    script:
        "../../scripts/spectra.py"
