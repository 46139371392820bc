"""Score factorisations of thinned counts, and of PMI with other floors."""

from mstar.corpus.vocabulary import read_vocabulary
from mstar.counts.cooccurrence import load
from mstar.evaluation.analogies import build_questions
from mstar.evaluation.question_files import read_sections
from mstar.files.tables import write_table
from mstar.prediction.seen_pairs import compare
from mstar.running.job import logged

with logged(snakemake.log[0]):
    words = read_vocabulary(snakemake.input.vocabulary)[0][: int(snakemake.wildcards.V)]
    sections = read_sections(snakemake.input.google)
    given = snakemake.params
    table = compare(
        load(snakemake.input.counts),
        build_questions(sections, words, "regenerated"),
        given.dim,
        **given.settings,
        pmi_floor=given.pmi_floor,
        negative=given.negative,
        seed=given.seed,
    )
    write_table(table, snakemake.output[0])
