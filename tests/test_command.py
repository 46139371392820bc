"""The command mstar gives what the package gives, and ends mistakes with one line."""

from __future__ import annotations

import lzma
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mstar import command, library
from mstar.report import comparison_page, prediction_page
from mstar.settings.config import Config
from tests.support.workflow import ROOT

SIZES = ("--vocabulary", "120", "--dim", "6", "--window", "4", "--threads", "1")


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a text of some documents, one a line."""
    path = tmp_path_factory.mktemp("text") / "mine.txt"
    whole = lzma.decompress((ROOT / "tests/data/smoke.txt.xz").read_bytes()).decode().lower()
    lines = [re.sub("[^a-z]+", " ", line[:12_000]) for line in whole.split("\n")]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def counted(text: Path) -> library.Counted:
    lines = text.read_text("utf-8").split("\n")
    return library.count_words([line.split() for line in lines], vocabulary=120, window=4)


def test_features_are_those_of_the_library(text: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = text.with_name("features.tsv")
    assert command.main(["features", str(text), *SIZES, "-o", str(made)]) == 0
    found = pd.read_csv(made, sep="\t")
    expected = counted(text).features(6)
    pd.testing.assert_series_equal(found["eigenvalue"], expected["eigenvalue"])
    shown = capsys.readouterr()
    assert shown.out.splitlines()[1].split()[:3] == ["1", f"{found['eigenvalue'][0]:.4g}", "1.00"]
    assert "counting pairs, V = 120" in shown.err


@pytest.mark.parametrize("model", ["qwem", "word2vec"])
def test_vectors_are_the_embedding(
    text: Path, model: str, capsys: pytest.CaptureFixture[str]
) -> None:
    made = text.with_name(f"{model}.bin")
    assert command.main(["embed", str(text), *SIZES, "-o", str(made), "--model", model]) == 0
    models = pytest.importorskip("gensim.models")
    found = models.KeyedVectors.load_word2vec_format(str(made), binary=True)
    whole = counted(text)
    assert tuple(found.index_to_key) == whole.words
    ours, theirs = found.vectors, whole.embedding(6, model=model)
    assert np.allclose(ours @ ours.T, theirs @ theirs.T, rtol=1e-4, atol=1e-4)
    assert f"load_word2vec_format('{made}', binary=True)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "said"), [("v.parquet", "embedding-atlas "), ("v.tsv", "v.metadata")]
)
def test_vectors_are_written_for_viewers(
    text: Path, name: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    made = text.with_name(name)
    assert command.main(["embed", str(text), *SIZES, "-o", str(made)]) == 0
    assert made.is_file() and said in capsys.readouterr().out


def test_predictions_and_explorer_are_pages(text: Path) -> None:
    folder, page = text.with_name("found"), text.with_name("page.html")
    questions = text.with_name("questions.txt")
    questions.write_text(": order\none two three four\n", encoding="utf-8")
    given = [str(text), *SIZES, "--questions", str(questions), "-o", str(folder)]
    assert command.main(["predict", *given]) == 0
    assert {path.name for path in folder.iterdir()} >= {f"{n}.tsv" for n in prediction_page.TABLES}
    assert "mine.txt" in (folder / "prediction.html").read_text("utf-8")
    halves = pd.read_csv(folder / "reproducibility.tsv", sep="\t")
    assert set(halves["parts"]) == {2, 4}
    assert command.main(["explore", str(text), *SIZES, "-o", str(page)]) == 0
    assert "<script" in page.read_text("utf-8")


def test_a_comparison_is_a_page_with_tables(text: Path) -> None:
    """A text is compared with its own second half, whose documents are the same."""
    other, folder = text.with_name("half.txt"), text.with_name("compared")
    lines = text.read_text("utf-8").split("\n")
    other.write_text("\n".join(lines[len(lines) // 2 :]), encoding="utf-8")
    small = ("--vocabulary", "60", "--features", "4", "--moved", "3", "--window", "4")
    given = [str(text), str(other), *small, "--documents", "fixed:50", "--threads", "1"]
    assert command.main(["compare", *given, "-o", str(folder)]) == 0
    tables = {
        name: pd.read_csv(folder / f"{name}.tsv", sep="\t") for name in comparison_page.TABLES
    }
    assert len(tables["features"]) == 8 and len(tables["words"]) == 60
    assert tables["texts"]["name"].tolist() == ["mine", "half"]
    assert "half" in (folder / "comparison.html").read_text("utf-8")
    assert (folder / "comparison.png").stat().st_size


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["features", "no-such-file"], "error: no-such-file: no such file or folder"),
        (["features", "{text}", "--vocabulary", "0"], "error: --vocabulary: 0: expected"),
        (["features", "{text}", "--vocabulary", "9999999"], "error: --vocabulary: 9999999 asked"),
        (["features", "{text}", "--normaliser", "none"], 'error: --normaliser: "none": expected'),
        (["features", "{text}", "--out-of-vocabulary", "x"], 'error: --out-of-vocabulary: "x"'),
        (
            ["features", "{text}", "--dim", "120", *SIZES[:2]],
            "error: --dim: 120: expected a number",
        ),
        (["features", "{text}", "--threads", "0"], "error: --threads: 0: expected"),
        (
            ["embed", "{text}", "-o", "v.npy"],
            "error: -o: v.npy: expected a name that ends in .txt or .bin",
        ),
        (["embed", "{text}", "-o", "no/v.bin"], "error: -o: no: no such folder"),
        (["explore", "{text}", "-o", "."], "error: -o: .: is a folder"),
        (["predict", "{text}", "-o", "{text}"], "is a file: expected a folder"),
        (["compare", "{text}", "no-such-file"], "error: no-such-file: no such file or folder"),
        (["compare", "{text}", "{text}", "--features", "0"], "error: --features: 0: expected"),
        (
            ["compare", "{text}", "{text}", "--vocabulary", "999999"],
            "error: --vocabulary: 999,999 words asked for, and mine (1) and mine (2) have",
        ),
        (["predict", "{text}", "--questions", "none.txt"], "--questions: none.txt: cannot be read"),
    ],
)
def test_mistakes_are_one_line(
    arguments: list[str],
    said: str,
    text: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert command.main([each.format(text=text) for each in arguments]) == 1
    shown = capsys.readouterr()
    assert said in shown.err.splitlines()[-1] and not shown.out
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_options_are_settings(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        command.main(["features", "--help"])
    help_text = capsys.readouterr().out
    for key in command.SETTINGS:
        assert "--" + key.replace("_", "-") in help_text
        default = "{}" if key == "words" else Config.model_fields[key].default
        assert f"(default: {default})" in " ".join(help_text.split())


def test_tables_and_settings_of_words_are_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table, made = tmp_path / "mine.csv", tmp_path / "v.txt"
    rows = ["id,body", *(f"{i},New York and Paris {'and Rome' * (i % 2)}" for i in range(30))]
    table.write_text("\n".join(rows), encoding="utf-8")
    words = '{"case": "keep", "stop_words": ["and"]}'
    given = ["--field", "body", "--normaliser", "unicode", "--words", words, "--dim", "2"]
    assert command.main(["embed", str(table), *given, "-o", str(made)]) == 0
    found = {line.split()[0] for line in made.read_text("utf-8").splitlines()[1:]}
    assert found == {"New", "York", "Paris", "Rome"}
    assert command.main(["features", str(table), "--field", "text"]) == 1
    assert "text" in capsys.readouterr().err.splitlines()[-1]
