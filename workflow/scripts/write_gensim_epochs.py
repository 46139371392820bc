"""Write the page of what gensim's word2vec will learn."""

from mstar.files.writing import atomic
from mstar.report import gensim_page
from mstar.running.job import logged

with logged(snakemake.log[0]):
    page = gensim_page.from_files(dict(snakemake.input.items()), snakemake.params.settings)
    with atomic(snakemake.output[0]) as temporary:
        temporary.write_text(page, encoding="utf-8")
