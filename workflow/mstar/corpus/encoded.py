"""A corpus as integers, in memory and on disk.

Files are checked when read, since compiled loops use their offsets as indices without checks.
"""

from __future__ import annotations

import json
import shlex
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from mstar.corpus.vocabulary import by_frequency, write_vocabulary
from mstar.files.writing import AGAIN, UserError, atomic, load_array

# Keys that `corpus.json` must have.
KEYS = {"types", "empty_documents", "sources"}
# Counted in each source, to report how much of a text a normaliser loses.
LOSSES = ("letters", "letters_dropped", "undecodable_bytes")
# Told of a source only if there is something to tell: null texts, numbers of other records left
# out by reason, numbers of files and members by reader.
TOLD = ("null_texts", "left_out", "readers")
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
        source_ends: (sources,) int64, end of each source in ``tokens``.
        sentence_ends: (sentences,) int64, end of each sentence in ``tokens``; None if not noted.
        repeats: numbers of ``sentences`` dropped because an earlier one has the same words, of
            their ``tokens``, and of ``documents`` that had no other; empty if none was looked for.
        reworded: what `mstar.corpus.rewording` did: numbers of tokens that are ``phrases``, of
            those ``left_out``, and of ``documents_left_out``; empty if there was nothing to do.
    """

    tokens: NDArray[np.unsignedinteger[Any]]
    document_offsets: NDArray[np.int64]
    words: list[str]
    counts: NDArray[np.int64]
    empty_documents: int
    sources: tuple[dict[str, Any], ...] = ()
    short_documents: int = 0
    source_ends: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    sentence_ends: NDArray[np.int64] | None = None
    repeats: Mapping[str, int] = field(default_factory=dict)
    reworded: Mapping[str, int] = field(default_factory=dict)

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
    @property
    def deduplicate(self) -> bool: ...
    @property
    def words(self) -> Any: ...


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
    shorter = keep_spans(corpus, corpus.document_offsets[1:], kept)
    return replace(shorter, short_documents=int(kept.size - kept.sum())), kept


def keep_spans(
    corpus: EncodedCorpus, ends: NDArray[np.int64], kept: NDArray[np.bool_]
) -> EncodedCorpus:
    """Keep some of the spans of tokens of a corpus, and drop documents and words that are left out.

    Args:
        corpus: the corpus.
        ends: (spans,) ends of all spans, in tokens, which include all ends of documents.
        kept: (spans,) which to keep.
    """
    tokens = corpus.tokens[np.repeat(kept, np.diff(ends, prepend=0))]
    counts = np.zeros(len(corpus.words), np.int64)
    for begin in range(0, tokens.size, BLOCK):  # bincount converts tokens to eight bytes each
        counts += np.bincount(tokens[begin : begin + BLOCK], minlength=counts.size)
    words, counts, rank = by_frequency(corpus.words, counts)
    sentences = corpus.sentence_ends
    return replace(
        corpus,
        tokens=rank[tokens],
        document_offsets=np.unique(moved(corpus.document_offsets, ends, kept)),
        words=words,
        counts=counts,
        source_ends=moved(corpus.source_ends, ends, kept),
        sentence_ends=None if sentences is None else np.unique(moved(sentences, ends, kept)),
    )


def moved(
    places: NDArray[np.int64], ends: NDArray[np.int64], kept: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """Return ``places``, boundaries of spans in tokens, once only the spans ``kept`` are left.

    Args:
        places: (n,) ends of spans, or 0.
        ends: (spans,) ends of all spans.
        kept: (spans,) which are left.
    """
    left = np.concatenate([[0], np.cumsum(np.where(kept, np.diff(ends, prepend=0), 0))])
    found: NDArray[np.int64] = left[np.searchsorted(ends, places, side="right")]
    return found


def cut(tokens: int, length: int) -> NDArray[np.int64]:
    """Return the offsets of documents of ``length`` words; the last may be shorter."""
    return np.append(np.arange(0, tokens, length), tokens).astype(np.int64)


def counted_sources(
    corpus: EncodedCorpus, sources: Iterable[Mapping[str, Any]], length: int, local: bool
) -> Iterator[dict[str, Any]]:
    """Yield the descriptions of the sources of a corpus with their documents and tokens.

    Args:
        corpus: the corpus, with ``source_ends``.
        sources: descriptions, in order.
        length: words of each document, if they are cut from the stream; else 0.
        local: whether the corpus is the user's own text, of one source.
    """
    bounds = np.concatenate([np.zeros(1, np.int64), corpus.source_ends])
    tokens = np.diff(bounds).tolist()
    documents = np.diff(np.searchsorted(corpus.document_offsets, bounds)).tolist()
    for source, own, held in zip(sources, documents, tokens, strict=True):
        found = {**source, "documents": corpus.documents if length else own, "tokens": held}
        if length and not local:  # documents of N words may extend over several sources
            del found["documents"]
        yield found


def checksum(array: NDArray[Any]) -> str:
    """Return the CRC-32 of an array's bytes in hexadecimal; the array may be memory-mapped."""
    return f"{zlib.crc32(np.ascontiguousarray(array).data):08x}"


