"""A corpus as words, document by document, and as the files that later stages read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mstar.archives import READERS, read_members
from mstar.corpora import Corpus, PackageFile
from mstar.files import UserError, atomic
from mstar.readers import LocalText
from mstar.text import tokenise
from mstar.vocabulary import EncodedCorpus, Piece, write_vocabulary


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


@dataclass
class SourceTally:
    """What was read from one source: ``words`` before any vocabulary limit."""

    description: dict[str, Any]
    documents: int = 0
    words: int = 0


class CorpusText:
    """The documents of a corpus as pieces; iterate it once, then ask for ``sources()``.

    ``folder`` holds the fetched package files under their own file names; a corpus given by path
    needs none. Raises ``UserError`` as the readers do.
    """

    def __init__(self, corpus: Corpus, folder: str | Path | None = None) -> None:
        self.corpus = corpus
        self.folder = Path(folder) if folder is not None else None
        self._tallies: list[SourceTally] = []
        self._undecodable: int | None = None

    def __iter__(self) -> Iterator[Piece]:
        corpus = self.corpus
        self._tallies.clear()
        if corpus.path is not None:
            local = LocalText(corpus.path, corpus.document_rule, corpus.normaliser)
            tally = SourceTally({"path": Path(corpus.path).name, "files": len(local.files)})
            self._tallies.append(tally)
            empty = True
            for piece in local:
                tally.words += len(piece.words)
                empty = empty and not piece.words
                if piece.ends:
                    tally.documents += not empty
                    empty = True
                yield piece
            self._undecodable = local.undecodable_bytes
            return
        assert self.folder is not None, "a corpus of package files is read from a folder"
        for file in corpus.files:
            kept = {"name", "title", "licence", "package", "version", "filename", "sha256"}
            tally = SourceTally(file.model_dump(include=kept))
            self._tallies.append(tally)
            for document in package_documents(file, self.folder / file.filename):
                words = tokenise(document, corpus.normaliser)
                tally.words += len(words)
                tally.documents += bool(words)
                yield Piece(words, True)

    def sources(self) -> list[dict[str, Any]]:
        """Return for each source where it is from, its documents and its tokens."""
        rows = [
            {**tally.description, "documents": tally.documents, "tokens": tally.words}
            for tally in self._tallies
        ]
        if self._undecodable is not None:
            rows[0]["undecodable_bytes"] = self._undecodable
        return rows


def write_corpus(
    text: CorpusText,
    encoded: EncodedCorpus,
    *,
    tokens: str | Path,
    documents: str | Path,
    vocabulary: str | Path,
    description: str | Path,
) -> None:
    """Write an encoded corpus: its two arrays, the vocabulary, and ``corpus.json``.

    tokens: uint16 or uint32 (n,); documents: int64 (documents + 1,) offsets; vocabulary: see
    ``write_vocabulary``; description: name, title, documents, tokens, types, normaliser,
    document_rule, empty_documents (dropped) and sources.
    """
    corpus = text.corpus
    for path, values in ((tokens, encoded.tokens), (documents, encoded.document_offsets)):
        with atomic(path) as temporary:
            np.save(temporary, values, allow_pickle=False)
    write_vocabulary(vocabulary, encoded.words, encoded.counts)
    summary = {
        "name": corpus.name,
        "title": corpus.title,
        "documents": encoded.documents,
        "tokens": len(encoded.tokens),
        "types": len(encoded.words),
        "normaliser": corpus.normaliser,
        "document_rule": corpus.document_rule,
        "empty_documents": encoded.empty_documents,
        "sources": text.sources(),
    }
    with atomic(description) as temporary:
        temporary.write_text(json.dumps(summary, indent=2, ensure_ascii=False) + "\n", "utf-8")
