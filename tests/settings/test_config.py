"""The typed configuration: defaults, layers, documentation, and mistakes."""

from __future__ import annotations

import copy
import math
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from snakemake.cli import parse_config
from snakemake.utils import update_config

from mstar.corpus.catalogue import load_corpora
from mstar.corpus.corpora import find_corpus
from mstar.evaluation.benchmarks import GIVEN
from mstar.files.mistakes import key_paths
from mstar.files.writing import UserError
from mstar.settings.config import Config, load
from mstar.settings.readme import document_markdown
from mstar.settings.runs import Sgd
from tools.config_mistakes import CASES, CORPORA, markdown

FOLDER = Path(__file__).resolve().parents[2] / "config"
OTHERS = {FOLDER / f"{name}.yaml" for name in ("config", "corpora", "claims")}
LAYERS = sorted(set(FOLDER.glob("*.yaml")) - OTHERS)


def read(*files: str) -> dict[str, Any]:
    """Layer configuration files as Snakemake does."""
    merged: dict[str, Any] = {}
    for file in files:
        update_config(merged, yaml.safe_load((FOLDER / file).read_text(encoding="utf-8")))
    return merged


# Word similarities scored by default.
DEFAULT = ("wordsim353", "simlex999", "men")
BENCHMARKS: dict[str, Any] = {"similarity": DEFAULT, "men": None, "own": {}, "followed": "google"}


def layered(changes: dict[str, Any]) -> dict[str, Any]:
    merged = read("config.yaml")
    update_config(merged, copy.deepcopy(changes))
    return merged


def test_defaults_are_those_of_config_yaml() -> None:
    raw = read("config.yaml")
    assert load(raw, "config.yaml") == load({}) == load(None) == Config()

    # config.yaml also names every key, so that it lists them all.
    def keys(tree: Any) -> Any:
        return {key: keys(value) for key, value in tree.items()} if isinstance(tree, dict) else None

    for name in GIVEN:  # a benchmark is declared in one place, its table
        raw["benchmarks"].setdefault(name, None)
    for run in raw["dynamics"]["runs"].values():
        run.setdefault("negative", None)  # given only where it differs
        run.setdefault("untied", None)
        if run.setdefault("sgd", None):
            run["sgd"] = dict.fromkeys(Sgd.model_fields)
    assert keys(raw) == keys(Config().model_dump())


@pytest.mark.parametrize("layer", LAYERS, ids=lambda path: path.name)
def test_layers_are_valid_and_hold_only_what_differs(layer: Path) -> None:
    config = load(read("config.yaml", layer.name), layer.name)
    assert config != Config()

    def check(changes: dict[str, Any], default: dict[str, Any], path: str) -> None:
        for key, value in changes.items():
            if isinstance(value, dict):
                check(value, default.get(key, {}), f"{path}{key}.")
            else:
                assert value != default.get(key), f"{path}{key} is the default"

    check(read(layer.name), read("config.yaml"), "")


def test_the_paper_s_size() -> None:
    config = load(read("config.yaml", "paper.yaml"))
    assert (config.vocabulary, config.window, config.dim, config.negative) == (10000, 16, 200, 1)
    assert (config.dynamics.vocabulary, config.dynamics.dim) == (10000, 200)
    halves = [math.floor(2 ** (exponent / 2)) for exponent in range(4, 25)]
    assert list(config.figures.fig4.dims) == halves


def test_documentation_is_current() -> None:
    assert (FOLDER / "README.md").read_text(encoding="utf-8") == document_markdown(), (
        "run: make config-docs"
    )


def test_it_is_frozen() -> None:
    with pytest.raises(ValidationError):
        Config().dim = 3  # type: ignore[misc]


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("seeds=[1, 2]", {"seeds": (1, 2)}),
        ("vocabulary=5000", {"vocabulary": 5000}),
        ("vocabulary='5000'", {"vocabulary": 5000}),
        ("vocabulary=1e4", {"vocabulary": 10000}),
        ("pmi_floor=1e-20", {"pmi_floor": 1e-20}),
        ("documents=", {"documents": None}),
        ("documents=null", {"documents": None}),
        ("documents=fixed:50000", {"documents": "fixed:50000"}),
        ("corpus=2024", {"corpus": "2024"}),
        ("corpus='a text.txt'", {"corpus": "a text.txt"}),
        ("extras=[]", {"extras": ()}),
        ("factorisations=[svd_pmi]", {"factorisations": ("svd_pmi",)}),
        ("probe_pairs=[[no, yes]]", {"probe_pairs": (("no", "yes"),)}),
        ("benchmarks={men: MEN.txt}", {"benchmarks": {**BENCHMARKS, "men": "MEN.txt"}}),
        ("benchmarks={similarity: []}", {"benchmarks": {**BENCHMARKS, "similarity": ()}}),
    ],
)
def test_values_from_the_command_line(entry: str, expected: dict[str, Any]) -> None:
    dumped = load(layered(parse_config([entry]))).model_dump()
    assert dumped == {**Config().model_dump(), **expected}


