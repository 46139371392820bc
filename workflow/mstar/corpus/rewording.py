"""Phrases counted as one word, and words left out, once all of a text is encoded.

Phrases never cross the end of a sentence or document. They are joined from left to right, the
longest first, before words are left out. Learned phrases are those of gensim's ``Phrases`` with its
default score (Mikolov et al., arXiv 1310.4546, equation 6, times the number of different words and
pairs), which a test compares.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mstar.corpus.encoded import EncodedCorpus
from mstar.corpus.lookup import word_in_text
from mstar.corpus.vocabulary import by_frequency
from mstar.corpus.wording import WordRules, phrases_of_setting, words_of_setting
from mstar.files.writing import UserError

# A phrase by its words, and the word that it becomes.
Phrases = Mapping[tuple[str, ...], str]
# Tokens looked at once.
BLOCK = 1 << 22


@dataclass(frozen=True)
class Rewording:
    """What to do with the words of each part of a text.

    Attributes:
        phrases: the phrases to join.
        kept: the words to keep; None if all are.
    """

    phrases: Phrases
    kept: frozenset[str] | None

    def __call__(self, corpus: EncodedCorpus) -> EncodedCorpus:
        """Return the corpus with phrases joined, without the words that are left out.

        ``reworded`` counts the tokens of phrases and those left out, and the documents that had no
        other.
        """
        joined = join_phrases(corpus, self.phrases)
        found = joined if self.kept is None else keep_words(joined, self.kept)
        names = set(self.phrases.values())
        counts = {
            "phrases": sum(n for word, n in _counted(joined) if word in names),
            "left_out": joined.tokens.size - found.tokens.size,
            "documents_left_out": corpus.documents - found.documents,
        }
        return replace(found, reworded=counts)


def learn(
    rules: WordRules, parts: Iterable[EncodedCorpus], words_of: Callable[[str], Sequence[str]]
) -> Rewording:
    """Return what the settings make of a text.

    Args:
        rules: the settings.
        parts: of the text, in order; read twice.
        words_of: from text to words, by which entries of lists are read as the text is.

    Raises:
        UserError: a file cannot be read, or no word is left.
    """
    if rules.phrases == "learned":
        pairs = learned_phrases(parts, rules.phrase_min_count, rules.phrase_threshold)
        phrases: Phrases = {pair: "_".join(pair) for pair in pairs}
    else:
        listed = ((tuple(words_of(p)), name) for p, name in phrases_of_setting(rules).items())
        phrases = {words: name or "_".join(words) for words, name in listed if len(words) > 1}
    if not rules.chooses:
        return Rewording(phrases, None)
    total: dict[str, int] = {}
    for part in parts:
        for word, count in _counted(join_phrases(part, phrases)):
            total[word] = total.get(word, 0) + count
    stopped, listed_words = (
        {word_in_text(entry, words_of, total) for entry in words_of_setting(rules, key)}
        for key in ("stop_words", "word_list")
    )
    kept = frozenset(
        word
        for word, count in total.items()
        if count >= rules.min_count
        and word not in stopped
        and (word in listed_words or not rules.word_list)
    )
    if total and not kept:
        raise UserError(
            f"words: none of the {len(total):,} words of the text is left by {_left_by(rules)}"
        )
    return Rewording(phrases, kept)


def _left_by(rules: WordRules) -> str:
    said = {
        "stop_words": rules.stop_words,
        "word_list": rules.word_list,
        f"min_count ({rules.min_count})": rules.min_count > 1,
    }
    return ", ".join(f"words.{key}" for key, value in said.items() if value)


def _counted(corpus: EncodedCorpus) -> Iterable[tuple[str, int]]:
    return zip(corpus.words, corpus.counts.tolist(), strict=True)


# --- phrases ---


def learned_phrases(
    parts: Iterable[EncodedCorpus], min_count: int, threshold: float
) -> list[tuple[str, str]]:
    """Return the pairs of neighbouring words whose score is above ``threshold``, sorted.

    The score of a pair is (n_ab - min_count) N / (n_a n_b), where n are counts and N is the number
    of different words and pairs in the text.
    """
    index: dict[str, int] = {}
    sums = _Sums()
    single: dict[str, int] = {}
    for part in parts:
        place = np.array([index.setdefault(word, len(index)) for word in part.words], np.int64)
        for word, count in _counted(part):
            single[word] = single.get(word, 0) + count
        inside = _inside(part)
        for at in range(0, part.tokens.size - 1, BLOCK):
            block = place[part.tokens[at : at + BLOCK + 1]]
            pairs = (block[:-1] << 32 | block[1:])[inside[at : at + block.size - 1]]
            sums.add(*np.unique(pairs, return_counts=True))
    keys, counts = sums.total()
    words = list(index)
    each = np.array([single[word] for word in words], np.int64)
    often = counts >= min_count
    first, second = keys[often] >> 32, keys[often] & 0xFFFFFFFF
    # In the order of gensim, so that rounding is the same.
    score = (counts[often] - min_count) / each[first] / each[second] * (len(words) + keys.size)
    above = np.flatnonzero(score > threshold).tolist()
    return sorted((words[first[i]], words[second[i]]) for i in above)


class _Sums:
    """Sums of counts by key. They are brought together whenever those set aside outnumber them."""

    def __init__(self) -> None:
        self._keys, self._counts = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
        self._aside = 0

    def add(self, keys: NDArray[np.int64], counts: NDArray[np.int64]) -> None:
        """Add counts to those of ``keys`` (n,), which differ."""
        self._keys.append(keys)
        self._counts.append(counts)
        self._aside += keys.size
        if self._aside > self._keys[0].size:
            self.total()

    def total(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the keys (n,), increasing, and their sums (n,)."""
        keys, where = np.unique(np.concatenate(self._keys), return_inverse=True)
        counts = np.zeros(keys.size, np.int64)
        np.add.at(counts, where, np.concatenate(self._counts))
        self._keys, self._counts, self._aside = [keys], [counts], 0
        return keys, counts


