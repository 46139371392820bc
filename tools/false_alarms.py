"""Compare random halves of a text with each other, and count how often they seem to differ.

python -m tools.false_alarms results/encyclopedia 500 12 25 compares 25 pairs of halves by 500 words
and 12 features, and prints a line for each.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from mstar.corpus.subsets import part_of_documents, some_documents
from mstar.corpus.vocabulary import read_vocabulary
from mstar.files.writing import load_array
from mstar.prediction.comparison import compare
from mstar.prediction.two_texts import Counting, Text, prepare
from mstar.prediction.verdicts import differing


def halves(folder: Path, seed: int) -> Iterator[Text]:
    """Yield two random halves of the text in a folder of results, split by document."""
    tokens = load_array(folder / "tokens.npy", "list of tokens")
    offsets = load_array(folder / "documents.npy", "list of documents")
    words, _ = read_vocabulary(folder / "vocabulary.tsv")
    part = part_of_documents(offsets, 2, seed)
    for number in (0, 1):
        ids, documents = some_documents(tokens, offsets, part == number)
        counts = np.bincount(ids, minlength=len(words))
        yield Text(f"half {number + 1}", ids, documents, words, counts)


def main(folder: str, vocabulary: str, rank: str, draws: str) -> None:
    """Print smallest p-values of each pair of halves, and how many pairs seem to differ."""
    alarms = 0
    for seed in range(1, int(draws) + 1):
        first, second = halves(Path(folder), seed)
        found = compare(
            prepare(first, second, Counting(16), int(vocabulary), seed), int(rank), moved=1
        )
        alarms += differing(found.features, found.words)
        least = found.features[["p_own", "p_strength"]].min().tolist()
        numbers = ", ".join(f"{p:.3f}" for p in (*least, found.words["p"].min()))
        print(f"{seed}: smallest p {numbers}; {alarms} of {seed} differ", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
