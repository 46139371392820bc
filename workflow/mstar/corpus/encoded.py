"""A corpus as integers, in memory and on disk.

Files are checked when read, since compiled loops use their offsets as indices without checks.
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
# Counted in each source, to report how much of a text a normaliser loses.
LOSSES = ("letters", "letters_dropped", "undecodable_bytes")
# Tokens counted at once.
BLOCK = 1 << 22


@dataclass(frozen=True)
class EncodedCorpus:
    """A corpus as integers.

    Attributes:
        tokens: (n,) uint16, or uint32 above 65,535 types; ids into ``words``.
        document_offsets: (documents + 1,) int64; document i is
            ``tokens[offsets[i]:offsets[i + 1]]``.
        words: all types, sorted by (-count, word).
        counts: (types,) int64, occurrences of each type.
        empty_documents: number of documents dropped because they have no word.
        sources: origin, documents and tokens of each source.
        short_documents: number of documents dropped because they have too few words.
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
    """Attributes of a `mstar.corpus.corpora.Corpus` that `corpus.json` records.

    That class needs pydantic, which is missing in most jobs that read a corpus.
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
    """Drop documents of fewer than ``least`` words, and words that occur in no other document.

    Returns:
        The remaining corpus, and a mask (documents,) of the documents kept.
    """
    lengths = np.diff(corpus.document_offsets)
    kept = lengths >= least
    if kept.all():
        return corpus, kept
    tokens = corpus.tokens[np.repeat(kept, lengths)]
    counts = np.zeros(len(corpus.words), np.int64)
    for begin in range(0, tokens.size, BLOCK):  # bincount converts tokens to eight bytes each
        counts += np.bincount(tokens[begin : begin + BLOCK], minlength=counts.size)
    words, counts, rank = by_frequency(corpus.words, counts)
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths[kept])])
    short = int(kept.size - kept.sum())
    shorter = EncodedCorpus(rank[tokens], offsets, words, counts, corpus.empty_documents)
    return replace(shorter, sources=corpus.sources, short_documents=short), kept


def checksum(array: NDArray[Any]) -> str:
    """Return the CRC-32 of an array's bytes in hexadecimal; the array may be memory-mapped."""
    return f"{zlib.crc32(np.ascontiguousarray(array).data):08x}"


def load_encoded(
    tokens: str | Path, documents: str | Path, description: str | Path | None = None
) -> tuple[NDArray[np.unsignedinteger[Any]], NDArray[np.int64]]:
    """Return the tokens (n,), memory-mapped, and document offsets (documents + 1,) of a corpus.

    Given the ``description`` (``corpus.json``), all bytes are read and compared with its checksums.

    Raises:
        UserError: a file is missing or damaged; the message names it.
    """
    described = {} if description is None else read_description(description)["crc32"]
    ids = load_array(tokens, "list of tokens", mapped=True)
    if ids.ndim != 1 or ids.dtype not in (np.uint16, np.uint32):
        raise UserError(f"{tokens}: not a readable list of tokens ({ids.dtype}); {AGAIN}")
    # Tokens are checked first: if some are missing, the documents would seem wrong.
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
    """Return the content of ``corpus.json``.

    Raises:
        UserError: the file is missing or damaged.
    """
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

    Args:
        corpus: entry of the corpus.
        encoded: the corpus as integers.
        tokens: path of the tokens, npy, uint16 or uint32 (n,).
        documents: path of the offsets, npy, int64 (documents + 1,).
        vocabulary: path for `write_vocabulary`.
        description: path for `write_description`.
    """
    for path, values in ((tokens, encoded.tokens), (documents, encoded.document_offsets)):
        with atomic(path) as temporary:
            np.save(temporary, values, allow_pickle=False)
    write_vocabulary(vocabulary, encoded.words, encoded.counts)
    write_description(description, corpus, encoded)


def write_description(path: str | Path, corpus: Entry, encoded: EncodedCorpus) -> None:
    """Write ``corpus.json``.

    Keys: name, title, documents, tokens, types, normaliser, document_rule, empty_documents (which
    were dropped), letters (of any script, summed over sources), letters_dropped (which the
    normaliser does not keep), undecodable_bytes, crc32 of the arrays, and sources; if there is a
    least length, also min_tokens and short_documents (which were dropped).
    """
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