def test_nested_values_from_the_command_line_leave_their_neighbours() -> None:
    entry = "dynamics={dim: 50, snapshots: [1, 2], runs: {qwem_small: {init: 1e-6}}}"
    dynamics = load(layered(parse_config([entry]))).dynamics
    assert (dynamics.dim, dynamics.snapshots, dynamics.vocabulary) == (50, (1.0, 2.0), 1000)
    assert dynamics.runs["qwem_small"].init == 1e-6
    assert dynamics.runs["qwem_small"].estimator == "population"
    assert len(dynamics.runs) == 20


def test_empty_means_default() -> None:
    raw = {"dim": None, "corpus": " ", "dynamics": {"dim": "", "runs": None}, "figures": None}
    assert load(raw) == Config()


def test_a_run_that_is_null_is_left_out() -> None:
    runs = load(layered({"dynamics": {"runs": {"exact_large": None}}})).dynamics.runs
    assert "exact_large" not in runs
    assert len(runs) == 19


def test_text_that_is_a_list_is_read() -> None:
    config = load({"seeds": "[3, 4]", "dynamics": {"snapshots": "[1, 2.5]"}})
    assert (config.seeds, config.dynamics.snapshots) == ((3, 4), (1.0, 2.5))


def test_text_that_is_a_list_too_deep_is_refused() -> None:
    with pytest.raises(UserError, match=r'^config: seeds: "\[\[.* \.\.\.: expected a list of'):
        load({"seeds": "[" * 1000})


def test_make_hands_over_any_file_name(tmp_path: Path) -> None:
    name = 'it\'s #1, a $x "q" $(y) $(shell touch ran): text.txt'
    command = ["make", "-s", "-f", FOLDER.parent / "Makefile", "settings", "V=300"]
    subprocess.run([*command, f"CORPUS={name}", "EXTRAS=[movie]"], cwd=tmp_path, check=True)
    assert not (tmp_path / "ran").exists()
    (kept,) = (tmp_path / "results").iterdir()
    config = load(layered(yaml.safe_load(kept.read_text(encoding="utf-8"))))
    assert (config.corpus, config.vocabulary, config.dim) == (name, 300, 200)
    assert config.extras == ("movie",)
    # Another make in the folder has a settings file of its own.
    subprocess.run([*command, "CORPUS=b"], cwd=tmp_path, check=True)
    assert len(list((tmp_path / "results").iterdir())) == 2 and kept.exists()


def test_fig4_dims_follow_the_vocabulary() -> None:
    fig4 = load({"vocabulary": 300}).figures.fig4.below(300)
    assert (fig4.histogram_dims, fig4.dims[-1]) == ((128, 256), 256)


@pytest.mark.parametrize(("changes", "lines"), CASES, ids=lambda value: str(value)[:50])
def test_wrong_configurations(changes: Any, lines: list[str]) -> None:
    raw = layered(changes) if isinstance(changes, dict) else changes
    with pytest.raises(UserError) as error:
        load(raw, "my.yaml")
    assert str(error.value).split("\n") == [f"my.yaml: {line}" for line in lines]


def test_the_page_of_mistakes_is_current() -> None:
    page = FOLDER.parent / "docs" / "config-errors.md"
    assert page.read_text(encoding="utf-8") == markdown(), (
        "run: python -m tools.config_mistakes > docs/config-errors.md"
    )
    assert len(CASES) + len(CORPORA) >= 40


