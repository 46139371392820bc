"""A corpus as integers, in memory and on disk.

What is read from disk is checked: compiled loops index with its offsets unchecked.
"""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from mstar.corpus.vocabulary import by_frequency, write_vocabulary
from mstar.files.writing import UserError, atomic, load_array

AGAIN = "delete it and run again"
# Keys that `corpus.json` must have.
KEYS = {"types", "empty_documents", "crc32", "sources"}
# Counted in each source, so that what a normaliser loses of a text can be reported.
LOSSES = ("letters", "letters_dropped", "undecodable_bytes")
# Tokens counted at once.
BLOCK = 1 << 22


@dataclass(frozen=True)
class EncodedCorpus:
    """A corpus as integers.

    tokens: (n,) uint16, or uint32 above 65,535 types; ids into ``words``.
    document_offsets: (documents + 1,) int64; document i is ``tokens[offsets[i]:offsets[i + 1]]``.
    words, counts: all types, sorted by (-count, word); counts (types,) int64.
    empty_documents: number of documents without a word, which are dropped.
    short_documents: number of documents with fewer words than asked for, which are dropped too.
    sources: for each source where it is from, its documents and its tokens.
    """

    tokens: NDArray[np.unsignedinteger[Any]]
    document_offsets: NDArray[np.int64]
    words: list[str]
    counts: NDArray[np.int64]
    empty_documents: int
    sources: tuple[dict[str, Any], ...] = ()
    short_documents: int = 0

    @property
    def documents(self) -> int:
        return len(self.document_offsets) - 1


class Entry(Protocol):
    """What `corpus.json` repeats of a `mstar.corpus.corpora.Corpus`.

    That class needs pydantic, which most jobs that read a corpus do without.
    """

    @property
    def name(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def normaliser(self) -> str: ...
    @property
    def document_rule(self) -> str: ...
    @property
    def min_tokens(self) -> int: ...


def totals(corpus: EncodedCorpus) -> dict[str, int]:
    """Return the `LOSSES` of the whole corpus."""
    return {key: sum(source[key] for source in corpus.sources) for key in LOSSES}


def drop_short(corpus: EncodedCorpus, least: int) -> tuple[EncodedCorpus, NDArray[np.bool_]]:
    """Drop documents of fewer than ``least`` words, and the words that are in no other.

    Returns the corpus without them, and which documents were kept, (documents,).
    """
    lengths = np.diff(corpus.document_offsets)
    kept = lengths >= least
    if kept.all():
        return corpus, kept
    tokens = corpus.tokens[np.repeat(kept, lengths)]
    counts = np.zeros(len(corpus.words), np.int64)
    for begin in range(0, tokens.size, BLOCK):  # bincount makes eight bytes of each token
        counts += np.bincount(tokens[begin : begin + BLOCK], minlength=counts.size)
    words, counts, rank = by_frequency(corpus.words, counts)
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths[kept])])
    short = int(kept.size - kept.sum())
    shorter = EncodedCorpus(rank[tokens], offsets, words, counts, corpus.empty_documents)
    return replace(shorter, sources=corpus.sources, short_documents=short), kept


def checksum(array: NDArray[Any]) -> str:
    """Return the CRC-32 of an array's bytes, in hexadecimal; one on disk is read from there."""
    return f"{zlib.crc32(np.ascontiguousarray(array).data):08x}"


def load_encoded(
    tokens: str | Path, documents: str | Path, description: str | Path | None = None
) -> tuple[NDArray[np.unsignedinteger[Any]], NDArray[np.int64]]:
    """Return the tokens (n,), mapped from disk, and document offsets (documents + 1,) of a corpus.

    With its ``description`` (``corpus.json``) every byte is checked too, at the price of reading
    them. Raises ``UserError``, with the name of the file, if one is missing or damaged.
    """
    described = {} if description is None else read_description(description)["crc32"]
    ids = load_array(tokens, "list of tokens", mapped=True)
    if ids.ndim != 1 or ids.dtype not in (np.uint16, np.uint32):
        raise UserError(f"{tokens}: not a readable list of tokens ({ids.dtype}); {AGAIN}")
    # Tokens are checked completely first: with too few of them, the documents would look wrong.
    assert isinstance(ids, np.memmap)
    said, size = ids.offset + ids.nbytes, Path(tokens).stat().st_size
    if said != size:
        raise UserError(
            f"{tokens}: not a readable list of tokens (its header stands for "
            f"{said:,} bytes, and it has {size:,}); {AGAIN}"
        )
    _check_sum(tokens, ids, described.get("tokens"), description)
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
    _check_sum(documents, offsets, described.get("documents"), description)
    return ids, offsets


def _check_sum(
    path: str | Path, array: NDArray[Any], known: str | None, description: str | Path | None
) -> None:
    if description is not None and known != checksum(array):
        raise UserError(f"{path}: damaged (not what {description} says of it); {AGAIN}")


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


def write_corpus(
    corpus: Entry,
    encoded: EncodedCorpus,
    *,
    tokens: str | Path,
    documents: str | Path,
    vocabulary: str | Path,
    description: str | Path,
) -> None:
    """Write an encoded corpus: its two arrays, the vocabulary, and ``corpus.json``.

    tokens: uint16 or uint32 (n,); documents: int64 (documents + 1,) offsets; vocabulary: see
    `write_vocabulary`; description: see `write_description`.
    """
    for path, values in ((tokens, encoded.tokens), (documents, encoded.document_offsets)):
        with atomic(path) as temporary:
            np.save(temporary, values, allow_pickle=False)
    write_vocabulary(vocabulary, encoded.words, encoded.counts)
    write_description(description, corpus, encoded)


def write_description(path: str | Path, corpus: Entry, encoded: EncodedCorpus) -> None:
    """Write ``corpus.json``: name, title, documents, tokens, types, normaliser, document_rule,
    empty_documents and, where a least length is set, short_documents (both dropped), letters (of
    any script, those of each source added up), letters_dropped (which the normaliser does not
    know), undecodable_bytes, crc32 of the arrays, and sources."""
    summary: dict[str, Any] = {
        "name": corpus.name,
        "title": corpus.title,
        "documents": encoded.documents,
        "tokens": len(encoded.tokens),
        "types": len(encoded.words),
        "normaliser": corpus.normaliser,
        "document_rule": corpus.document_rule,
        "empty_documents": encoded.empty_documents,
        **totals(encoded),
        "crc32": {
            "tokens": checksum(encoded.tokens),
            "documents": checksum(encoded.document_offsets),
        },
    }
    if corpus.min_tokens:
        summary |= {"min_tokens": corpus.min_tokens, "short_documents": encoded.short_documents}
    summary["sources"] = encoded.sources
    with atomic(path) as temporary:
        temporary.write_text(json.dumps(summary, indent=2, ensure_ascii=False) + "\n", "utf-8")
