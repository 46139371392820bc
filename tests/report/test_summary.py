"""The summary of a text does not depend on the number of its parts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mstar.corpus.corpora import local_corpus
from mstar.corpus.encoded_text import open_text
from mstar.counts import cooccurrence, targets
from mstar.counts.counting import count
from mstar.report.summary import summarise
from mstar.spectra import spectrum
from mstar.spectra.decomposition import decompose
from tests.support.parts import encode_parts, encode_whole


@pytest.mark.parametrize("convention", ["removed", "gap"])
def test_a_summary_of_parts_is_that_of_the_whole(tmp_path: Path, convention: str) -> None:
    rng = np.random.default_rng(0)
    words = ["of", "the", "sea", "king", "city", "rare", "rarer"]
    for number in range(3):
        drawn = rng.choice(words, (9, 8), p=[0.3, 0.2, 0.2, 0.1, 0.1, 0.07, 0.03])
        text = "\n".join(" ".join(line) for line in drawn)
        (tmp_path / f"{number}.txt").write_text(text)
    corpus = local_corpus(f"{tmp_path}/*.txt", "fixed:13", name="texts")
    whole = encode_whole(corpus, tmp_path / "whole")
    files = [[tmp_path / f"{number}.txt"] for number in range(3)]
    parts = encode_parts(corpus, files, tmp_path / "parts")
    counts = count(*next(open_text(whole).parts()), 5, 3, convention)
    cooccurrence.save(tmp_path / "counts.npz", counts)
    found = decompose("mstar", targets.probabilities(counts), 2, 1.0)
    spectrum.save(tmp_path / "spectrum.npz", found)
    said = [
        summarise(
            text=text,
            vocabulary=text[-1].with_name("vocabulary.tsv"),
            counts=tmp_path / "counts.npz",
            mstar=tmp_path / "spectrum.npz",
            evaluations={},
            probe_pairs=[("of", "the"), ("of", "of"), ("of", "rarer"), ("king", "sea")],
            out_of_vocabulary=convention,
        )
        for text in (parts, whole)
    ]
    assert "parts" in said[0].pop("corpus") and "crc32" in said[1].pop("corpus")
    assert said[0] == said[1]
    near = {pair: each and each["unweighted"] for pair, each in said[0]["probe_pairs"].items()}
    assert near["of rarer"] is None and min(near[pair] for pair in ("of the", "of of")) > 0
