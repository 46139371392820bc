"""Train gensim's word2vec and compare when it learns each feature with the prediction.

    .venv/bin/python -m tools.gensim_epochs results encyclopedia 1000 100

prints the table of docs/word2vec.md and puts it there. gensim is stopped at the epochs at which the
prediction is recorded, with its documents in the order of the text and in a random order, which the
prediction assumes. Of both, a mode is learned when its strength (`mstar.prediction.gensim_flow`)
first reaches one half of that at the end; the modes are those of the prediction. The null permutes
the modes.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from gensim.models import Word2Vec
from numpy.typing import NDArray
from scipy.stats import spearmanr

from mstar.corpus.encoded_text import open_text
from mstar.corpus.vocabulary import read_vocabulary
from mstar.machine.arrays import Array
from mstar.prediction import gensim_flow, gensim_weights
from mstar.settings.config import Config, Gensim
from mstar.training.gensim_baseline import Sentences
from tools.pages import filled

# Of the default configuration, which has gensim's defaults.
SETTINGS: dict[str, Any] = {"window": Config().window, **Gensim().model_dump()}
# Negatives and learning rate: with gensim's, and with little noise.
CASES = ((1, 0.025), (5, 0.025), (1, 0.005), (5, 0.005))
POINTS = 40
NEAR, FIRST = 0.15, 30
PERMUTATIONS = 1000
PAGE, BLOCK = Path("docs/word2vec.md"), "gensim-epochs"
HEAD = (
    "| negatives | rate | documents | vectors | modes | trained / predicted epochs | within 15 % |"
    " if permuted | rank correlation |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- |"
)


def trained(
    sentences: Sequence[list[str]],
    words: Sequence[str],
    counts: NDArray[np.int64],
    dim: int,
    negative: int,
    rate: float,
    passed: Array,
    seed: int = 1,
) -> tuple[Array, list[NDArray[np.float32]]]:
    """Return the numbers of epochs (those of ``passed`` that sentences end near), and (W; C) then.

    Args:
        sentences: the text.
        words, counts: the vocabulary.
        dim: d.
        negative: k.
        rate: gensim's initial learning rate.
        passed: ascending numbers of epochs.
        seed: of gensim.
    """
    epochs = SETTINGS["epochs"]
    model = Word2Vec(
        sg=1, vector_size=dim, window=SETTINGS["window"], negative=negative,
        sample=SETTINGS["subsample"], ns_exponent=SETTINGS["negative_power"], workers=1, seed=seed,
        min_count=1, sorted_vocab=0,
    )  # fmt: skip
    model.build_vocab_from_freq(dict(zip(words, counts.tolist(), strict=True)))
    ends = np.cumsum([len(sentence) for sentence in sentences])
    at, states = [], []
    # Sentences of all epochs in a row, cut where the prediction is recorded.
    cuts = [
        int(number) * len(ends) + int(np.searchsorted(ends, number % 1 * ends[-1], side="right"))
        for number in passed
    ]
    for begin, end in pairwise([0, *cuts]):
        if end == begin:
            continue
        piece = [sentences[i % len(ends)] for i in range(begin, end)]
        sides = [_passed(place, ends) for place in (begin, end)]
        first, last = (rate - (rate - gensim_weights.LAST_RATE) * x / epochs for x in sides)
        model.train(
            piece,
            total_examples=len(piece),
            total_words=sum(map(len, piece)),
            epochs=1,
            start_alpha=first,
            end_alpha=last,
        )
        at.append(sides[1])
        states.append(np.vstack([model.wv.vectors, model.syn1neg]))
    return np.array(at), states


def _passed(place: int, ends: NDArray[Any]) -> float:
    """Return the epochs passed before sentence number ``place`` of all epochs in a row."""
    whole, rest = divmod(place, len(ends))
    return float(whole + (ends[rest - 1] / ends[-1] if rest else 0.0))


def compared(found: Array, predicted: Array) -> str:
    """Return the cells of a row: ratio with quartiles, share near, null, rank correlation."""
    rng = np.random.default_rng(0)
    ratio = found / predicted

    def near(ratio: Array) -> float:
        return float((np.abs(np.log(ratio)) <= np.log1p(NEAR)).mean())

    null = [near(found / rng.permutation(predicted)) for _ in range(PERMUTATIONS)]
    low, high = np.percentile(null, [2.5, 97.5])
    quartiles = np.percentile(ratio, [25, 50, 75])
    order = spearmanr(found, predicted).statistic
    return (
        f"{quartiles[1]:.2f} ({quartiles[0]:.2f} to {quartiles[2]:.2f}) | {near(ratio):.2f} |"
        f" {low:.2f} to {high:.2f} | {order:.2f}"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table, and fill in the page."""
    parser = argparse.ArgumentParser(prog="python -m tools.gensim_epochs", description=__doc__)
    parser.add_argument("results", type=Path)
    parser.add_argument("corpus")
    parser.add_argument("vocabulary", type=int)
    parser.add_argument("dim", type=int)
    given = parser.parse_args(arguments)
    folder, size, dim = given.results / given.corpus, given.vocabulary, given.dim
    words, counts = (each[:size] for each in read_vocabulary(folder / "vocabulary.tsv"))
    files = [folder / name for name in ("tokens.npy", "documents.npy", "corpus.json")]
    text = open_text(files, size)
    epochs = SETTINGS["epochs"]
    pairs = gensim_weights.pair_numbers(
        text, counts, SETTINGS["window"], SETTINGS["subsample"], epochs
    )
    ordered = list(Sentences(text, words))
    shuffled = [ordered[i] for i in np.random.default_rng(0).permutation(len(ordered))]
    lines = [HEAD]
    print(HEAD)
    for negative, rate in CASES:
        weights = gensim_weights.weights(pairs, counts, negative, SETTINGS["negative_power"])
        passed = gensim_flow.epochs_followed(weights, rate, epochs, POINTS)
        flow = list(gensim_flow.follow(weights, dim, passed, rate, epochs, seed=1))
        for order, sentences in (("shuffled", shuffled), ("in order", ordered)):
            at, states = trained(sentences, words, counts, dim, negative, rate, passed)
            for kind in gensim_flow.EMBEDDINGS:
                spectrum, paired = gensim_flow.modes_of(flow[-1], kind)
                modes = spectrum.eigenvectors, paired
                pair = (
                    gensim_flow.learned(at, gensim_flow.strengths(states, *modes)),
                    gensim_flow.learned(passed, gensim_flow.strengths(flow, *modes)),
                )
                for count in (FIRST, dim):
                    cells = compared(*(each[:count] for each in pair))
                    lines.append(
                        f"| {negative} | {rate:g} | {order} | {kind} | {count} | {cells} |"
                    )
                    print(lines[-1], flush=True)
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(filled(page, {BLOCK: "\n".join(lines)}, partly=True), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
