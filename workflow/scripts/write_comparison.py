"""Write the page of the comparison of two texts."""

from pathlib import Path

from mstar.files.writing import atomic
from mstar.report import comparison_page
from mstar.running.job import logged

with logged(snakemake.log[0]):
    given = snakemake.input
    page = comparison_page.from_files(
        Path(given.template).read_text(encoding="utf-8"),
        {name: given[name] for name in comparison_page.TABLES},
        given.picture,
        snakemake.params.settings,
    )
    with atomic(snakemake.output[0]) as temporary:
        temporary.write_text(page, encoding="utf-8")
