"""Time text to integers: normalise, tokenise, build the vocabulary, encode."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from mstar.corpus.corpora import Corpus
from mstar.corpus.encode import CorpusText, encode_corpus
from mstar.corpus.encoded import EncodedCorpus
from mstar.corpus.encoder import Encoder
from mstar.corpus.words import tokenise
from speed.harness import Context, Row, best_of, in_child

BLOCK = 1 << 20
TARGET = 5.0


def decompressed(text: CorpusText) -> bytes:
    """Return the whole text; a space separates documents of packages."""
    apart = b"" if text.corpus.path is not None else b" "
    return apart.join(piece.text for _, pieces in text.sources() for piece in pieces)


def plain(data: bytes, normaliser: str) -> tuple[list[str], list[int], np.ndarray]:
    """Encode the text by str.split, Counter and a dict."""
    words = tokenise(data.decode("utf-8", "replace"), normaliser)
    counts = Counter(words)
    order = sorted(counts, key=lambda word: (-counts[word], word))
    ids = {word: number for number, word in enumerate(order)}
    tokens = np.fromiter(map(ids.__getitem__, words), np.uint32, len(words))
    return order, [counts[word] for word in order], tokens


def encoded(data: bytes, normaliser: str) -> EncodedCorpus:
    """Encode the text by the project's encoder, in blocks of the size read from a file."""
    encoder = Encoder(normaliser)
    for at in range(0, len(data), BLOCK):
        encoder.add(data[at : at + BLOCK])
    return encoder.finish()


def encode_from_disk(corpus: Corpus, folder: Path | None) -> int:
    """Encode the compressed corpus; return its number of tokens."""
    return len(encode_corpus(CorpusText(corpus, folder)).tokens)


def rows(context: Context) -> Iterator[Row]:
    """Return timings of a text in memory and of its compressed files."""
    corpus = context.corpus
    text = CorpusText(corpus, context.folder)
    unpacking, data = best_of(1, lambda: decompressed(text))
    encoded(data[:BLOCK], corpus.normaliser)  # compiles
    slow, (words, counts, tokens) = best_of(2, lambda: plain(data, corpus.normaliser))
    fast, ours = best_of(3, lambda: encoded(data, corpus.normaliser))
    same = (
        ours.words == words
        and ours.counts.tolist() == counts
        and np.array_equal(ours.tokens, tokens)
    )
    megabytes = len(data) / 1e6
    yield Row(
        "text to integers, once decompressed",
        "split, Counter, dict",
        (slow, fast),
        TARGET,
        f"words, counts and tokens {'equal' if same else 'DIFFER'}",
        f"{megabytes:.0f} MB, {len(tokens):,} tokens, {len(words):,} types; "
        f"{megabytes / fast:.0f} MB/s",
    )
    whole, _ = best_of(2, lambda: encode_corpus(text))
    child = in_child(encode_from_disk, corpus, context.folder)
    yield Row(
        "text to integers, from compressed files",
        "decompress, then the same",
        (unpacking + slow, whole),
        float("nan"),
        "as above",
        f"decompression alone {unpacking:.2f} s, overlapped; peak memory {child.peak_mb:.0f} MB, "
        f"of which {child.result * 4 / 1e6:.0f} MB tokens",
    )
