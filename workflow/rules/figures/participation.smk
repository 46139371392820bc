"""Localisation of task vectors."""


rule participation:
    """Over how many modes mean task vectors spread, against the rank d."""
    input:
        curves=static("task_vectors/curves.tsv"),
    output:
        png=report(
            "<results>/figures/{corpus}/participation.png",
            caption="../../report/participation.rst",
            category="Figures",
            labels={"figure": "Participation"},
        ),
        pdf="<results>/figures/{corpus}/participation.pdf",
        csv="<results>/figures/{corpus}/participation.csv",
    log:
        "<logs>/{corpus}/participation.log",
    benchmark:
        "<benchmarks>/{corpus}/participation.tsv"
    localrule: True
    conda:
        "../../../envs/plots.yaml"
    resources:
        mem_mb=memory(reading_size),
        runtime=runtime(reading_size),
    params:
        settings=CONFIG.figures.fig4.below(CONFIG.vocabulary).model_dump(mode="json"),
        code=code("participation"),
    script:
        "../../scripts/participation.py"
