"""Encode a text in parts, as the workflow's jobs do."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mstar.corpus.corpora import Corpus
from mstar.corpus.encode import CorpusText, encode_corpus
from mstar.corpus.encoded import write_corpus
from mstar.corpus.encoded_text import open_text
from mstar.corpus.merge import merge_vocabularies, read_part
from mstar.corpus.revise import load_read_part, revise, survey

NAMES = {
    "tokens": "tokens.npy",
    "documents": "documents.npy",
    "vocabulary": "vocabulary.tsv",
    "description": "corpus.json",
}


def paths(folder: Path) -> dict[str, Path]:
    """Return the files of an encoded text, or part of it, by name."""
    return {name: folder / file for name, file in NAMES.items()}


def encode_whole(corpus: Corpus, folder: Path) -> list[Path]:
    """Encode a text at once; return the files of `open_text`."""
    files = paths(folder)
    write_corpus(corpus, encode_corpus(CorpusText(corpus)), **files)
    return [files["tokens"], files["documents"], files["description"]]


def encode_parts(corpus: Corpus, parts: Sequence[Sequence[Path]], folder: Path) -> list[Path]:
    """Encode a text in ``parts``, each some of its files; return the files of `open_text`."""
    folders = [folder / "parts" / str(number) for number in range(len(parts))]
    revised, length = corpus.deduplicate or corpus.rewords, corpus.rule[1]
    for each, files in zip(folders, parts, strict=True):
        encoded = encode_corpus(CorpusText(corpus, only=files))
        if revised:
            sentences = each / "read" / "sentences.npy"
            write_corpus(
                corpus, encoded, **paths(each / "read"), sentences=sentences, length=length
            )
        else:
            write_corpus(corpus, encoded, **paths(each), length=length)
    if revised:
        read = [
            load_read_part(
                corpus,
                **paths(each / "read"),
                sentences=each / "read" / "sentences.npy",
            )
            for each in folders
        ]
        survey(folder / "survey.npz", corpus, read)
        for number, (each, part) in enumerate(zip(folders, read, strict=True)):
            found = revise(folder / "survey.npz", corpus, part, number)
            write_corpus(corpus, found, **paths(each), length=length)
    return merge(corpus, folder, len(parts))


def merge(corpus: Corpus, folder: Path, parts: int) -> list[Path]:
    """Merge the vocabularies of encoded parts; return the files of `open_text`."""
    own = [paths(folder / "parts" / str(number)) for number in range(parts)]
    places = [files["tokens"].with_name("place.npz") for files in own]
    merge_vocabularies(
        corpus,
        [read_part(corpus, files["vocabulary"], files["description"]) for files in own],
        [files["tokens"] for files in own] if corpus.rule[0] == "fixed" else [],
        vocabulary=folder / NAMES["vocabulary"],
        description=folder / NAMES["description"],
        places=places,
    )
    arrays = [
        [files["tokens"], files["documents"], place]
        for files, place in zip(own, places, strict=True)
    ]
    return [path for part in arrays for path in part] + [folder / NAMES["description"]]


def assert_same(parts: Sequence[Path], whole: Sequence[Path]) -> None:
    """Check that a text in parts is the text encoded at once, array by array and key by key."""
    folders = [files[-1].parent for files in (parts, whole)]
    one, other = ((folder / NAMES["vocabulary"]).read_bytes() for folder in folders)
    assert one == other
    said = [json.loads(files[-1].read_text(encoding="utf-8")) for files in (parts, whole)]
    held = said[0].pop("parts")
    assert "crc32" not in said[0] and said[1].pop("crc32")
    assert list(said[0].items()) == list(said[1].items())
    assert sum(part["tokens"] for part in held) == said[1]["tokens"]
    assert sum(part["documents"] for part in held) == said[1]["documents"]
    read, at_once = (open_text(files, check=True) for files in (parts, whole))
    assert read.types == at_once.types
    assert np.array_equal(read.offsets, at_once.offsets)
    tokens, expected = read.tokens(), at_once.tokens()
    assert tokens.dtype == expected.dtype and np.array_equal(tokens, expected)
