"""Say how many questions of each benchmark the vocabulary covers."""

from mstar.corpus.vocabulary import read_vocabulary
from mstar.evaluation import coverage
from mstar.evaluation.benchmarks import read_written
from mstar.evaluation.question_files import read_asked
from mstar.files.tables import write_table
from mstar.files.writing import tell
from mstar.running.job import logged

with logged(snakemake.log[0]):
    given = snakemake.params
    files = dict(zip(given.names, snakemake.input.files, strict=True))
    written = {name: read_written(name, path, given.own.get(name)) for name, path in files.items()}
    asked = {
        name: read_asked(path)
        for name, path in zip(given.names, snakemake.input.asked, strict=True)
    }
    words = read_vocabulary(snakemake.input.vocabulary)[0]
    table = coverage.coverage(written, asked, words, given.vocabularies)
    for line in coverage.told(table):
        tell(line)
    coverage.check_covered(table, {name: files[name] for name in given.own}, given.normaliser)
    write_table(table, snakemake.output[0])
