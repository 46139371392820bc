"""Merge the vocabularies of the parts of a corpus, so that their tokens are those of one corpus.

The tokens of a part stay as they are. What is written are the vocabulary and the description of the
corpus, as encoding it at once would give them, and the place of each part in it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mstar.corpus.corpora import Corpus
from mstar.corpus.encoded import (
    LOSSES,
    TOLD,
    EncodedCorpus,
    check_sum,
    checksum,
    load_tokens,
    part_again,
    read_description,
    sum_of_file,
    write_description,
)
from mstar.corpus.encoded_text import Place, save_place
from mstar.corpus.lost import check_whole
from mstar.corpus.vocabulary import by_frequency, read_vocabulary, write_vocabulary
from mstar.files.writing import UserError, printable, warn


@dataclass(frozen=True)
class Part:
    """What the corpus needs to know of a part: its words, and its ``corpus.json`` with its path."""

    words: list[str]
    counts: NDArray[np.int64]
    description: dict[str, Any]
    path: str | Path


def read_part(
    corpus: Corpus, vocabulary: str | Path, description: str | Path, revised: bool = True
) -> Part:
    """Read the vocabulary and the description of one part of ``corpus``.

    Args:
        corpus: entry of the corpus.
        vocabulary, description: files of the part.
        revised: whether what the corpus says of repeated sentences has been done to it.

    Raises:
        UserError: a file is missing or damaged, they do not belong together, or they are from
            another corpus, another convention or other settings.
    """
    described = read_description(description, part_again(description))
    settings = {"min_tokens": 0, "words": {}} | described
    settings["deduplicate"] = bool(described.get("deduplicate"))
    known = {**vars(corpus), "words": corpus.words.changed()}
    keys = ("name", "normaliser", "document_rule", "min_tokens", "words")
    for key in (*keys, "deduplicate") if revised else keys:
        if settings.get(key) != known[key]:
            raise UserError(
                f"{description}: {key} is {settings.get(key)!r}, but that of the corpus is "
                f"{known[key]!r}: delete it and run again"
            )
    again = part_again(vocabulary)
    try:
        found = sum_of_file(vocabulary)
    except OSError as error:
        raise UserError(f"{vocabulary}: cannot be read ({error.strerror}); {again}") from None
    check_sum(vocabulary, found, described["crc32"].get("vocabulary"), description, again)
    words, counts = read_vocabulary(vocabulary)
    if int(counts.sum()) != described["tokens"]:
        raise UserError(
            f"{vocabulary}: counts {int(counts.sum()):,} words, but {description} says "
            f"{described['tokens']:,}; {again}"
        )
    return Part(words, counts, described, description)


def merge_vocabularies(
    corpus: Corpus,
    parts: Iterable[Part],
    tokens: Sequence[str | Path],
    *,
    vocabulary: str | Path,
    description: str | Path,
    places: Sequence[str | Path],
) -> None:
    """Write the vocabulary and description of the corpus of ``parts``, and the place of each.

    In memory are the vocabulary of the corpus, a number for each word of each part, and the words
    of one part at a time. Of the tokens only those are read that complete a document of N words
    which begins in an earlier part.

    Args:
        corpus: entry of the corpus.
        parts: its parts, in order.
        tokens: path of the tokens of each part, if documents may go on in the next part; else none.
        vocabulary: path for `mstar.corpus.vocabulary.write_vocabulary`.
        description: path for `mstar.corpus.encoded.write_description`.
        places: path of the place of each part, for `mstar.corpus.encoded_text.save_place`.

    Raises:
        UserError: no part has a word, or a file is damaged.
    """
    _, length = corpus.rule
    index: dict[str, int] = {}
    totals = np.zeros(0, np.int64)
    columns: list[NDArray[np.int32]] = []
    said: list[dict[str, Any]] = []
    heads: list[NDArray[np.unsignedinteger[Any]]] = []
    for part in parts:
        column = [index.setdefault(word, len(index)) for word in part.words]
        totals = np.concatenate([totals, np.zeros(len(index) - totals.size, np.int64)])
        totals[column] += part.counts
        columns.append(np.array(column, np.int32))
        if length:
            heads.append(_head(tokens[len(said)], length, part))
        said.append(part.description)
    words, counts, rank = by_frequency(list(index), totals)
    sizes = [each["tokens"] for each in said]
    begins = np.cumsum([0, *sizes]).tolist()
    # Documents of N words are cut from the stream of all tokens, and may begin in one part and end
    # in another.
    documents = (
        np.diff([-(-begin // length) for begin in begins]).tolist()
        if length
        else [each["documents"] for each in said]
    )
    whole = EncodedCorpus(
        np.empty(0, rank.dtype),
        np.zeros(1, np.int64),
        words,
        counts,
        sum(each["empty_documents"] for each in said),
        tuple(_sources(corpus, said, sum(documents))),
        sum(each.get("short_documents", 0) for each in said),
        repeats=_summed(said, "deduplicate", {"documents": 0} if length else {}),
        reworded=_summed(said, "reworded", {"documents_left_out": 0} if length else {}),
    )
    check_whole(whole, corpus.normaliser)
    for path, each in zip(places, said, strict=True):
        if not each["tokens"]:
            short = each.get("short_documents", 0)
            warn(
                f"{printable(str(Path(path).parent))}: this part of the text has no word"
                f" ({each['empty_documents']:,} empty documents, {short:,} too short)"
            )
    written = []
    for number, path in enumerate(places):
        skip = min(-begins[number] % length, sizes[number]) if length else 0
        rest = rank[_rest(number, begins, length, heads, columns)]
        place = Place(rank[columns[number]], length, skip, rest)
        save_place(path, place)
        own = said[number]["crc32"]
        crc32 = {**{key: own[key] for key in ("tokens", "documents")}, "ids": checksum(place.ids)}
        written.append({"tokens": sizes[number], "documents": documents[number], "crc32": crc32})
    write_vocabulary(vocabulary, words, counts)
    write_description(description, corpus, whole, {"parts": written})


def _head(tokens: str | Path, length: int, part: Part) -> NDArray[np.unsignedinteger[Any]]:
    """Return the first ``length`` tokens of a part, or all of fewer, memory-mapped.

    Raises:
        UserError: the file is missing or damaged, or these tokens are not those described.
    """
    again = part_again(tokens)
    head = load_tokens(tokens, again)[:length]
    check_sum(tokens, checksum(head), part.description["crc32"].get("head"), part.path, again)
    return head


def _rest(
    number: int,
    begins: Sequence[int],
    length: int,
    heads: Sequence[NDArray[np.unsignedinteger[Any]]],
    columns: Sequence[NDArray[np.int32]],
) -> NDArray[np.int32]:
    """Return the words (n,) of later parts that complete the last document of a part.

    Args:
        number: of the part.
        begins: (parts + 1,) start of each part in the stream of all tokens, and its end.
        length: words of each document; 0 if no document extends beyond a part.
        heads: the first ``length`` tokens of each part.
        columns: of each part, the number of each of its words.
    """
    nothing = np.empty(0, np.int32)
    begin, end = begins[number], begins[number + 1]
    if not length or -(-begin // length) * length >= end:
        return nothing  # no document begins in this part
    until = -(-end // length) * length
    found = [nothing]
    for later in range(number + 1, len(heads)):
        if begins[later] < until:
            found.append(columns[later][heads[later][: until - begins[later]]])
    return np.concatenate(found)


def _sources(
    corpus: Corpus, said: Sequence[dict[str, Any]], documents: int
) -> Iterator[dict[str, Any]]:
    """Yield the descriptions of the sources of a corpus, from those of its parts."""
    sources = [source for each in said for source in each["sources"]]
    if corpus.path is None:
        yield from sources
        return
    sums: dict[str, Any] = {
        key: sum(source[key] for source in sources) for key in ("files", "tokens", *LOSSES)
    }
    if nulls := sum(source.get("null_texts", 0) for source in sources):
        sums["null_texts"] = nulls
    for key in ("left_out", "readers"):
        told = Counter[str]()
        for source in sources:
            told.update(source.get(key, {}))
        if told:
            sums[key] = dict(sorted(told.items()))
    first = {key: value for key, value in sources[0].items() if key not in TOLD}
    yield {**first, **sums, "documents": documents}


def _summed(said: Sequence[dict[str, Any]], key: str, given: dict[str, int]) -> dict[str, int]:
    """Return the sums of the counts that parts have under ``key``, and those ``given``."""
    found: Counter[str] = Counter()
    for each in said:
        found.update(each.get(key, {}))
    return {**found, **given} if found else {}
