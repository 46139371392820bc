"""Encode published files or the user's own text as integers."""


rule encode_corpus:
    """Normalise, tokenise and number the words of documents."""
    input:
        [*map(source, TEXT.files)],
        words=local(TEXT.word_files),
    output:
        tokens="<shared>/{corpus}/tokens.npy",
        documents="<shared>/{corpus}/documents.npy",
        vocabulary="<shared>/{corpus}/vocabulary.tsv",
        description="<shared>/{corpus}/corpus.json",
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
        lambda wildcards: [*map(source, TEXT.part(int(wildcards.part)))],
        words=local(TEXT.word_files),
    output:
        tokens="<shared>/{corpus}/parts/{part}-of-{parts}/tokens.npy",
        documents="<shared>/{corpus}/parts/{part}-of-{parts}/documents.npy",
        vocabulary="<shared>/{corpus}/parts/{part}-of-{parts}/vocabulary.tsv",
        description="<shared>/{corpus}/parts/{part}-of-{parts}/corpus.json",
    log:
        "<logs>/{corpus}/parts/{part}-of-{parts}.log",
    benchmark:
        "<benchmarks>/{corpus}/parts/{part}-of-{parts}.tsv"
    wildcard_constraints:
        corpus=STUDY.corpus_pattern(not TEXT.is_revised),
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


use rule encode_part as read_part with:
    # Of a text whose parts are revised once all of them are known.
    output:
        tokens=temp("<shared>/{corpus}/parts/{part}-of-{parts}/read/tokens.npy"),
        documents=temp("<shared>/{corpus}/parts/{part}-of-{parts}/read/documents.npy"),
        vocabulary=temp("<shared>/{corpus}/parts/{part}-of-{parts}/read/vocabulary.tsv"),
        description=temp("<shared>/{corpus}/parts/{part}-of-{parts}/read/corpus.json"),
        sentences=temp("<shared>/{corpus}/parts/{part}-of-{parts}/read/sentences.npy"),
    log:
        "<logs>/{corpus}/parts/{part}-of-{parts}/read.log",
    benchmark:
        "<benchmarks>/{corpus}/parts/{part}-of-{parts}/read.tsv"
    wildcard_constraints:
        corpus=STUDY.corpus_pattern(TEXT.is_revised),
        part=r"\d+",
        parts=str(len(TEXT.parts)),


rule survey_parts:
    """Find repeated sentences, phrases, and words to leave out, in all parts of a text."""
    input:
        tokens=TEXT.of_parts("read/tokens.npy"),
        documents=TEXT.of_parts("read/documents.npy"),
        vocabulary=TEXT.of_parts("read/vocabulary.tsv"),
        description=TEXT.of_parts("read/corpus.json"),
        sentences=TEXT.of_parts("read/sentences.npy"),
        words=local(TEXT.word_files),
    output:
        temp("<shared>/{corpus}/parts/survey.npz"),
    log:
        "<logs>/{corpus}/survey_parts.log",
    benchmark:
        "<benchmarks>/{corpus}/survey_parts.tsv"
    wildcard_constraints:
        corpus=STUDY.corpus_pattern(TEXT.is_revised),
    conda:
        "../../envs/text.yaml"
    resources:
        mem_mb=ASK.memory(WORK.drawing),
        runtime=ASK.runtime(WORK.drawing),
        seconds=ASK.seconds(WORK.drawing),
    params:
        corpus=CORPUS.model_dump(mode="json"),
        words=TEXT.state_of_words(),
        code=code("survey_parts"),
    script:
        "../scripts/survey_parts.py"


rule revise_part:
    """Drop the repeated sentences of a part of a text, join its phrases, and leave out words."""
    input:
        tokens="<shared>/{corpus}/parts/{part}-of-{parts}/read/tokens.npy",
        documents="<shared>/{corpus}/parts/{part}-of-{parts}/read/documents.npy",
        vocabulary="<shared>/{corpus}/parts/{part}-of-{parts}/read/vocabulary.tsv",
        description="<shared>/{corpus}/parts/{part}-of-{parts}/read/corpus.json",
        sentences="<shared>/{corpus}/parts/{part}-of-{parts}/read/sentences.npy",
        survey="<shared>/{corpus}/parts/survey.npz",
    output:
        tokens="<shared>/{corpus}/parts/{part}-of-{parts}/tokens.npy",
        documents="<shared>/{corpus}/parts/{part}-of-{parts}/documents.npy",
        vocabulary="<shared>/{corpus}/parts/{part}-of-{parts}/vocabulary.tsv",
        description="<shared>/{corpus}/parts/{part}-of-{parts}/corpus.json",
    log:
        "<logs>/{corpus}/parts/{part}-of-{parts}/revise.log",
    benchmark:
        "<benchmarks>/{corpus}/parts/{part}-of-{parts}/revise.tsv"
    wildcard_constraints:
        corpus=STUDY.corpus_pattern(TEXT.is_revised),
        part=r"\d+",
        parts=str(len(TEXT.parts)),
    conda:
        "../../envs/text.yaml"
    resources:
        mem_mb=ASK.memory(WORK.drawing),
        runtime=ASK.runtime(WORK.drawing),
        seconds=ASK.seconds(WORK.drawing),
        disk_mb=ASK.disk(WORK.drawing),
    params:
        corpus=CORPUS.model_dump(mode="json"),
        code=code("revise_part"),
    script:
        "../scripts/revise_part.py"


rule merge_vocabularies:
    """Merge the vocabularies of the parts of a text, and number the words of each part in it."""
    input:
        tokens=ancient(TEXT.continued),
        vocabulary=ancient(TEXT.of_parts("vocabulary.tsv")),
        description=TEXT.of_parts("corpus.json"),
    output:
        vocabulary="<shared>/{corpus}/vocabulary.tsv",
        description="<shared>/{corpus}/corpus.json",
        places=TEXT.of_parts("place.npz"),
    log:
        "<logs>/{corpus}/merge_vocabularies.log",
    benchmark:
        "<benchmarks>/{corpus}/merge_vocabularies.tsv"
    wildcard_constraints:
        corpus=STUDY.corpus_pattern(len(TEXT.parts) > 1),
    conda:
        "../../envs/text.yaml"
    resources:
        mem_mb=ASK.memory(WORK.merging),
        runtime=ASK.runtime(WORK.merging),
        seconds=ASK.seconds(WORK.merging),
    params:
        corpus=CORPUS.model_dump(mode="json"),
        code=code("merge_vocabularies"),
    script:
        "../scripts/merge_vocabularies.py"
