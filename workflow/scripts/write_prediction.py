"""Write the prediction page and the recommended d."""

from mstar.files.tables import write_table
from mstar.files.writing import atomic
from mstar.report import prediction_page
from mstar.running.job import logged

with logged(snakemake.log[0]):
    tables = prediction_page.read_tables(snakemake.input)
    settings = snakemake.params.settings
    advice = prediction_page.recommended(tables, settings)
    page = prediction_page.from_files(dict(snakemake.input.items()), tables, advice, settings)
    write_table(advice, snakemake.output.recommended)
    with atomic(snakemake.output.page) as temporary:
        temporary.write_text(page, encoding="utf-8")
