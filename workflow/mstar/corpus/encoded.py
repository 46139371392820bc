"""A text in integers on disk: read with care, since compiled loops trust its offsets."""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mstar.files.writing import UserError, load_array

AGAIN = "delete it and run again"
# What `corpus.json` must have, for those who read it here.
KEYS = {"types", "empty_documents", "crc32", "sources"}


def checksum(array: NDArray[Any]) -> str:
    """CRC-32 of an array's bytes, in hexadecimal; one on disk is read from there."""
    return f"{zlib.crc32(np.ascontiguousarray(array).data):08x}"


def load_encoded(
    tokens: str | Path, documents: str | Path, description: str | Path | None = None
) -> tuple[NDArray[np.unsignedinteger[Any]], NDArray[np.int64]]:
    """The tokens (n,), mapped from disk, and document offsets (documents + 1,) of a corpus.

    With its ``description`` (``corpus.json``) every byte is checked too, at the price of reading
    them. Raises ``UserError``, with the name of the file, if one is missing or damaged.
    """
    ids = load_array(tokens, "list of tokens", mapped=True)
    if ids.ndim != 1 or ids.dtype not in (np.uint16, np.uint32):
        raise UserError(f"{tokens}: not a readable list of tokens ({ids.dtype}); {AGAIN}")
    offsets = load_array(documents, "list of documents")
    if (
        offsets.ndim != 1
        or offsets.dtype != np.int64
        or not offsets.size
        or offsets[0] != 0
        or offsets[-1] != ids.size
        or (np.diff(offsets) < 0).any()
    ):
        raise UserError(
            f"{documents}: not a readable list of documents (not increasing from 0 to the"
            f" {ids.size:,} of {tokens}); {AGAIN}"
        )
    if description is not None:
        described = read_description(description)
        for path, array, key in ((tokens, ids, "tokens"), (documents, offsets, "documents")):
            if described["crc32"].get(key) != checksum(array):
                raise UserError(f"{path}: damaged (not what {description} says of it); {AGAIN}")
    return ids, offsets


def read_description(path: str | Path) -> dict[str, Any]:
    """Return ``corpus.json``. Raises ``UserError`` if it is missing or damaged."""
    try:
        found = json.loads(Path(path).read_text(encoding="utf-8"))
        if not isinstance(found, dict) or not set(found) >= KEYS:
            raise ValueError("keys are missing")
        if not isinstance(found["crc32"], dict):
            raise ValueError("no checksums")
    except (OSError, ValueError) as error:
        raise UserError(
            f"{path}: not a readable description of a corpus ({error}); {AGAIN}"
        ) from None
    return found
