"""Score one embedding."""

from mstar import evaluation
from mstar.jobs import logged
from mstar.record import load_embedding
from mstar.vocabulary import read_vocabulary

with logged(snakemake.log[0]):
    embedding = load_embedding(snakemake.input.embedding)
    words = read_vocabulary(snakemake.input.vocabulary)[0][: len(embedding)]
    given = snakemake.input
    sets = evaluation.read_benchmarks(
        given.google, given.wordsim353, given.simlex999, given.get("men") or None
    )
    table, answers = evaluation.evaluate(embedding, words, sets, snakemake.wildcards.run)
    evaluation.write_table(table, snakemake.output.scores)
    evaluation.write_answers(answers, snakemake.output.answers)
