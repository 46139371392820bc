"""Measure random subsets of a text, and find those large enough for the study."""

from mstar.corpus.encoded_text import open_text
from mstar.corpus.subsets import plan
from mstar.files.tables import write_table
from mstar.running.job import logged

with logged(snakemake.log[0]):
    text = open_text(snakemake.input.text, check=True)
    params = snakemake.params
    write_table(plan(text, **params.settings, vocabulary=params.vocabulary), snakemake.output[0])
