"""Embeddings in the formats of word2vec, which gensim and most other programs read.

Both begin with a line ``words dimensions``. A line of the text format is a word and its numbers,
separated by spaces. An entry of the binary format is the word, a space, the numbers as
little-endian float32, and a line feed. gensim reads both by
``KeyedVectors.load_word2vec_format(path, binary=...)``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mstar.files.writing import UserError, atomic

FORMATS = ("txt", "bin")


def write(path: str | Path, words: Sequence[str], embedding: NDArray[Any]) -> None:
    """Write the ``embedding`` (V, d) of ``words`` (V,) in float32.

    The format is binary if ``path`` ends in .bin, and text if it ends in .txt. Text has nine
    significant digits, which determine every float32.

    Raises:
        UserError: another ending, a word that the formats cannot represent, or a value that is not
            finite in float32.
    """
    ending = Path(path).suffix.removeprefix(".")
    if ending not in FORMATS:
        raise UserError(f"{path}: expected a name that ends in .{' or .'.join(FORMATS)}")
    rows = checked(path, words, embedding)
    lines = _binary(words, rows) if ending == "bin" else _text(words, rows)
    with atomic(path) as temporary, open(temporary, "wb") as stream:
        stream.write(f"{rows.shape[0]} {rows.shape[1]}\n".encode("ascii"))
        stream.writelines(lines)


def checked(path: str | Path, words: Sequence[str], embedding: NDArray[Any]) -> NDArray[np.float32]:
    """Return the ``embedding`` (V, d) in little-endian float32, if files can hold it.

    Raises:
        UserError: a word that is empty, holds white space or is there twice, or a value that is not
            finite in float32.
    """
    _check_words(words)
    with np.errstate(over="ignore"):
        rows = embedding.astype("<f4")
    if not np.isfinite(rows).all():
        raise UserError(f"{path}: the embedding has values that are not finite in float32")
    return rows


def _binary(words: Sequence[str], rows: NDArray[np.float32]) -> Iterator[bytes]:
    for word, row in zip(words, rows, strict=True):
        yield word.encode("utf-8") + b" " + row.tobytes() + b"\n"


def _text(words: Sequence[str], rows: NDArray[np.float32]) -> Iterator[bytes]:
    numbers = " ".join(["%.9g"] * rows.shape[1])
    for word, row in zip(words, rows, strict=True):
        yield f"{word} {numbers % tuple(row.tolist())}\n".encode()


def _check_words(words: Sequence[str]) -> None:
    """Raise ``UserError`` for words that the formats cannot represent, and for duplicates."""
    seen: set[str] = set()
    for word in words:
        if word.split() != [word]:
            raise UserError(f"word {word!r}: these formats hold no empty word or white space")
        try:
            word.encode("utf-8")
        except UnicodeEncodeError:
            raise UserError(f"word {word!r}: it cannot be written in UTF-8") from None
        if word in seen:
            raise UserError(f"word {word!r}: it is there twice")
        seen.add(word)
