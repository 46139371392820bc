"""One page that a reader opens."""


rule write_report:
    """The story in the paper's order: figures, claims, costs and settings on one page."""
    input:
        pictures=[picture(figure) for figure in shown_figures()],
        data=[numbers(figure) for figure in shown_figures()],
        claims="<results>/tables/{corpus}/claims.tsv",
        agreement="<results>/tables/{corpus}/agreement.tsv",
        comparisons="<results>/tables/{corpus}/comparisons.tsv",
        corpus="<results>/{corpus}/corpus.json",
        versions=own("envs/requirements.in"),
        template=own("workflow/report/report.html.j2"),
        introduction=own("workflow/report/workflow.rst"),
        captions=[own(f"workflow/report/{figure}.rst") for figure in shown_figures()],
    output:
        "<results>/report/{corpus}/report.html",
    log:
        "<logs>/{corpus}/write_report.log",
    benchmark:
        "<benchmarks>/{corpus}/write_report.tsv"
    localrule: True
    conda:
        "../../envs/report.yaml"
    resources:
        mem_mb=memory(reading_size),
        runtime=runtime(reading_size),
    params:
        figures=shown_figures(),
        links=page_links(),
        config=CONFIG.model_dump(mode="json"),
        code=code("write_report"),
    script:
        "../scripts/write_report.py"
