"""A corpus as words, document by document, and as the files that later stages read."""

from __future__ import annotations

import json
import zlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np

from mstar.corpus.corpora import Corpus
from mstar.corpus.encoded import checksum
from mstar.corpus.encoder import Encoder
from mstar.corpus.lost import LOSSES, totals, warnings
from mstar.corpus.sources import SourceFile
from mstar.corpus.vocabulary import EncodedCorpus, check_words, drop_short, write_vocabulary
from mstar.files.formats import Format, verified
from mstar.files.writing import UserError, atomic, warn
from mstar.texts.documents import Piece, ahead, joined
from mstar.texts.members import read_members
from mstar.texts.packaged import READERS
from mstar.texts.readers import LocalText, file_pieces, load_arrow
from mstar.texts.records import Tally


def package_documents(file: SourceFile, path: str | Path) -> Iterator[str]:
    """Yield the documents of one fetched archive, in the order of its sorted members.

    Raises ``UserError`` if the archive is damaged or its members are not what the reader expects.
    """
    try:
        yield from READERS[file.reader](read_members(path, file.members))
    except (
        ValueError,
        KeyError,
        TypeError,
        OSError,
        EOFError,
        zlib.error,
        RecursionError,
    ) as error:
        raise UserError(
            f"{path}: the reader {file.reader!r} cannot read its members "
            f"({type(error).__name__}: {error}): check members and reader of {file.name}"
        ) from None


class CorpusText:
    """The text of a corpus, source by source; `encode_corpus` reads it.

    ``folder`` holds the fetched package files under their own file names; a corpus given by path
    needs none. ``only`` names the files to read, where that is not all of them.
    """

    def __init__(
        self,
        corpus: Corpus,
        folder: str | Path | None = None,
        only: Collection[str | Path] | None = None,
    ) -> None:
        self.corpus = corpus
        self.folder = Path(folder) if folder is not None else None
        self.only = only

    @property
    def rule(self) -> tuple[str, int]:
        """What a document is, see `Corpus.rule`."""
        return self.corpus.rule

    def sources(self) -> Iterator[tuple[dict[str, Any], Iterable[Piece]]]:
        """Yield the description and pieces of each source. Raises ``UserError`` as readers do."""
        corpus = self.corpus
        if corpus.path is not None:
            local = LocalText(corpus.path, corpus.document_rule, self.only, corpus.field)
            description: dict[str, Any] = {
                "path": Path(corpus.path).name,
                "files": len(local.files),
            }
            yield description, _counting_nulls(local, local.tally, description)
            return
        assert self.folder is not None, "a corpus that was fetched is read from a folder"
        names = None if self.only is None else {Path(each).name for each in self.only}
        for file in corpus.files:
            for filename in file.filenames:
                if names is None or filename in names:
                    path = self.folder / filename
                    description = {**file.described(), "filename": filename}
                    if path.is_file():  # the readers say so where it is not
                        known = description.get("sha256")
                        description["sha256"] = verified(path, known)
                    yield description, self._pieces(file, path, description)

    def _pieces(self, file: SourceFile, path: Path, description: dict[str, Any]) -> Iterable[Piece]:
        """The text of one fetched file."""
        if file.reader in READERS:
            # JSON can hold half a character; its bytes separate words, as it would itself.
            texts = (
                text.encode("utf-8", "surrogatepass") for text in package_documents(file, path)
            )
            return joined(texts, self.rule[0])
        tally = Tally()
        form = cast(Format, file.reader)
        load_arrow([path], form)
        pieces = file_pieces(path, form, self.rule[0], file.field, tally, file.members)
        return _counting_nulls(pieces, tally, description)


def _counting_nulls(
    pieces: Iterable[Piece], tally: Tally, description: dict[str, Any]
) -> Iterator[Piece]:
    """The pieces; then ``description`` says how many texts were null, if any."""
    yield from pieces
    if tally.nulls:
        description["null_texts"] = tally.nulls


def encode_corpus(text: CorpusText) -> EncodedCorpus:
    """Read a corpus once and return it as integers, documents kept apart, short ones dropped.

    Memory: see `Encoder`; reading and decompressing run in a thread of their own. Warns if much of
    a whole corpus is lost, and raises
    ``UserError`` if a whole corpus has no word (some files of one may have none).
    """
    kind, length = text.rule
    encoder = Encoder(text.corpus.normaliser, kind == "line")
    sources: list[dict[str, Any]] = []
    ends = [0]
    for description, pieces in text.sources():
        before = _counted(encoder)
        for piece in ahead(pieces):
            encoder.add(piece.text)
            if piece.ends:
                encoder.end_document()
        ends.append(encoder.documents)
        said = {key: value - before[key] for key, value in _counted(encoder).items()}
        nulls = description.pop("null_texts", 0)
        if nulls:
            said["null_texts"] = nulls
        sources.append({**description, "documents": 0, **said})
    encoded = encoder.finish(length)
    lengths = np.diff(encoded.document_offsets)
    encoded, kept = drop_short(encoded, text.corpus.min_tokens)
    for source, begin, end in zip(sources, ends, ends[1:], strict=False):
        if not length:
            source["documents"] = int(kept[begin:end].sum())
            source["tokens"] = int(lengths[begin:end][kept[begin:end]].sum())
        elif text.corpus.path is not None:
            source["documents"] = encoded.documents
        else:  # documents of N words run on from one source to the next
            del source["documents"]
    encoded = replace(encoded, sources=tuple(sources))
    if text.only is None:
        check_whole(encoded, text.corpus.normaliser)
    return encoded


def check_whole(corpus: EncodedCorpus, normaliser: str) -> None:
    """Warn of what is lost of a whole corpus; raise ``UserError`` if no word is left."""
    check_words(corpus, normaliser, totals(corpus)["letters"])
    for loss in warnings(corpus, normaliser):
        warn(loss)


def _counted(encoder: Encoder) -> dict[str, int]:
    """What an encoder has counted so far."""
    return {key: getattr(encoder, key) for key in ("tokens", *LOSSES)}


def write_corpus(
    corpus: Corpus,
    encoded: EncodedCorpus,
    *,
    tokens: str | Path,
    documents: str | Path,
    vocabulary: str | Path,
    description: str | Path,
) -> None:
    """Write an encoded corpus: its two arrays, the vocabulary, and ``corpus.json``.

    tokens: uint16 or uint32 (n,); documents: int64 (documents + 1,) offsets; vocabulary: see
    ``write_vocabulary``; description: see ``write_description``.
    """
    for path, values in ((tokens, encoded.tokens), (documents, encoded.document_offsets)):
        with atomic(path) as temporary:
            np.save(temporary, values, allow_pickle=False)
    write_vocabulary(vocabulary, encoded.words, encoded.counts)
    write_description(description, corpus, encoded)


def write_description(path: str | Path, corpus: Corpus, encoded: EncodedCorpus) -> None:
    """Write ``corpus.json``: name, title, documents, tokens, types, normaliser, document_rule,
    empty_documents and, where a least length is set, short_documents (both dropped), letters (of
    any script, those of each source added up), letters_dropped (which the normaliser does not
    know), undecodable_bytes, crc32 of the arrays, and sources."""
    summary = {
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
