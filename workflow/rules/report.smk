"""Write pages for readers, and record the provenance of results."""


rule explorer:
    """Write one HTML page to look up features, words and learning times offline."""
    input:
        spectrum=RESULTS.static("mstar/spectrum.npz"),
        prop2=RESULTS.static("prop2/spectrum.npz"),
        vocabulary="<shared>/{corpus}/vocabulary.tsv",
    output:
        "<results>/report/{corpus}/explorer.html",
    log:
        "<logs>/{corpus}/explorer.log",
    benchmark:
        "<benchmarks>/{corpus}/explorer.tsv"
    localrule: True
    conda:
        "../../envs/report.yaml"
    resources:
        mem_mb=ASK.memory(WORK.reading),
        runtime=ASK.runtime(WORK.reading),
        seconds=ASK.seconds(WORK.read),
    params:
        settings=STUDY.explorer,
        about={"corpus": STUDY.label, "window": CONFIG.window, "links": STUDY.beside_explorer},
        templates=templates(
            "explorer.html.j2", "page.css", "explorer.css", "explorer_model.js", "explorer.js"
        ),
        code=code("explorer"),
    script:
        "../scripts/explorer.py"


rule explorer_page:
    """Write the explorer of this corpus, also if it is not among the extras."""
    input:
        RESULTS.page("explorer.html"),


rule record_provenance:
    """Record versions, settings, hashes, machine, durations and disk space as JSON."""
    input:
        # These jobs come first, so that their costs are known.
        [RESULTS.picture(figure) for figure in RESULTS.shown()],
        "<results>/tables/{corpus}/claims.tsv",
        "<results>/tables/{corpus}/agreement.tsv",
        RESULTS.summaries(),
        RESULTS.extras(),
        text=[*map(source, TEXT.files)],
        corpus="<shared>/{corpus}/corpus.json",
        google=PACKAGED["google"],
        benchmarks=[*map(source, BENCHMARKS.values())],
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
        mem_mb=ASK.memory(WORK.reading),
        runtime=ASK.runtime(WORK.reading),
        seconds=ASK.seconds(WORK.read),
    params:
        config=CONFIG.model_dump(mode="json"),
        folders=STUDY.folders,
        code=code("record_provenance"),
    script:
        "../scripts/record_provenance.py"


rule write_report:
    """Write the report: figures in the paper's order, claims, costs and settings on one page."""
    input:
        **RESULTS.trends(),
        pictures=[RESULTS.picture(figure) for figure in RESULTS.shown()],
        data=[RESULTS.numbers(figure) for figure in RESULTS.shown()],
        claims="<results>/tables/{corpus}/claims.tsv",
        agreement="<results>/tables/{corpus}/agreement.tsv",
        comparisons="<results>/tables/{corpus}/comparisons.tsv",
        coverage="<results>/tables/{corpus}/coverage.tsv",
        scores="<results>/tables/{corpus}/fig3b.tsv",
        corpus="<shared>/{corpus}/corpus.json",
        provenance="<results>/report/{corpus}/provenance.json",
        template=own("workflow/mstar/report/templates/report.html.j2"),
        introduction=own("workflow/report/workflow.rst"),
        captions=[own(f"workflow/report/{figure.name}.rst") for figure in RESULTS.shown()],
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
        mem_mb=ASK.memory(WORK.reading),
        runtime=ASK.runtime(WORK.reading),
        seconds=ASK.seconds(WORK.read),
    params:
        figures=RESULTS.headings(),
        links=dict(STUDY.pages),
        config=CONFIG.model_dump(mode="json"),
        folders=STUDY.folders,
        templates=templates("page.css"),
        code=code("write_report"),
    script:
        "../scripts/write_report.py"
