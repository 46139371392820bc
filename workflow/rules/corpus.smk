"""Encode published files or the user's own text as integers."""


rule encode_corpus:
    """Normalise, tokenise and number the words of documents."""
    input:
        TEXT.files,
        words=TEXT.word_files,
    output:
        tokens="<results>/{corpus}/tokens.npy",
        documents="<results>/{corpus}/documents.npy",
        vocabulary="<results>/{corpus}/vocabulary.tsv",
        description="<results>/{corpus}/corpus.json",
    log:
        "<logs>/{corpus}/encode_corpus.log",
    benchmark:
        "<benchmarks>/{corpus}/encode_corpus.tsv"
    wildcard_constraints:
        corpus=STUDY.corpus_pattern(len(TEXT.parts) == 1),
    conda:
        "../../envs/text.yaml"
    threads: max(2, CORES) if TEXT.is_dump else 2
    resources:
        mem_mb=ASK.memory(WORK.encoding),
        runtime=ASK.runtime(WORK.finding_words),
        seconds=ASK.seconds(WORK.reading_text),
        disk_mb=ASK.disk(WORK.encoding),
    params:
        corpus=CORPUS.model_dump(mode="json"),
        state=TEXT.state(TEXT.files),
        words=TEXT.state_of_words(),
        code=code("encode_corpus"),
    script:
        "../scripts/encode_corpus.py"


rule encode_part:
    """Encode some of the files of a text, with their own vocabulary."""
    input:
        lambda wildcards: TEXT.part(int(wildcards.part)),
        words=TEXT.word_files,
    output:
        tokens=temp("<results>/{corpus}/parts/{part}-of-{parts}/tokens.npy"),
        documents=temp("<results>/{corpus}/parts/{part}-of-{parts}/documents.npy"),
        vocabulary=temp("<results>/{corpus}/parts/{part}-of-{parts}/vocabulary.tsv"),
        description=temp("<results>/{corpus}/parts/{part}-of-{parts}/corpus.json"),
        sentences=temp("<results>/{corpus}/parts/{part}-of-{parts}/sentences.npy"),
    log:
        "<logs>/{corpus}/parts/{part}-of-{parts}.log",
    benchmark:
        "<benchmarks>/{corpus}/parts/{part}-of-{parts}.tsv"
    wildcard_constraints:
        part=r"\d+",
        parts=str(len(TEXT.parts)),
    conda:
        "../../envs/text.yaml"
    threads: 2
    resources:
        mem_mb=ASK.memory(WORK.encoding),
        runtime=ASK.runtime(WORK.finding_words),
        seconds=ASK.seconds(WORK.reading_text),
        disk_mb=ASK.disk(WORK.encoding),
    params:
        corpus=CORPUS.model_dump(mode="json"),
        only=lambda wildcards: TEXT.part(int(wildcards.part)),
        state=lambda wildcards: TEXT.state(TEXT.part(int(wildcards.part))),
        words=TEXT.state_of_words(),
        code=code("encode_corpus"),
    script:
        "../scripts/encode_corpus.py"


rule merge_corpus:
    """Merge the parts of a text, with the same result as encoding it at once."""
    input:
        tokens=TEXT.encoded_parts("tokens.npy"),
        documents=TEXT.encoded_parts("documents.npy"),
        vocabulary=TEXT.encoded_parts("vocabulary.tsv"),
        description=TEXT.encoded_parts("corpus.json"),
        sentences=TEXT.encoded_parts("sentences.npy"),
        words=TEXT.word_files,
    output:
        tokens="<results>/{corpus}/tokens.npy",
        documents="<results>/{corpus}/documents.npy",
        vocabulary="<results>/{corpus}/vocabulary.tsv",
        description="<results>/{corpus}/corpus.json",
    log:
        "<logs>/{corpus}/merge_corpus.log",
    benchmark:
        "<benchmarks>/{corpus}/merge_corpus.tsv"
    wildcard_constraints:
        corpus=STUDY.corpus_pattern(len(TEXT.parts) > 1),
    conda:
        "../../envs/text.yaml"
    resources:
        mem_mb=ASK.memory(WORK.merging),
        runtime=ASK.runtime(WORK.encoding),
        seconds=ASK.seconds(WORK.merging),
        disk_mb=ASK.disk(WORK.encoding),
    params:
        corpus=CORPUS.model_dump(mode="json"),
        words=TEXT.state_of_words(),
        code=code("merge_corpus"),
    script:
        "../scripts/merge_corpus.py"
