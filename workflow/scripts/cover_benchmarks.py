"""Turn the words of benchmarks into words of a text, and say how many questions that leaves."""

from pathlib import Path

from mstar.corpus.vocabulary import read_vocabulary
from mstar.corpus.wording import WordRules
from mstar.evaluation import coverage
from mstar.evaluation.benchmarks import BENCHMARKS, read_benchmark
from mstar.evaluation.question_files import Layout, decoded, parse, write_asked
from mstar.files.tables import write_table
from mstar.files.writing import tell
from mstar.running.job import logged

with logged(snakemake.log[0]):
    given = snakemake.params
    files = dict(zip(given.names, snakemake.input.files, strict=True))
    written = {}
    for name, path in files.items():
        if name in given.own:
            settings = {k: v for k, v in given.own[name].items() if k not in ("kind", "sha256")}
            text = decoded(Path(path).read_bytes(), path)
            written[name] = parse(given.own[name]["kind"], text, path, Layout(**settings))
        else:
            written[name] = parse(BENCHMARKS[name].kind, read_benchmark(name, path), path)
    words = read_vocabulary(snakemake.input.vocabulary)[0]
    reading = given.normaliser, WordRules.model_validate(given.rules), frozenset(words)
    asked = {name: coverage.as_in_text(one, *reading) for name, one in written.items()}
    table = coverage.coverage(written, asked, words, given.vocabularies)
    for line in coverage.told(table):
        tell(line)
    coverage.check_covered(table, {name: files[name] for name in given.own}, given.normaliser)
    for path, parsed in zip(snakemake.output.asked, asked.values(), strict=True):
        write_asked(parsed, path)
    write_table(table, snakemake.output.coverage)
