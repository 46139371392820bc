"""Embeddings in the formats that viewers of embeddings open.

A parquet file has a row for each word, with ``word``, ``rank`` (from 1, the commonest first) and
``vector``, for Embedding Atlas (``embedding-atlas FILE --text word --vector vector``), DuckDB and
pandas. A pair of TSV files is for TensorBoard's projector: ``NAME.tsv`` has the numbers and
``NAME.metadata.tsv`` word and rank, with a header.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from mstar.files.writing import UserError, atomic
from mstar.training import word2vec_format

FORMATS = ("parquet", "tsv")


def metadata(path: str | Path) -> Path:
    """Return the path of the words that belong to the numbers at ``path``, NAME.tsv."""
    return Path(path).with_suffix(".metadata.tsv")


def write(path: str | Path, words: Sequence[str], embedding: NDArray[Any]) -> None:
    """Write the ``embedding`` (V, d) of ``words`` (V,) in float32, as parquet or TSV by its ending.

    Raises:
        UserError: another ending, a word that the formats cannot represent, or a value that is not
            finite in float32.
        ValueError: words and rows differ in number.
    """
    ending = Path(path).suffix.removeprefix(".")
    if ending not in FORMATS:
        raise UserError(f"{path}: expected a name that ends in .{' or .'.join(FORMATS)}")
    rows = word2vec_format.checked(path, words, embedding)
    if len(words) != len(rows):
        raise ValueError(f"{len(words)} words for {len(rows)} rows")
    if ending == "parquet":
        _parquet(path, words, rows)
    else:
        numbers = "\t".join(["%.9g"] * rows.shape[1])
        named = [f"{word}\t{rank}" for rank, word in enumerate(words, 1)]
        # The words come first: where numbers are, their words are too.
        _lines(metadata(path), ["word\trank", *named])
        _lines(path, [numbers % tuple(row.tolist()) for row in rows])


def _parquet(path: str | Path, words: Sequence[str], rows: NDArray[np.float32]) -> None:
    vectors = pa.FixedSizeListArray.from_arrays(pa.array(rows.ravel()), rows.shape[1])
    ranks = pa.array(np.arange(1, len(words) + 1, dtype=np.int32))
    names = pa.array(words, pa.string())
    table = pa.table({"word": names, "rank": ranks, "vector": vectors})
    with atomic(path) as temporary:
        pq.write_table(table, temporary)


def _lines(path: str | Path, lines: Sequence[str]) -> None:
    with atomic(path) as temporary, open(temporary, "w", encoding="utf-8", newline="") as stream:
        stream.writelines(f"{line}\n" for line in lines)
