"""What a normaliser loses of a text, told in one line each where it is much."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from mstar.corpus.vocabulary import EncodedCorpus
from mstar.corpus.words import LATIN

# What is counted of each source to tell what of it is lost.
LOSSES = ("letters", "letters_dropped", "undecodable_bytes")
# Shares from which a loss is told: of letters; of letters and bytes that are none.
MANY_LETTERS, MANY_BYTES = 0.2, 0.001
# Scripts written without spaces between words: Thai, Lao, Tibetan, Myanmar, Khmer, kana, Han. Cut
# into words, they have one to five letters a word; what stands between two punctuation marks, more.
UNSPACED = re.compile(
    "[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff]"
)
MANY_WORDS, LONG = 0.2, 5
# Letters of a word, on average; no language comes near.
ENDLESS = 30


def totals(corpus: EncodedCorpus) -> dict[str, int]:
    """`LOSSES` of the whole corpus."""
    return {key: sum(source[key] for source in corpus.sources) for key in LOSSES}


def warnings(corpus: EncodedCorpus, normaliser: str) -> Iterator[str]:
    """Yield, in one line each, what is lost of a text and what would keep it."""
    lost = totals(corpus)
    yield from _of_letters(lost, normaliser)
    undecodable = lost["undecodable_bytes"]
    if undecodable > MANY_BYTES * (lost["letters"] + undecodable):
        yield (
            f"{undecodable:,} bytes of the text are not UTF-8 and separate words: if it is in "
            "another encoding, convert it first, as by iconv -f LATIN1 -t UTF-8"
        )
    yield from _of_spaces(corpus, lost, normaliser)


def _of_letters(lost: Mapping[str, int], normaliser: str) -> Iterator[str]:
    share = lost["letters_dropped"] / max(lost["letters"], 1)
    if share >= MANY_LETTERS:
        yield (
            f"{share:.0%} of the letters of the text are lost, since normaliser {normaliser} keeps "
            "a-z only: normaliser: unicode (make NORMALISER=unicode) keeps those of every script"
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
                f"{mean:.1f} letters on average: run a segmenter over the text first, which puts "
                "spaces between words"
            )
