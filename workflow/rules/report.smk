"""One page that a reader opens, and where all that is on it comes from."""


rule record_provenance:
    """Versions, settings, hashes of inputs and code, machine, durations and room on disk, as JSON."""
    input:
        # made before, so that what it took is known
        [picture(figure) for figure in shown_figures()],
        "<results>/tables/{corpus}/claims.tsv",
        "<results>/tables/{corpus}/agreement.tsv",
        summaries(),
        extra_files(),
        text=corpus_files,
        corpus="<results>/{corpus}/corpus.json",
        google=packaged_files()["google"],
        benchmarks=list(benchmark_files().values()),
        requirements=own("envs/requirements.in"),
    output:
        "<results>/report/{corpus}/provenance.json",
    log:
        "<logs>/{corpus}/record_provenance.log",
    benchmark:
        "<benchmarks>/{corpus}/record_provenance.tsv"
    conda:
        "../../envs/report.yaml"
    resources:
        mem_mb=memory(reading_size),
        runtime=runtime(reading_size),
    params:
        config=CONFIG.model_dump(mode="json"),
        code=code("record_provenance"),
    script:
        "../scripts/record_provenance.py"


rule write_report:
    """The story in the paper's order: figures, claims, costs and settings on one page."""
    input:
        pictures=[picture(figure) for figure in shown_figures()],
        data=[numbers(figure) for figure in shown_figures()],
        claims="<results>/tables/{corpus}/claims.tsv",
        agreement="<results>/tables/{corpus}/agreement.tsv",
        comparisons="<results>/tables/{corpus}/comparisons.tsv",
        corpus="<results>/{corpus}/corpus.json",
        provenance="<results>/report/{corpus}/provenance.json",
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