def part_again(path: str | Path) -> str:
    """Return how to make a file of a part of a corpus again, and no job that depends on it."""
    return (
        f"make its part again, alone, with `snakemake SETTINGS --force {shlex.quote(str(path))}`,"
        " then run again"
    )


def load_encoded(
    tokens: str | Path,
    documents: str | Path,
    description: str | Path | None = None,
    part: int | None = None,
) -> tuple[NDArray[np.unsignedinteger[Any]], NDArray[np.int64]]:
    """Return the tokens (n,), memory-mapped, and document offsets (documents + 1,) of a corpus.

    Given the ``description`` (``corpus.json``), all bytes are read and compared with its checksums:
    those of the corpus, or of one ``part`` of it.

    Raises:
        UserError: a file is missing or damaged; the message names it.
    """
    described = {} if description is None else checksums(description, part)
    again = [AGAIN if part is None else part_again(path) for path in (tokens, documents)]
    # A part that is whole, but not the one that was merged, is the same when made again.
    stale = "" if part is None else f"; if that does not help, delete {description}"
    # Tokens are checked first: if some are missing, the documents would seem wrong.
    ids = load_tokens(tokens, again[0])
    if description is not None:
        found = sum_of_file(tokens, ids.offset)
        check_sum(tokens, found, described.get("tokens"), description, again[0] + stale)
    offsets = load_array(documents, "list of documents", remedy=again[1])
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
            f" {ids.size:,} of {tokens}); {again[1]}"
        )
    if description is not None:
        found, known = checksum(offsets), described.get("documents")
        check_sum(documents, found, known, description, again[1] + stale)
    return ids, offsets


def load_tokens(
    path: str | Path, remedy: str = AGAIN
) -> np.memmap[Any, np.dtype[np.unsignedinteger[Any]]]:
    """Return the tokens (n,) of a file, memory-mapped.

    Raises:
        UserError: the file is missing or damaged; the message ends with the ``remedy``.
    """
    ids = load_array(path, "list of tokens", mapped=True, remedy=remedy)
    if ids.ndim != 1 or ids.dtype not in (np.uint16, np.uint32):
        raise UserError(f"{path}: not a readable list of tokens ({ids.dtype}); {remedy}")
    assert isinstance(ids, np.memmap)
    said, size = ids.offset + ids.nbytes, Path(path).stat().st_size
    if said != size:
        raise UserError(
            f"{path}: not a readable list of tokens (its header stands for "
            f"{said:,} bytes, and it has {size:,}); {remedy}"
        )
    return ids


def sum_of_file(path: str | Path, offset: int = 0) -> str:
    """Return the CRC-32 in hexadecimal of a file's bytes from ``offset`` on; it fills no memory."""
    found = 0
    with open(path, "rb") as stream:
        stream.seek(offset)
        while block := stream.read(1 << 24):
            found = zlib.crc32(block, found)
    return f"{found:08x}"


def check_sum(
    path: str | Path, found: str, known: str | None, description: str | Path, remedy: str
) -> None:
    """Check that the checksum ``found`` of a file is the one ``known`` from a description.

    Raises:
        UserError: it is not; the message names the file, and ends with the ``remedy``.
    """
    if known != found:
        raise UserError(f"{path}: damaged (not what {description} says of it); {remedy}")


def read_description(path: str | Path, remedy: str = AGAIN) -> dict[str, Any]:
    """Return the content of ``corpus.json``.

    Raises:
        UserError: the file is missing or damaged; the message ends with the ``remedy``.
    """
    try:
        found = json.loads(Path(path).read_text(encoding="utf-8"))
        if not isinstance(found, dict) or not set(found) >= KEYS:
            raise ValueError("keys are missing")
        if not all(isinstance(part["crc32"], dict) for part in found.get("parts", [found])):
            raise ValueError("no checksums")
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise UserError(
            f"{path}: not a readable description of a corpus ({error}); {remedy}"
        ) from None
    return found


