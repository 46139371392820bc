"""The files of the text: where they are, how large, and what is to be fetched of them."""

from mstar.fetch import announce as downloads
from mstar.evaluation.benchmarks import PACKAGED, read_benchmark
from mstar.files.writing import printable
from mstar.corpus.shards import text_parts
from mstar.texts.places import text_files


def corpus_files(wildcards):
    """The fetched files of a named corpus, or the user's own text."""
    if CORPUS.path is None:
        return [f"<resources>/corpora/{CORPUS.name}/{name}" for name in CORPUS.filenames]
    return [as_input("corpus", str(path)) for path in text_files(CORPUS.path)]


def as_input(key, path):
    """A file that a setting names; ends the workflow if it cannot be an input."""
    if not os.path.isfile(path):
        sys.exit(f"{key}: {path}: no such file")
    try:
        path.encode()
    except UnicodeEncodeError:
        sys.exit(f"{key}: {printable(path)}: a name that is not UTF-8: rename or link the file")
    if re.search(r"{.+}|<.+>", path):
        sys.exit(
            f"{key}: {path}: Snakemake reads {{...}} and <...> otherwise: rename or link the file"
        )
    return path


def packaged_files():
    """Where the word benchmarks that packages bring are copied to, by name."""
    return {name: f"<resources>/benchmarks/{entry.file}" for name, entry in PACKAGED.items()}


def benchmark_files():
    """The files of all word benchmarks there are, by name; ends the workflow if one is wrong."""
    given = {name: path for name, path in CONFIG.benchmarks if path is not None}
    for name, path in given.items():
        try:
            read_benchmark(name, as_input(f"benchmarks.{name}", path))
        except UserError as error:
            sys.exit(f"{error}: correct benchmarks.{name}, or leave it out")
    return packaged_files() | given


def text_sizes():
    """Bytes of the files of the text, in order."""
    if CORPUS.path is None:
        return CORPUS.sizes
    return [path.stat().st_size for path in text_files(CORPUS.path)]


TEXT_PARTS = text_parts(text_sizes(), CONFIG.shards)


def part_files(wildcards):
    """The files of one part of the text."""
    files = corpus_files(wildcards)
    return [files[number] for number in TEXT_PARTS[int(wildcards.part)]]


def part_results(file):
    """Paths of one kind of file that the parts of the text give, in order."""
    parts = len(TEXT_PARTS)
    return expand(f"<results>/{{{{corpus}}}}/parts/{{part}}-of-{parts}/{file}", part=range(parts))


def file_request(wildcards):
    """Where the file to fetch is, and what is known of it."""
    file = next(each for each in CORPUS.files if wildcards.file in each.filenames)
    return file.request(wildcards.file)


def announce_downloads():
    """Say what is to be downloaded; end the workflow if the disk is too small for it."""
    sizes = dict(zip(CORPUS.filenames, CORPUS.sizes, strict=True))
    files = {
        path: sizes[os.path.basename(path)]
        for job in workflow.dag.needrun_jobs()
        for path in job.output
        if job.rule.name.endswith("fetch_file")
    }
    if files:
        try:
            print(downloads.plan(files), file=sys.stderr)
        except UserError as error:
            sys.exit(f"error: {error}")
