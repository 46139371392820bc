"""A corpus as words, document by document, and as the files that later stages read."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from mstar.archives import READERS, read_members
from mstar.corpora import Corpus, PackageFile
from mstar.encoded_text import checksum
from mstar.encoder import Encoder
from mstar.files import UserError, atomic, warn
from mstar.readers import LocalText, Piece, ahead, parse_rule
from mstar.text_losses import LOSSES, totals, warnings
from mstar.vocabulary import EncodedCorpus, check_words, write_vocabulary


def package_documents(file: PackageFile, path: str | Path) -> Iterator[str]:
    """Yield the documents of one fetched package file, in the order of its sorted members.

    Raises ``UserError`` if the archive is damaged or its members are not what the reader expects.
    """
    try:
        yield from READERS[file.reader](read_members(path, file.members))
    except (ValueError, KeyError, TypeError, OSError, EOFError) as error:
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
        """The document rule of a local text, see `parse_rule`; of packages, those of a reader."""
        return ("given", 0) if self.corpus.path is None else parse_rule(self.corpus.document_rule)

    def sources(self) -> Iterator[tuple[dict[str, Any], Iterable[Piece]]]:
        """Yield the description and pieces of each source. Raises ``UserError`` as readers do."""
        corpus = self.corpus
        if corpus.path is not None:
            local = LocalText(corpus.path, corpus.document_rule, self.only)
            yield {"path": Path(corpus.path).name, "files": len(local.files)}, local
            return
        assert self.folder is not None, "a corpus of package files is read from a folder"
        names = None if self.only is None else {Path(each).name for each in self.only}
        for file in corpus.files:
            if names is None or file.filename in names:
                kept = {"name", "title", "licence", "package", "version", "filename", "sha256"}
                documents = package_documents(file, self.folder / file.filename)
                # JSON can hold half a character; its bytes separate words, as it would itself.
                pieces = (Piece(text.encode("utf-8", "surrogatepass"), True) for text in documents)
                yield file.model_dump(include=kept), pieces


def encode_corpus(text: CorpusText) -> EncodedCorpus:
    """Read a corpus once and return it as integers, documents kept apart.

    Memory: see `Encoder`; reading and decompressing run in a thread of their own. Warns if much of
    a whole corpus is lost, and raises
    ``UserError`` if a whole corpus has no word (some files of one may have none).
    """
    kind, length = text.rule
    encoder = Encoder(text.corpus.normaliser, kind == "line")
    sources: list[dict[str, Any]] = []
    for description, pieces in text.sources():
        before = _counted(encoder)
        for piece in ahead(pieces):
            encoder.add(piece.text)
            if piece.ends:
                encoder.end_document()
        added = {key: value - before[key] for key, value in _counted(encoder).items()}
        sources.append({**description, **added})
    encoded = encoder.finish(length)
    if text.corpus.path is not None:
        sources[0]["documents"] = encoded.documents
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
    return {key: getattr(encoder, key) for key in ("documents", "tokens", *LOSSES)}


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
    empty_documents (dropped), letters (of any script, those of each source added up),
    letters_dropped (which the normaliser does not know), undecodable_bytes, crc32 of the arrays
    and sources."""
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
        "sources": encoded.sources,
    }
    with atomic(path) as temporary:
        temporary.write_text(json.dumps(summary, indent=2, ensure_ascii=False) + "\n", "utf-8")
