"""Warnings about large parts of a text that a normaliser loses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from mstar.corpus.encoded import EncodedCorpus, totals
from mstar.corpus.words import LATIN
from mstar.files.writing import UserError, warn

# Shares above which a loss is reported: of letters; of letters and undecodable bytes.
MANY_LETTERS, MANY_BYTES = 0.2, 0.001
# Scripts written without spaces between words: Thai, Lao, Tibetan, Myanmar, Khmer, kana, Han. Words
# of segmented text have one to five letters; unsegmented text between punctuation marks has more.
UNSPACED = re.compile(
    "[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff]"
)
MANY_WORDS, LONG = 0.2, 5
# Mean letters per word, far above that of any language.
ENDLESS = 30


def check_whole(corpus: EncodedCorpus, normaliser: str) -> None:
    """Warn about losses of a whole corpus; raise ``UserError`` if no word is left."""
    check_words(corpus, normaliser, totals(corpus)["letters"])
    for loss in warnings(corpus, normaliser):
        warn(loss)


def check_words(corpus: EncodedCorpus, normaliser: str = "text8", letters: int = 0) -> None:
    """Raise ``UserError`` if a corpus has no word.

    Args:
        corpus: the corpus.
        normaliser: convention for words.
        letters: number of letters of any script in the text, for the message.
    """
    if corpus.words:
        return
    of = "letters" if normaliser not in LATIN else "letters a-z"
    hint = f" (its {letters:,} letters are others; make NORMALISER=unicode, or snakemake "
    hint += "--config normaliser=unicode, keeps them)"
    raise UserError(
        f"the corpus has no words ({corpus.empty_documents:,} empty documents"
        + f", {corpus.short_documents:,} too short" * bool(corpus.short_documents)
        + f"): expected text with {of}{hint if letters and not corpus.short_documents else ''}"
    )


def warnings(corpus: EncodedCorpus, normaliser: str) -> Iterator[str]:
    """Yield a line for each kind of loss that is large, with the setting that would prevent it."""
    lost = totals(corpus)
    yield from _of_letters(lost, normaliser)
    undecodable = lost["undecodable_bytes"]
    if undecodable > MANY_BYTES * (lost["letters"] + undecodable):
        yield (
            f"{undecodable:,} bytes of the text are not UTF-8 and separate words: if it is in "
            "another encoding, convert it first, as by iconv -f LATIN1 -t UTF-8"
        )
    yield from _of_spaces(corpus, lost, normaliser)


def of_lengths(offsets: NDArray[np.int64], window: int, rule: str) -> str:
    """Return a warning if half of the documents are shorter than a window, or "".

    Args:
        offsets: (documents + 1,) boundaries of documents, in tokens.
        window: words on each side of a word that its window covers.
        rule: what a document is; for ``fixed:N`` and documents of a reader there is no warning.
    """
    longer = {"line": "paragraph, file or fixed:N", "paragraph": "file or fixed:N"}
    longer["file"] = "fixed:N"
    if rule not in longer or offsets.size < 2:
        return ""
    median = float(np.median(np.diff(offsets)))
    if median >= window:
        return ""
    return (
        f"half of the documents have no more than {median:,.0f} words, fewer than the window of "
        f"{window:,}, and no pair is counted across documents: if a {rule} is not a document, "
        f"documents: {longer[rule]} (make DOCUMENTS=...) makes them longer"
    )


def _of_letters(lost: Mapping[str, int], normaliser: str) -> Iterator[str]:
    share = lost["letters_dropped"] / max(lost["letters"], 1)
    if share >= MANY_LETTERS:
        yield (
            f"{share:.0%} of the letters of the text are lost, since normaliser {normaliser} keeps "
            "a-z only: make NORMALISER=unicode, or snakemake --config normaliser=unicode, keeps"
            " those of every script"
        )


def _of_spaces(corpus: EncodedCorpus, lost: Mapping[str, int], normaliser: str) -> Iterator[str]:
    tokens = max(int(corpus.counts.sum()), 1)
    mean = (lost["letters"] - lost["letters_dropped"]) / tokens
    if mean > ENDLESS:
        yield f"words have {mean:,.0f} letters on average: expected text with spaces between words"
    elif normaliser not in LATIN:
        pairs = zip(corpus.words, corpus.counts.tolist(), strict=True)
        found = [(len(word), count) for word, count in pairs if UNSPACED.search(word)]
        number = sum(count for _, count in found)
        mean = sum(length * count for length, count in found) / max(number, 1)
        if number >= MANY_WORDS * tokens and mean > LONG:
            yield (
                f"{number / tokens:.0%} of the words are in a script without spaces and have "
                f"{mean:.1f} letters on average: normaliser: unicode with words.segmenter: jieba "
                "(Chinese) or janome (Japanese) divides them; for others run a segmenter over the "
                "text first, which puts spaces between words"
            )
