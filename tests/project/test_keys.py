"""Every key of the configuration differs from its default in a run of the tests."""

from __future__ import annotations

import hashlib
import json
import lzma
import re
import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml
from PIL import Image
from pydantic import BaseModel
from snakemake.utils import update_config

from mstar.corpus.vocabulary import read_vocabulary
from mstar.counts import cooccurrence
from mstar.files.mistakes import key_paths
from mstar.files.tables import read_table
from mstar.report.captions import as_text
from mstar.settings.config import Config, load
from mstar.settings.runs import Run
from tests.conftest import run_once
from tests.support.workflow import ROOT, SMOKE, planned, run_snakemake

EVERY, GAP = "tests/data/every_key.yaml", "tests/data/every_key_gap.yaml"
WORDS, TOKENIZER = "tests/data/every_key_words.yaml", "tests/data/every_key_tokenizer.yaml"
# Configurations that the tests run, as layers on config/config.yaml.
LAYERS = ((SMOKE,), (EVERY,), (EVERY, GAP), (EVERY, WORDS), (EVERY, TOKENIZER))
# Keys that no run of the tests can set, with the reason.
EXCEPTIONS: dict[str, str] = {}
TEXT = "javascript:alert(1)_"
NAME = "named-otherwise"
OWN = "results/settings/away"
RESULTS = f"results/{NAME}"
COUNTS = f"{RESULTS}/v200-l5/cooccurrence.npz"
STATIC = f"{OWN}/{NAME}/v200-l5"
MEN = "people time 40\n"
QUESTIONS = "kind,a,b,c,d\nx,people,time,the,of\nx,and,in,people,time\n"
# The published sha256 of MEN, replaced in the copy of the package by that of the test's file.
PUBLISHED = "87a5b7229e6cf32426063da921e83031b9efeab3101d4413eaa3f44fcbce3a45"


def layered(*files: str) -> Config:
    """Return the configuration that Snakemake makes from these files."""
    merged: dict[str, Any] = {}
    for file in ("config/config.yaml", *files):
        update_config(merged, yaml.safe_load((ROOT / file).read_text(encoding="utf-8")))
    return load(merged)


# --- every key is set in some run ---


def at(config: object, path: str) -> object:
    for name in path.split("."):
        config = getattr(config, name)
    return config


def run_values(run: Run) -> dict[str, object]:
    """Return the settings of a run by key path, including those of ``sgd`` if it has them."""
    given = {path: at(run, path) for path in key_paths(Run) if path.count(".") == 0}
    sgd = run.sgd.model_dump() if run.sgd else {}
    return given | {f"sgd.{key}": value for key, value in sgd.items()}


def default_of(name: str, run: Run) -> dict[str, object]:
    """Return the settings of a default run by name, or the keys' own defaults for any other."""
    defaults = Config().dynamics.runs
    if name in defaults:
        return run_values(defaults[name])
    fields = {path: _field(Run, path) for path in key_paths(Run)}
    return {path: field.default for path, field in fields.items() if not field.is_required()}


def _field(model: type[BaseModel], path: str) -> Any:
    first, _, rest = path.partition(".")
    field = model.model_fields[first]
    if not rest:
        return field
    (section,) = (kind for kind in field.annotation.__args__ if kind is not type(None))
    return _field(section, rest)


def changed(config: Config) -> Iterator[str]:
    """Yield the paths of keys that this configuration sets to a value other than the default."""
    default = Config()
    yield from (path for path in key_paths(Config) if at(config, path) != at(default, path))
    for name, run in config.dynamics.runs.items():
        usual = default_of(name, run)
        for key, value in run_values(run).items():
            if key not in usual or usual[key] != value:
                yield f"dynamics.runs.NAME.{key}"


def every_path() -> set[str]:
    """Return all key paths; those of runs are under ``dynamics.runs.NAME``."""
    return {*key_paths(Config), *(f"dynamics.runs.NAME.{path}" for path in key_paths(Run))}


def test_every_key_is_away_from_its_default_in_a_run_of_the_tests() -> None:
    used = {path for files in LAYERS for path in changed(layered(*files))}
    assert used <= every_path()
    assert every_path() - used == set(EXCEPTIONS), "keys that no run of the tests changes"


def test_a_key_left_at_its_default_is_seen() -> None:
    config = layered(EVERY)
    assert "figures.movie.labels" in set(changed(config))
    same = config.figures.movie.model_copy(update={"labels": Config().figures.movie.labels})
    figures = config.figures.model_copy(update={"movie": same})
    assert "figures.movie.labels" not in set(
        changed(config.model_copy(update={"figures": figures}))
    )
    assert set(changed(Config())) == set()


# --- the run works ---


