"""Compare the text with another: features that both have, times, and words that moved."""


use rule fetch_file as fetch_other with:
    output:
        update("<resources>/corpora/{other}/{file}"),
    log:
        "<logs>/{other}/fetch/{file}.log",
    benchmark:
        "<benchmarks>/{other}/fetch/{file}.tsv"
    wildcard_constraints:
        other=STUDY.other_pattern,
        file=OTHER.fetched,
    resources:
        mem_mb=ASK.memory(WORK.reading),
        runtime=ASK_OTHER.download_time,
        seconds=ASK_OTHER.download_seconds,
        disk_mb=ASK_OTHER.download,
    params:
        request=lambda wildcards: OTHER.request(wildcards.file),
        code=code("fetch_file"),


use rule encode_corpus as encode_other with:
    input:
        [*map(source, OTHER.files)],
        words=local(OTHER.word_files),
    output:
        tokens="<shared>/{other}/tokens.npy",
        documents="<shared>/{other}/documents.npy",
        vocabulary="<shared>/{other}/vocabulary.tsv",
        description="<shared>/{other}/corpus.json",
    log:
        "<logs>/{other}/encode_corpus.log",
    benchmark:
        "<benchmarks>/{other}/encode_corpus.tsv"
    wildcard_constraints:
        other=STUDY.other_pattern,
    threads: max(2, CORES) if OTHER.is_dump else 2
    resources:
        mem_mb=ASK_OTHER.memory(ASK_OTHER.work.encoding),
        runtime=ASK_OTHER.runtime(ASK_OTHER.work.finding_words),
        seconds=ASK_OTHER.seconds(ASK_OTHER.work.reading_text),
        disk_mb=ASK_OTHER.disk(ASK_OTHER.work.encoding),
    params:
        corpus=OTHER.corpus.model_dump(mode="json"),
        state=OTHER.state(OTHER.files),
        words=OTHER.state_of_words(),
        code=code("encode_corpus"),


rule compare_texts:
    """Measure which features of each text the other has, and how far words moved."""
    input:
        here=lambda wildcards: encoded(TEXT.files_of(wildcards.corpus)),
        there=[
            "<shared>/{other}/tokens.npy",
            "<shared>/{other}/documents.npy",
            "<shared>/{other}/corpus.json",
        ],
        vocabularies=["<shared>/{corpus}/vocabulary.tsv", "<shared>/{other}/vocabulary.tsv"],
    output:
        features="<results>/comparisons/{corpus}/{other}/features.tsv",
        words="<results>/comparisons/{corpus}/{other}/words.tsv",
        texts="<results>/comparisons/{corpus}/{other}/texts.tsv",
    log:
        "<logs>/comparisons/{corpus}/{other}/compare_texts.log",
    benchmark:
        "<benchmarks>/comparisons/{corpus}/{other}/compare_texts.tsv"
    wildcard_constraints:
        other=STUDY.other_pattern,
    conda:
        "../../envs/torch.yaml"
    threads: CORES
    resources:
        mem_mb=ASK.memory(WORK.comparing),
        runtime=ASK.runtime(WORK.comparing),
        seconds=ASK.seconds(WORK.comparing),
    params:
        settings=STUDY.comparison,
        out_of_vocabulary=CONFIG.out_of_vocabulary,
        code=code("compare_texts"),
    script:
        "../scripts/compare_texts.py"


rule draw_comparison:
    """Draw the features that both texts have, times, and words that moved."""
    input:
        features="<results>/comparisons/{corpus}/{other}/features.tsv",
        words="<results>/comparisons/{corpus}/{other}/words.tsv",
        texts="<results>/comparisons/{corpus}/{other}/texts.tsv",
    output:
        picture="<results>/comparisons/{corpus}/{other}/comparison.png",
        other="<results>/comparisons/{corpus}/{other}/comparison.pdf",
        numbers="<results>/comparisons/{corpus}/{other}/comparison.csv",
    log:
        "<logs>/comparisons/{corpus}/{other}/draw_comparison.log",
    benchmark:
        "<benchmarks>/comparisons/{corpus}/{other}/draw_comparison.tsv"
    wildcard_constraints:
        other=STUDY.other_pattern,
    conda:
        "../../envs/plots.yaml"
    resources:
        mem_mb=ASK.memory(WORK.reading),
        runtime=ASK.runtime(WORK.reading),
        seconds=ASK.seconds(WORK.read),
    params:
        module="mstar.figures.comparison",
        inputs={name: [list(TABLE), []] for name in ("features", "words", "texts")},
        settings={},
        code=[code("draw"), code_of_modules("mstar.figures.comparison", *modules([TABLE]))],
    script:
        "../scripts/draw.py"


rule write_comparison:
    """Write the page of the comparison."""
    input:
        features="<results>/comparisons/{corpus}/{other}/features.tsv",
        words="<results>/comparisons/{corpus}/{other}/words.tsv",
        texts="<results>/comparisons/{corpus}/{other}/texts.tsv",
        picture="<results>/comparisons/{corpus}/{other}/comparison.png",
        template=own("workflow/mstar/report/templates/comparison.html.j2"),
    output:
        "<results>/comparisons/{corpus}/{other}/comparison.html",
    log:
        "<logs>/comparisons/{corpus}/{other}/write_comparison.log",
    benchmark:
        "<benchmarks>/comparisons/{corpus}/{other}/write_comparison.tsv"
    wildcard_constraints:
        other=STUDY.other_pattern,
    localrule: True
    conda:
        "../../envs/report.yaml"
    resources:
        mem_mb=ASK.memory(WORK.reading),
        runtime=ASK.runtime(WORK.reading),
        seconds=ASK.seconds(WORK.read),
    params:
        settings=STUDY.comparison,
        code=code("write_comparison"),
    script:
        "../scripts/write_comparison.py"


rule compare:
    """Compare the text with that of ``against``: tables, a picture and a page."""
    input:
        lambda wildcards: RESULTS.compared_page()
        or sys.exit("against: null: expected the name of a corpus, or the path of a text"),