def _inside(corpus: EncodedCorpus) -> NDArray[np.bool_]:
    """Return for each token (n,) whether the next one is of the same document and sentence."""
    inside = np.ones(corpus.tokens.size + 1, np.bool_)
    ends = corpus.sentence_ends
    for places in (corpus.document_offsets, np.empty(0, np.int64) if ends is None else ends):
        inside[places - 1] = False  # that of place 0 is beyond the last token
    return inside[:-1]


def join_phrases(corpus: EncodedCorpus, phrases: Phrases) -> EncodedCorpus:
    """Return the corpus with each of its ``phrases`` as one word."""
    ids = {word: number for number, word in enumerate(corpus.words)}
    known = {words: name for words, name in phrases.items() if all(word in ids for word in words)}
    if not known:
        return corpus
    names = [*corpus.words]
    options: dict[int, list[tuple[tuple[int, ...], int]]] = {}
    for words, name in sorted(known.items(), key=lambda item: (-len(item[0]), item)):
        if name not in ids:
            ids[name] = len(names)
            names.append(name)
        numbers = tuple(ids[word] for word in words)
        options.setdefault(numbers[0] << 32 | numbers[1], []).append((numbers, ids[name]))
    inside = _inside(corpus)
    tokens = corpus.tokens
    renamed = tokens.astype(np.uint32)
    kept = np.ones(tokens.size, np.bool_)
    starts = np.array(sorted(options), np.int64)
    free = 0
    for at in range(0, tokens.size - 1, BLOCK):
        block = tokens[at : at + BLOCK + 1].astype(np.int64)
        pairs = block[:-1] << 32 | block[1:]
        begins = np.isin(pairs, starts) & inside[at : at + pairs.size]
        for place in np.flatnonzero(begins).tolist():
            if at + place < free:
                continue
            for numbers, number in options[int(pairs[place])]:
                end = at + place + len(numbers)
                if tuple(tokens[at + place : end].tolist()) == numbers and bool(
                    inside[at + place : end - 1].all()
                ):
                    renamed[at + place] = number
                    kept[at + place + 1 : end] = False
                    free = end
                    break
    return _renumbered(corpus, renamed, kept, names)


# --- words left out ---


def keep_words(corpus: EncodedCorpus, wanted: frozenset[str]) -> EncodedCorpus:
    """Return the corpus with only the words ``wanted``, and the documents that have one."""
    mask = np.array([word in wanted for word in corpus.words], np.bool_)
    if mask.all():
        return corpus
    return _renumbered(corpus, corpus.tokens, mask[corpus.tokens], corpus.words)


def _renumbered(
    corpus: EncodedCorpus,
    tokens: NDArray[np.unsignedinteger[Any]],
    kept: NDArray[np.bool_],
    words: Sequence[str],
) -> EncodedCorpus:
    """Return the corpus of the tokens ``kept`` of ``tokens``, ids into ``words``."""
    tokens = tokens[kept]
    counts = np.zeros(len(words), np.int64)
    for begin in range(0, tokens.size, BLOCK):  # bincount converts tokens to eight bytes each
        counts += np.bincount(tokens[begin : begin + BLOCK], minlength=counts.size)
    names, counts, rank = by_frequency(words, counts)
    sentences = corpus.sentence_ends
    return replace(
        corpus,
        tokens=rank[tokens],
        document_offsets=np.unique(_moved(corpus.document_offsets, kept)),
        words=names,
        counts=counts,
        source_ends=_moved(corpus.source_ends, kept),
        sentence_ends=None if sentences is None else np.unique(_moved(sentences, kept)),
    )


def _moved(places: NDArray[np.int64], kept: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return ``places`` (n,), boundaries between tokens, once only the tokens ``kept`` are left."""
    bounds = np.unique(np.concatenate([[0], places, [kept.size]])).astype(np.int64)
    if bounds.size == 1:
        return places
    left = np.cumsum(np.add.reduceat(kept, bounds[:-1], dtype=np.int64))
    return np.concatenate([np.zeros(1, np.int64), left])[np.searchsorted(bounds, places)]