def write_inputs(directory: Path) -> None:
    """Write the text, as JSON lines in two files whose names look like markup, and a MEN file."""
    with lzma.open(ROOT / "tests/data/smoke.txt.xz", "rt", encoding="utf-8") as text:
        documents = text.readlines()
    folder = directory / TEXT
    folder.mkdir()
    for name, part in (("a [1]_ b.txt", documents[:11]), ("|x|.txt", documents[11:])):
        records = (json.dumps({"id": 1, "body": text}) + "\n" for text in part)
        (folder / name).write_text("".join(records), encoding="utf-8")
    other = (json.dumps({"body": text}) + "\n" for text in documents[::2])
    (directory / "other").write_text("".join(other), encoding="utf-8")
    (directory / "men.txt").write_text(MEN, encoding="utf-8")
    (directory / "mine.csv").write_text(QUESTIONS, encoding="utf-8")
    package = directory / "workflow" / "mstar" / "evaluation"
    texts = {path: path.read_text(encoding="utf-8") for path in package.glob("*.py")}
    (holder,) = (path for path, text in texts.items() if PUBLISHED in text)
    digest = hashlib.sha256(MEN.encode()).hexdigest()
    holder.write_text(texts[holder].replace(PUBLISHED, digest), encoding="utf-8")


@pytest.fixture(scope="session")
def every_key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy in which the workflow ran with every key changed from its default."""
    return run_once(tmp_path_factory, "every_key", (EVERY,), write_inputs)


def test_everything_is_made(every_key: Path) -> None:
    run = partial(run_snakemake, every_key, configfiles=(EVERY,))
    assert planned(run("-n")) == {}
    config = layered(EVERY)
    figures = every_key / OWN / "figures" / NAME
    for extra in config.extras:
        page = extra in ("explorer", "prediction")
        assert page or (figures / f"{extra}.csv").stat().st_size, extra
    recorded = json.loads((every_key / f"{OWN}/report/{NAME}/provenance.json").read_text())
    assert load(recorded["config"]) == config


def test_the_text_is_read_as_asked(every_key: Path) -> None:
    corpus = json.loads((every_key / RESULTS / "corpus.json").read_text(encoding="utf-8"))
    assert corpus["normaliser"] == "paper" and corpus["document_rule"] == "fixed:2000"
    assert corpus["documents"] == -(-corpus["tokens"] // 2000)
    summary = json.loads((every_key / STATIC / "summary.json").read_text(encoding="utf-8"))
    assert summary["window"] == 5 and summary["vocabulary"]["size"] == 200
    assert set(summary["probe_pairs"]) == {"the people"}
    assert set(summary["scores"]["d8"]) >= {"svd_mstar", "gensim", "gensim_sum"}


def test_every_model_is_scored_on_men(every_key: Path) -> None:
    tables = sorted((every_key / STATIC).rglob("evaluation.tsv"))
    assert len(tables) >= 5
    for path in tables:
        men = read_table(path).set_index("benchmark").loc["men"]
        assert men["questions"] == 1, path


def test_own_benchmarks_are_scored_by_their_names(every_key: Path) -> None:
    (path,) = (every_key / STATIC).glob("d8/svd_mstar/seed*/evaluation.tsv")
    scores = read_table(path).set_index(["benchmark", "variant", "category"])["questions"]
    assert scores["Mes analogies (fr)", "original", "x"] == 2
    assert scores["人", "spearman", "total"] == scores["wordsim353", "spearman", "total"]
    covered = read_table(every_key / f"{OWN}/tables/{NAME}/coverage.tsv").set_index("benchmark")
    assert covered.loc["Mes analogies (fr)", "covered"] == 2
    table = read_table(every_key / f"{OWN}/tables/{NAME}/fig3b.tsv")
    assert {"Mes analogies (fr)", "人", "men"} <= set(table["benchmark"])
    report = (every_key / f"{OWN}/report/{NAME}/report.html").read_text(encoding="utf-8")
    assert "Mes analogies (fr)" in report and "人" in report


def test_runs_and_figures_follow_their_settings(every_key: Path) -> None:
    folder = every_key / STATIC / "d8"
    runs = {path.name for path in folder.iterdir() if path.is_dir()}
    trained = {"my_sgns", "my_quartic", "my_qwem", "my_saddles", "my_sparse", "my_sampled"}
    assert trained | {"noise_lr1_batch300"} <= runs
    assert all((folder / run / "seed3").is_dir() for run in ("my_sgns", "my_sampled"))
    figures = every_key / OWN / "figures" / NAME
    with Image.open(figures / "movie.gif") as movie:
        assert movie.info["duration"] == 250
    rows = (figures / "fig3a.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert [row.split(",")[0] for row in rows] == ["1", "2", "4"]
    small = read_table(every_key / OWN / "tables" / NAME / "prediction_scores.tsv")
    assert "my_sampled" in set(small["run"])


def test_the_text_is_compared_as_asked(every_key: Path) -> None:
    done = run_snakemake(every_key, "compare", configfiles=(EVERY,))
    assert done.returncode == 0, done.stdout
    folder = every_key / f"{OWN}/comparisons/{NAME}/other"
    found = {name: read_table(folder / f"{name}.tsv") for name in ("features", "words", "texts")}
    assert len(found["features"]) == 8 and len(found["words"]) == 100
    assert (found["words"]["near_a"].notna()).sum() == 5
    assert found["texts"]["name"].tolist() == [NAME, "other"]
    assert (folder / "comparison.html").stat().st_size


def test_names_are_text_in_the_report_and_in_snakemake_s_own(
    every_key: Path, tmp_path: Path
) -> None:
    own = tmp_path / "own.html"
    done = run_snakemake(every_key, "--report", str(own), configfiles=(EVERY,))
    assert done.returncode == 0, done.stdout
    for path in (every_key / f"{OWN}/report/{NAME}/report.html", own):
        page = path.read_text(encoding="utf-8")
        assert not re.search(r"""href=\\?["']javascript:alert""", page), path
        assert TEXT in page and as_text(TEXT) not in page, path
    assert f"<strong>{TEXT}</strong>" in (every_key / f"{OWN}/report/{NAME}/report.html").read_text(
        encoding="utf-8"
    )


