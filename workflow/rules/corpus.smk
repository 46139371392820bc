"""From published files or the user's own text to integers."""


rule encode_corpus:
    """Normalise, tokenise and number the words; documents stay apart."""
    input:
        corpus_files,
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
        corpus=corpus_if(len(TEXT_PARTS) == 1),
    conda:
        "../../envs/counting.yaml"
    threads: 2
    resources:
        mem_mb=memory(text_size),
        runtime=runtime(text_size),
        disk_mb=disk(text_size),
    params:
        corpus=CORPUS.model_dump(mode="json"),
        state=state_of_text(corpus_files),
        code=code("encode_corpus"),
    script:
        "../scripts/encode_corpus.py"


rule encode_part:
    """Encode some of the files of a text, with a vocabulary of their own."""
    input:
        part_files,
    output:
        tokens=temp("<results>/{corpus}/parts/{part}-of-{parts}/tokens.npy"),
        documents=temp("<results>/{corpus}/parts/{part}-of-{parts}/documents.npy"),
        vocabulary=temp("<results>/{corpus}/parts/{part}-of-{parts}/vocabulary.tsv"),
        description=temp("<results>/{corpus}/parts/{part}-of-{parts}/corpus.json"),
    log:
        "<logs>/{corpus}/parts/{part}-of-{parts}.log",
    benchmark:
        "<benchmarks>/{corpus}/parts/{part}-of-{parts}.tsv"
    wildcard_constraints:
        part=r"\d+",
        parts=str(len(TEXT_PARTS)),
    conda:
        "../../envs/counting.yaml"
    threads: 2
    resources:
        mem_mb=memory(text_size),
        runtime=runtime(text_size),
        disk_mb=disk(text_size),
    params:
        corpus=CORPUS.model_dump(mode="json"),
        only=part_files,
        state=state_of_text(part_files),
        code=code("encode_corpus"),
    script:
        "../scripts/encode_corpus.py"


rule merge_corpus:
    """Put the parts of a text together, exactly as if it had been encoded in one."""
    input:
        tokens=part_results("tokens.npy"),
        documents=part_results("documents.npy"),
        vocabulary=part_results("vocabulary.tsv"),
        description=part_results("corpus.json"),
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
        corpus=corpus_if(len(TEXT_PARTS) > 1),
    conda:
        "../../envs/counting.yaml"
    resources:
        mem_mb=memory(merging_size),
        runtime=runtime(text_size),
        disk_mb=disk(text_size),
    params:
        corpus=CORPUS.model_dump(mode="json"),
        code=code("merge_corpus"),
    script:
        "../scripts/merge_corpus.py"
