"""Compare models by paired tests."""

import pandas as pd

from mstar.evaluation.comparisons import compare_models
from mstar.files.tables import read_parquet, write_table
from mstar.running.job import logged

with logged(snakemake.log[0]):
    blocks: dict[tuple[int, int], dict[str, pd.DataFrame]] = {}
    for name, path in zip(snakemake.params.models, snakemake.input.answers, strict=True):
        model, vocabulary, dim, _ = name.split()
        block = blocks.setdefault((int(vocabulary), int(dim)), {})
        block[model] = read_parquet(path, "table of answers")
    tables = [
        compare_models(answers).assign(vocabulary=vocabulary, dim=dim)
        for (vocabulary, dim), answers in sorted(blocks.items())
    ]
    write_table(pd.concat(tables), snakemake.output[0])
