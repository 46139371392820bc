"""word2vec's formats: gensim reads back equal words and float32 numbers."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from mstar.corpus.vocabulary import read_vocabulary
from mstar.files.writing import UserError
from mstar.training import word2vec_format
from mstar.training.record import load_embedding
from tests.support.workflow import SMOKE, planned, run_snakemake

models = pytest.importorskip("gensim.models")

# Any word to str.split: any letters, combining marks, control characters, emoji.
odd_words = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=8).filter(
    lambda text: text.split() == [text]
)


def read(path: Path) -> Any:
    return models.KeyedVectors.load_word2vec_format(str(path), binary=path.suffix == ".bin")


@given(st.lists(odd_words, min_size=1, max_size=6, unique=True), st.data())
@settings(max_examples=200, deadline=None)
def test_gensim_reads_what_was_written(words: list[str], data: st.DataObject) -> None:
    shape = (len(words), data.draw(st.integers(1, 4)))
    numbers = st.floats(-(2.0**127), 2.0**127, width=32)
    embedding = data.draw(arrays.arrays(np.float32, shape, elements=numbers)).astype(np.float64)
    with tempfile.TemporaryDirectory() as folder:
        for ending in word2vec_format.FORMATS:
            path = Path(folder, f"embedding.{ending}")
            word2vec_format.write(path, words, embedding)
            found = read(path)
            assert found.index_to_key == words
            assert found.vectors.dtype == np.float32
            assert found.vectors.tobytes() == embedding.astype(np.float32).tobytes()


@pytest.mark.parametrize("word", ["", " ", "new york", "a\tb", "a\n", "\u00a0", "\u2028", "x\x1c"])
@pytest.mark.parametrize("ending", word2vec_format.FORMATS)
def test_words_that_the_formats_cannot_hold(tmp_path: Path, word: str, ending: str) -> None:
    path = tmp_path / f"x.{ending}"
    with pytest.raises(UserError, match="no empty word or white space"):
        word2vec_format.write(path, ["a", word], np.zeros((2, 1)))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("name", "words", "value", "message"),
    [
        ("x.npz", ["a", "b"], 0.0, r"expected a name that ends in \.txt or \.bin"),
        ("x.txt", ["a", "a"], 0.0, "'a': it is there twice"),
        ("x.txt", ["a", "\ud800"], 0.0, "cannot be written in UTF-8"),
        ("x.bin", ["a", "b"], np.nan, "not finite"),
        ("x.bin", ["a", "b"], 1e39, "not finite"),
    ],
)
def test_what_is_refused(
    tmp_path: Path, name: str, words: list[str], value: float, message: str
) -> None:
    with pytest.raises(UserError, match=message):
        word2vec_format.write(tmp_path / name, words, np.full((2, 1), value))
    assert not list(tmp_path.iterdir())


def test_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    word2vec_format.write(path, ["a"], np.ones((1, 2)))
    with pytest.raises(ValueError, match="zip"):  # fewer words than rows, found while writing
        word2vec_format.write(path, ["a", "b"], np.ones((3, 2)))
    assert list(tmp_path.iterdir()) == [path] and path.read_bytes() == b"1 2\na 1 1\n"


def test_every_embedding_of_a_run_has_a_target(sources: Path) -> None:
    folder = "results/smoke/v400-l16/d8/sampled_qwem/seed1"
    one = f"{folder}/embedding.word2vec.bin"
    jobs = planned(run_snakemake(sources, "-n", "export", one, configfiles=(SMOKE,)))
    # five factorisations and two baselines at two sizes, fifteen runs, and the one named
    assert jobs["export_word2vec"] == 2 * (2 * 7 + 15) + 1
    assert jobs["train_sampled"] == 1


def test_the_workflow_exports_what_gensim_reads(smoke_copy: Path) -> None:
    folder = smoke_copy / "results/smoke/v800-l16/d16/svd_mstar/seed0"
    targets = [folder / f"embedding.word2vec.{ending}" for ending in word2vec_format.FORMATS]
    names = [str(target.relative_to(smoke_copy)) for target in targets]
    done = run_snakemake(smoke_copy, *names, configfiles=(SMOKE,))
    assert done.returncode == 0, done.stdout
    words = read_vocabulary(smoke_copy / "results/smoke/vocabulary.tsv")[0][:800]
    embedding = load_embedding(folder / "embedding.npz")
    unit = embedding / np.linalg.norm(embedding, axis=1, keepdims=True)
    near = unit @ unit[7]
    near[7] = -np.inf
    for target in targets:
        found = read(target)
        assert found.index_to_key == words
        assert np.array_equal(found.vectors, embedding.astype(np.float32))
        word, cosine = found.most_similar(words[7], topn=1)[0]
        assert word == words[int(near.argmax())]
        assert cosine == pytest.approx(near.max(), abs=1e-5)