@pytest.fixture
def texts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the current folder, with a text, one whose name a shell would expand, and others."""
    for name in ("text.txt", "$(ls) a;b.txt", "notes.pdf"):
        (tmp_path / name).write_text("some words\n", encoding="utf-8")
    (tmp_path / "notes.pdf").write_bytes(b"%PDF-1.7")
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("corpus", "documents", "normaliser", "line"), CORPORA, ids=lambda value: str(value)[:30]
)
def test_wrong_texts(
    texts: Path, corpus: str, documents: str | None, normaliser: Any, line: str
) -> None:
    known = {"starter": load_corpora(FOLDER / "corpora.yaml")["starter"]}
    config = load({"corpus": corpus, "documents": documents, "normaliser": normaliser})
    with pytest.raises(UserError) as error:
        find_corpus(config.corpus, known, config.documents, config.normaliser)
    assert str(error.value) == line


def test_a_named_corpus_has_its_own_words() -> None:
    known = {"starter": load_corpora(FOLDER / "corpora.yaml")["starter"]}
    config = load({"corpus": "starter", "words": {"min_count": 2, "stop_words": ["the"]}})
    with pytest.raises(UserError) as error:
        find_corpus(config.corpus, known, words=config.words)
    assert str(error.value) == (
        "words: stop_words, min_count: for text given by path; the corpus starter has its own"
        " settings of words: leave them out"
    )


def test_any_file_name_is_a_text_and_gives_a_plain_folder(texts: Path) -> None:
    config = load({"corpus": "$(ls) a;b.txt", "normaliser": "unicode"})
    corpus = find_corpus(config.corpus, {}, config.documents, config.normaliser)
    assert (corpus.name, corpus.path) == ("ls-a-b", "$(ls) a;b.txt")
    assert corpus.normaliser == "unicode"


# --- arbitrary values ---

TEXT = st.text(
    st.one_of(st.characters(exclude_categories=()), st.sampled_from("[]{}'\"\n\0$;./#&*|%0e-")),
    max_size=12,
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    TEXT,
    st.binary(max_size=4),
    st.dates(),
    st.builds(lambda: 10**9999),
    st.sampled_from(["1e400", "9" * 5000, "[1, 2", "[[1]]", "[*a]", "[2001-99-99]"]),
)
KEYS = st.one_of(TEXT, st.integers(), st.booleans(), st.none(), st.dates(), st.tuples(st.none()))


def knot(kind: type) -> Any:
    """Return what YAML makes of ``&a [*a]`` or ``&a {x: *a}``."""
    value: Any = kind()
    value.append(value) if kind is list else value.update(x=value)
    return value


VALUES = st.one_of(
    st.recursive(
        SCALARS,
        lambda inner: st.one_of(
            st.lists(inner, max_size=3),
            st.dictionaries(KEYS, inner, max_size=3),
            st.sets(st.integers(), max_size=2),
        ),
        max_leaves=5,
    ),
    st.sampled_from([list, dict]).map(knot),
)
RUN_PATHS = ("qwem_small", "mine", "qwem_small.init", "sampled_qwem.sgd", "sampled_qwem.sgd.drops")
BASE = read("config.yaml")
PATHS = [*key_paths(Config), *(f"dynamics.runs.{path}" for path in RUN_PATHS)]


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(PATHS), VALUES, KEYS)
def test_any_value_at_any_key_is_taken_or_refused_in_one_line_each(
    path: str, value: Any, other: Any
) -> None:
    raw = copy.deepcopy(BASE)
    *parents, last = path.split(".")
    section = raw
    for key in parents:
        section = section.setdefault(key, {})
    section[last] = value
    for changed in (raw, {**raw, other: value}):
        try:
            assert isinstance(load(changed), Config)
        except UserError as error:
            lines = str(error).splitlines()
            assert str(error).split("\n") == lines
            assert all(line.startswith("config: ") and line.isprintable() for line in lines)


@settings(max_examples=200, deadline=None)
@given(st.text(st.one_of(st.characters(), st.sampled_from("*?[]./~${} ")), max_size=9))
def test_any_text_that_the_configuration_takes_names_a_corpus_or_is_refused(value: str) -> None:
    if value.strip().startswith("/") or ".." in value:  # a pattern might search the whole disk
        return
    try:
        config = load({"corpus": value})
        find_corpus(config.corpus, {})
    except UserError as error:
        assert len(str(error).splitlines()) == 1


def test_the_mapping_given_is_left_alone() -> None:
    raw = layered({"dim": "x", "dynamics": {"runs": {"qwem_small": {"loss": 1}}}})
    before = copy.deepcopy(raw)
    with pytest.raises(UserError):
        load(raw)
    assert raw == before


def test_figures_share_one_analysis_of_the_task_vectors() -> None:
    """A family of both Figure 4 (left) and Figure 6 is analysed at the d of both."""
    changes = {
        "fig4": {"family": "family", "histogram_dims": [8, 500], "dims": [4, 20, 900], "modes": 7},
        "fig6": {"families": ["gram8-plural", "family"], "dim": 50, "modes": 9},
    }
    figures = load(layered({"figures": changes})).figures
    asked = figures.task_vectors(600)
    assert asked["histograms"] == {"gram8-plural": [50], "family": [8, 50, 500]}
    assert (asked["dims"], asked["modes"]) == ([4, 20], 9)
    assert asked["scored"] == list(figures.fig4.families)
    assert [figures.rank_of_task_vectors(v) for v in (600, 400, 1000)] == [500, 50, 900]
