"""A text drawn from a smaller one: its counts are known, and the same in any number of parts."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import reduce
from pathlib import Path

import numpy as np
import pytest

from mstar.corpus.corpora import Corpus, local_corpus
from mstar.corpus.encoded_text import open_text
from mstar.counts import cooccurrence
from mstar.counts.counting import count
from mstar.counts.merge import add
from mstar.files.writing import UserError
from mstar.texts.places import text_files
from tests.support.parts import encode_parts
from tools import big_text

RNG = np.random.default_rng(0)
LINES = [
    " ".join(RNG.choice(["of", "the", "in", "sea", "king", "city"], RNG.integers(1, 30)))
    for _ in range(40)
]


def results(corpus: Corpus, files: list[Path], folder: Path) -> Path:
    """Encode and count a text, each file a part; return the folder of counts."""
    text = open_text(encode_parts(corpus, [[file] for file in files], folder), 5, check=True)
    counts = [count(*part, 5, 4, types=text.types) for part in text.parts()]
    (folder / "v5-l4").mkdir()
    cooccurrence.save(folder / "v5-l4" / "cooccurrence.npz", reduce(add, counts))
    return folder / "v5-l4"


def test_counts_of_a_text_drawn_many_times(tmp_path: Path) -> None:
    (tmp_path / "source.txt").write_text("\n".join(LINES))
    texts = big_text.documents(tmp_path / "source.txt", "line")
    assert texts == LINES
    found = []
    for name, times, files in (("once", 1, 1), ("few", 6, 2), ("many", 6, 7)):
        drawn = tmp_path / name
        size = big_text.draw(texts, drawn, times, files, seed=3)
        assert size == times * sum(map(len, LINES)) and len(text_files(drawn)) == files
        assert Counter(big_text.rows_of(drawn)) == dict.fromkeys(LINES, times)
        made = results(local_corpus(drawn), text_files(drawn), tmp_path / f"{name}-results")
        assert big_text.check(drawn, made, 7).startswith("the 7 largest counts are those of")
        found.append(made)
    assert list(big_text.rows_of(tmp_path / "many"))[:40] != LINES
    once, few, many = found
    assert big_text.compare(many, once).endswith(f"counts are 6 times those of {once}")
    files = [folder / "cooccurrence.npz" for folder in (few, many)]
    assert files[0].read_bytes() == files[1].read_bytes()
    counts = cooccurrence.load(files[1])
    counts.counts[int(counts.counts.argmax())] += 1
    cooccurrence.save(files[1], replace(counts))
    with pytest.raises(UserError, match=r"counted [\d,]+, but a loop over .* finds"):
        big_text.check(tmp_path / "many", many, 7)
    with pytest.raises(UserError, match="its counts are not 6 times those of"):
        big_text.compare(many, once)
    with pytest.raises(UserError, match="3 files of 2 documents: expected 2 at most"):
        big_text.draw(["a", "b"], tmp_path / "none", 1, 3, 0)
