"""Encode the text of a corpus as integers, source by source."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from mstar.corpus.corpora import Corpus
from mstar.corpus.encoded import LOSSES, TOLD, EncodedCorpus, counted_sources, cut, drop_short
from mstar.corpus.encoder import Encoder
from mstar.corpus.lost import check_whole
from mstar.corpus.rewording import learn
from mstar.corpus.sentences import drop_repeated
from mstar.corpus.sources import SourceFile
from mstar.corpus.splitting import SplittingEncoder, splitter_of, words_of
from mstar.files.formats import verified
from mstar.texts.documents import Piece, ahead
from mstar.texts.readers import LocalText, file_pieces, load_arrow
from mstar.texts.records import Tally


class CorpusText:
    """The text of a corpus, source by source, for `encode_corpus`.

    Args:
        corpus: the corpus.
        folder: folder of the fetched files; None for a corpus given by path.
        only: the files to read; by default all.
        processes: processes for readers that can use several.
    """

    def __init__(
        self,
        corpus: Corpus,
        folder: str | Path | None = None,
        only: Collection[str | Path] | None = None,
        processes: int = 1,
    ) -> None:
        self.corpus, self.processes = corpus, processes
        self.folder = Path(folder) if folder is not None else None
        self.only = only

    @property
    def rule(self) -> tuple[str, int]:
        """The document rule as (kind, words), see `Corpus.rule`."""
        return self.corpus.rule

    def sources(self) -> Iterator[tuple[dict[str, Any], Iterable[Piece]]]:
        """Yield the description and pieces of each source.

        Raises:
            UserError: a file is missing, damaged or not in the format of its reader.
        """
        corpus = self.corpus
        if corpus.path is not None:
            local = LocalText(
                corpus.path,
                corpus.document_rule,
                self.only,
                corpus.field,
                corpus.reader,
                self.processes,
            )
            description: dict[str, Any] = {
                "path": Path(corpus.path).name,
                "files": len(local.files),
            }
            yield description, _recording(local, local.tally, description)
            return
        assert self.folder is not None, "a corpus that was fetched is read from a folder"
        names = None if self.only is None else {Path(each).name for each in self.only}
        for file in corpus.files:
            for filename in file.filenames:
                if names is None or filename in names:
                    path = self.folder / filename
                    description = {**file.described(), "filename": filename}
                    if path.is_file():  # readers report a missing one
                        known = description.get("sha256")
                        description["sha256"] = verified(path, known)
                    yield description, self._pieces(file, path, description)

    def _pieces(self, file: SourceFile, path: Path, description: dict[str, Any]) -> Iterable[Piece]:
        """Return the text of one fetched file in pieces."""
        tally = Tally()
        load_arrow([path], file.reader)
        pieces = file_pieces(path, file.reader, self.rule[0], file.field, tally, file.members)
        return _recording(pieces, tally, description)


def _recording(
    pieces: Iterable[Piece], tally: Tally, description: dict[str, Any]
) -> Iterator[Piece]:
    """Yield the pieces, then record in ``description`` what was left out, and unusual readers."""
    yield from pieces
    if tally.nulls:
        description["null_texts"] = tally.nulls
    if tally.left_out:
        description["left_out"] = dict(sorted(tally.left_out.items()))
    if "path" in description and set(tally.kinds) - {"plain"}:
        description["readers"] = dict(sorted(tally.kinds.items()))


def encode_corpus(text: CorpusText) -> EncodedCorpus:
    """Read a corpus once and return it as integers in documents, without short ones.

    Of a whole corpus repeated sentences are dropped, phrases joined and words left out, if it says
    so; of a part the ends of sentences are kept for `mstar.corpus.merge`. A separate thread reads
    and decompresses. For memory, see `Encoder`. A warning is given if much of a whole corpus is
    lost.

    Raises:
        UserError: a whole corpus has no word, or a source cannot be read.
    """
    kind, length = text.rule
    corpus = text.corpus
    split = splitter_of(corpus.normaliser, corpus.words)
    by_line, of_sentences = kind in ("line", "paragraph"), corpus.needs_sentences
    encoder = (
        Encoder(corpus.normaliser, by_line, of_sentences)
        if split is None
        else SplittingEncoder(split, by_line, of_sentences)
    )
    sources: list[dict[str, Any]] = []
    ends = [0]
    for description, pieces in text.sources():
        before = _counted(encoder)
        for piece in ahead(pieces):
            encoder.add(piece.text)
            if piece.ends:
                encoder.end_document()
        encoder.end_source()
        ends.append(encoder.tokens)
        said = {key: value - before[key] for key, value in _counted(encoder).items()}
        told = {key: description.pop(key) for key in TOLD if key in description}
        sources.append({**description, "documents": 0, **said, **told})
    encoded = replace(encoder.finish(), source_ends=np.array(ends[1:], np.int64))
    encoded, _ = drop_short(encoded, corpus.min_tokens)
    if corpus.deduplicate and text.only is None:
        encoded = drop_repeated(encoded)
    if corpus.rewords and text.only is None:
        words = words_of(corpus.normaliser, corpus.words)
        encoded = learn(corpus.words, [encoded], words)(encoded)
    if length:
        encoded = replace(encoded, document_offsets=cut(encoded.tokens.size, length))
    local = corpus.path is not None
    counted = counted_sources(encoded, sources, length, local)
    encoded = replace(encoded, sources=tuple(counted))
    if text.only is None:
        check_whole(encoded, corpus.normaliser)
    return encoded


def _counted(encoder: Encoder) -> dict[str, int]:
    """Return the counts of an encoder so far, of tokens and of `LOSSES`."""
    return {key: getattr(encoder, key) for key in ("tokens", *LOSSES)}