def test_a_gap_keeps_the_place_of_rarer_words(every_key: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(every_key, tmp_path / "copy")
    removed = cooccurrence.load(copy / COUNTS).dense().sum()
    done = run_snakemake(copy, COUNTS, configfiles=(EVERY, GAP))
    assert done.returncode == 0, done.stdout
    assert 0 < cooccurrence.load(copy / COUNTS).dense().sum() < removed
    shutil.rmtree(copy)


# Texts of our own, with words that the settings of words change.
LANGUAGES = {
    "de.txt": "Die Straße nach New York ist 2 km lang. Die Stra\u00adße nach New York! Straße 2.\n",
    "uk.txt": "Об'єкт і об’єкт, мова і мова. New York.\n",
    "zh.txt": "北京是中国的首都。他住在北京，我爱中国。\n",
}
LISTS = {
    "stop_words.txt": "die\nІ\n",
    "word_list.txt": "STRASSE\nStraße\nNew York\nі\nоб'єкт\nмова\n北京\n中国\n首都\ntwo\nDie\n",
}


def test_words_are_found_and_chosen_as_asked(sources: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(sources, tmp_path / "copy")
    write_inputs(copy)
    (copy / "languages").mkdir()
    files = {f"languages/{name}": text for name, text in LANGUAGES.items()} | LISTS
    for name, text in files.items():
        (copy / name).write_text(text, encoding="utf-8")

    def counted(layer: str) -> dict[str, int]:
        target = "results/languages/vocabulary.tsv"
        done = run_snakemake(copy, target, configfiles=(EVERY, layer))
        assert done.returncode == 0, done.stdout
        words, counts = read_vocabulary(copy / target)
        return dict(zip(words, counts.tolist(), strict=True))

    # "首都" occurs once, "die" and "і" are stop words, and "strasse" is "straße" in lower case.
    expected = {"new_york": 3, "straße": 3, "two": 2, "мова": 2, "об'єкт": 2, "中国": 2, "北京": 2}
    assert counted(WORDS) == expected
    (copy / "stop_words.txt").write_text("两\nмова\ndie\nі\n", encoding="utf-8")
    del expected["мова"]
    assert counted(WORDS) == expected, "a list that changed is not read again"

    model = {"type": "WordLevel", "vocab": {"New": 0, "York": 1, "?": 2}, "unk_token": "?"}
    described = {"version": "1.0", "model": model, "pre_tokenizer": {"type": "Whitespace"}}
    described |= {"added_tokens": [], "truncation": None, "padding": None, "normalizer": None}
    described |= {"post_processor": None, "decoder": None}
    (copy / "tokenizer.json").write_text(json.dumps(described), encoding="utf-8")
    found = counted(TOKENIZER)
    assert set(found) == {"New", "York", "?"} and found["York"] == 3
    (copy / "tokenizer.json").write_text("no tokenizer", encoding="utf-8")
    done = run_snakemake(copy, "-n", configfiles=(EVERY, TOKENIZER))
    assert done.returncode != 0 and "Traceback" not in done.stdout
    assert "\nwords.tokenizer: tokenizer.json: not a tokenizer: expected" in done.stdout
    shutil.rmtree(copy)
