"""Score one embedding."""

from mstar.corpus.vocabulary import read_vocabulary
from mstar.evaluation import evaluate
from mstar.evaluation.question_files import read_asked
from mstar.files.tables import write_parquet, write_table
from mstar.running.job import logged
from mstar.training.record import load_embedding

with logged(snakemake.log[0]):
    embedding = load_embedding(snakemake.input.embedding)
    words = read_vocabulary(snakemake.input.vocabulary)[0][: len(embedding)]
    files = zip(snakemake.params.names, snakemake.input.benchmarks, strict=True)
    sets = {name: read_asked(path) for name, path in files}
    table, answers = evaluate.evaluate(embedding, words, sets, snakemake.wildcards.run)
    write_table(table, snakemake.output.scores)
    write_parquet(answers, snakemake.output.answers)
