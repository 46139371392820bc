"""Write the prediction page."""

from mstar.files.writing import atomic
from mstar.report import prediction_page
from mstar.running.job import logged

with logged(snakemake.log[0]):
    page = prediction_page.from_files(dict(snakemake.input.items()), snakemake.params.settings)
    with atomic(snakemake.output[0]) as temporary:
        temporary.write_text(page, encoding="utf-8")
