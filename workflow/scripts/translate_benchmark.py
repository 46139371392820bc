"""Turn the words of a benchmark into words of a text."""

from mstar.corpus.vocabulary import read_vocabulary
from mstar.corpus.wording import WordRules
from mstar.evaluation.benchmarks import read_written
from mstar.evaluation.coverage import as_in_text
from mstar.evaluation.question_files import write_asked
from mstar.running.job import logged

with logged(snakemake.log[0]):
    given = snakemake.params
    written = read_written(given.name, snakemake.input.file, given.own)
    words = frozenset(read_vocabulary(snakemake.input.vocabulary)[0])
    rules = WordRules.model_validate(given.rules)
    write_asked(as_in_text(written, given.normaliser, rules, words), snakemake.output[0])
