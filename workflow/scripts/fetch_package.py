"""Fetch one package file."""

from mstar.fetch import fetch_package_file
from mstar.jobs import logged

with logged(snakemake.log[0]):
    file = snakemake.params.file
    fetch_package_file(
        file["package"],
        file["version"],
        file["filename"],
        file["sha256"],
        file["bytes"],
        snakemake.output[0],
    )