def checksums(description: str | Path, part: int | None = None) -> dict[str, str]:
    """Return the checksums in ``corpus.json`` of the arrays of a corpus, or of a part of it.

    Raises:
        UserError: the file is missing or damaged, or describes another number of parts.
    """
    described = read_description(description)
    parts: list[dict[str, Any]] = described.get("parts", [])
    if part is None and not parts:
        found: dict[str, str] = described["crc32"]
    elif part is not None and part < len(parts):
        found = parts[part]["crc32"]
    else:
        asked = "a corpus in one part" if part is None else f"a corpus that has a part {part}"
        raise UserError(
            f"{description}: describes {len(parts) or 1} parts: expected {asked}; {AGAIN}"
        )
    return found


def write_corpus(
    corpus: Entry,
    encoded: EncodedCorpus,
    *,
    tokens: str | Path,
    documents: str | Path,
    vocabulary: str | Path,
    description: str | Path,
    sentences: str | Path | None = None,
    length: int | None = None,
) -> None:
    """Write an encoded corpus: its two arrays, the vocabulary, and ``corpus.json``.

    Args:
        corpus: entry of the corpus.
        encoded: the corpus as integers.
        tokens: path of the tokens, npy, uint16 or uint32 (n,).
        documents: path of the offsets, npy, int64 (documents + 1,).
        vocabulary: path for `write_vocabulary`.
        description: path for `write_description`.
        sentences: path of the ends of sentences, npy, int64 (sentences,), which the merging of
            parts needs; none if they are not noted.
        length: of a part of a corpus, the words of each document if documents are cut from the
            stream of all tokens, else 0. The description then also has the `sums_to_merge`.
    """
    for path, values in ((tokens, encoded.tokens), (documents, encoded.document_offsets)):
        with atomic(path) as temporary:
            np.save(temporary, values, allow_pickle=False)
    if sentences is not None:
        ends = encoded.sentence_ends
        with atomic(sentences) as temporary:
            np.save(temporary, np.empty(0, np.int64) if ends is None else ends, allow_pickle=False)
    write_vocabulary(vocabulary, encoded.words, encoded.counts)
    crc32 = {
        "tokens": checksum(encoded.tokens),
        "documents": checksum(encoded.document_offsets),
    }
    if length is not None:
        crc32 |= sums_to_merge(vocabulary, encoded.tokens, length)
    write_description(description, corpus, encoded, {"crc32": crc32})


def sums_to_merge(
    vocabulary: str | Path, tokens: NDArray[np.unsignedinteger[Any]], length: int
) -> dict[str, str]:
    """Return the checksums of what `mstar.corpus.merge` reads of a part of a corpus.

    Args:
        vocabulary: path of its vocabulary.
        tokens: (n,) its tokens, of which the first ``length`` may complete a document that begins
            in an earlier part.
        length: see `write_corpus`.
    """
    sums = {"vocabulary": sum_of_file(vocabulary)}
    return sums | {"head": checksum(tokens[:length])} if length else sums


def write_description(
    path: str | Path,
    corpus: Entry,
    encoded: EncodedCorpus,
    arrays: Mapping[str, Any],
) -> None:
    """Write ``corpus.json``.

    Args:
        path: path of the file.
        corpus: entry of the corpus.
        encoded: the corpus; if it is in several parts, without its arrays.
        arrays: the ``crc32`` of its arrays; or ``parts``, which has for each of several parts its
            ``tokens``, the ``documents`` that begin in it, and the ``crc32`` of its arrays.

    Keys: name, title, documents, tokens, types, normaliser, document_rule, empty_documents (which
    were dropped), letters (of any script, summed over sources), letters_dropped (which the
    normaliser does not keep), undecodable_bytes, crc32 of the arrays, and sources; if there is a
    least length, also min_tokens and short_documents (which were dropped); if repeated sentences
    are dropped, deduplicate, with their number, that of their words, and that of documents that had
    no other; if there are settings of words, words, and reworded, with the numbers of tokens that
    are phrases, of those left out, and of documents that had no other.
    """
    summary: dict[str, Any] = {
        "name": corpus.name,
        "title": corpus.title,
        "documents": sum(each["documents"] for each in arrays.get("parts", []))
        or encoded.documents,
        "tokens": int(encoded.counts.sum()),
        "types": len(encoded.words),
        "normaliser": corpus.normaliser,
        "document_rule": corpus.document_rule,
        "empty_documents": encoded.empty_documents,
        **totals(encoded),
        **arrays,
    }
    if corpus.min_tokens:
        summary |= {"min_tokens": corpus.min_tokens, "short_documents": encoded.short_documents}
    if corpus.deduplicate:
        summary["deduplicate"] = dict(encoded.repeats)
    if words := corpus.words.changed():
        summary |= {"words": words, "reworded": dict(encoded.reworded)}
    summary["sources"] = encoded.sources
    with atomic(path) as temporary:
        temporary.write_text(json.dumps(summary, indent=2, ensure_ascii=False) + "\n", "utf-8")
