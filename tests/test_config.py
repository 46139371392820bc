"""The typed configuration: defaults, layers, documentation, and every way to get it wrong."""

from __future__ import annotations

import copy
import math
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError
from snakemake.cli import parse_config
from snakemake.utils import update_config

from mstar.config import Config, load
from mstar.config_docs import document_markdown
from mstar.config_runs import Sgd
from mstar.files import UserError

FOLDER = Path(__file__).resolve().parents[1] / "config"
OTHERS = {FOLDER / f"{name}.yaml" for name in ("config", "corpora", "claims")}
LAYERS = sorted(set(FOLDER.glob("*.yaml")) - OTHERS)
FAMILIES = (
    "capital-common-countries, capital-world, currency, city-in-state, family,"
    " gram1-adjective-to-adverb, gram2-opposite, gram3-comparative, gram4-superlative,"
    " gram5-present-participle, gram6-nationality-adjective, gram7-past-tense, gram8-plural,"
    " gram9-plural-verbs"
)
TOP = (
    "corpus, documents, vocabulary, window, dim, negative, out_of_vocabulary, shards, pmi_floor,"
    " seeds, factorisations, baselines, gensim, probe_pairs, benchmarks, dynamics, extras,"
    " prediction, figures"
)
RUNS = (
    "sgns_large, sgns_small, qwem_large, qwem_small, exact_large, exact_small, lemma_large,"
    " lemma_small, sampled_qwem, sampled_sgns, ablation_sgns, ablation_quartic,"
    " ablation_setting31, ablation_qwem"
)
PAIR = "a pair of words, such as [king, queen]"
WORD = "a word (in quotes if YAML reads it as something else, as it does no, on, null)"
SEEDS = "a list of different integers >= 0 and below 2**32, such as [1, 2]"
NAME = "a name of lower-case letters, digits and _, not that of another model"
DOCUMENTS = "line, file or fixed:N, such as fixed:50000"
SECTION = "a mapping of keys to values"


def read(*files: str) -> dict[str, Any]:
    """Layer configuration files as Snakemake does."""
    merged: dict[str, Any] = {}
    for file in files:
        update_config(merged, yaml.safe_load((FOLDER / file).read_text(encoding="utf-8")))
    return merged


def layered(changes: dict[str, Any]) -> dict[str, Any]:
    merged = read("config.yaml")
    update_config(merged, copy.deepcopy(changes))
    return merged


def test_defaults_are_those_of_config_yaml() -> None:
    raw = read("config.yaml")
    assert load(raw, "config.yaml") == load({}) == load(None) == Config()

    # ... and config.yaml names every key, so that it can be read as the list of them.
    def keys(tree: Any) -> Any:
        return {key: keys(value) for key, value in tree.items()} if isinstance(tree, dict) else None

    for run in raw["dynamics"]["runs"].values():
        run.setdefault("negative", None)  # said where it differs
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
        ("benchmarks={men: MEN.txt}", {"benchmarks": {"men": "MEN.txt"}}),
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
    assert len(dynamics.runs) == 14


def test_empty_means_default() -> None:
    raw = {"dim": None, "corpus": " ", "dynamics": {"dim": "", "runs": None}, "figures": None}
    assert load(raw) == Config()


def test_a_run_that_is_null_is_left_out() -> None:
    runs = load(layered({"dynamics": {"runs": {"exact_large": None}}})).dynamics.runs
    assert "exact_large" not in runs
    assert len(runs) == 13


def test_text_that_is_a_list_is_read() -> None:
    config = load({"seeds": "[3, 4]", "dynamics": {"snapshots": "[1, 2.5]"}})
    assert (config.seeds, config.dynamics.snapshots) == ((3, 4), (1.0, 2.5))


def test_make_hands_over_any_file_name(tmp_path: Path) -> None:
    name = 'it\'s #1, a $x "q" $(y): text.txt'
    command = ["make", "-s", "-f", FOLDER.parent / "Makefile", "settings", "V=300"]
    subprocess.run([*command, f"CORPUS={name}", "EXTRAS=[movie]"], cwd=tmp_path, check=True)
    written = yaml.safe_load((tmp_path / "results/.settings.yaml").read_text(encoding="utf-8"))
    config = load(layered(written))
    assert (config.corpus, config.vocabulary, config.dim) == (name, 300, 200)
    assert config.extras == ("movie",)


def test_fig4_dims_follow_the_vocabulary() -> None:
    fig4 = load({"vocabulary": 300}).figures.fig4.below(300)
    assert (fig4.histogram_dims, fig4.dims[-1]) == ((128, 256), 256)


def run(**changes: Any) -> dict[str, Any]:
    settings = {"estimator": "exact", "loss": "quartic", "weighting": "setting31", "init": 0.1}
    return {"dynamics": {"runs": {"mine": {**settings, **changes}}}}


WRONG: list[tuple[Any, list[str]]] = [
    # the whole
    ([], [f"[]: expected {SECTION}"]),
    ("vocabulary: 3", [f'"vocabulary: 3": expected {SECTION}']),
    ({"dynamics": 5}, [f"dynamics: 5: expected {SECTION}"]),
    ({"figures": {"fig2": [1]}}, [f"figures.fig2: [1]: expected {SECTION}"]),
    # unknown keys
    (
        {"vocabluary": 3},
        [f'vocabluary: unknown key; expected one of {TOP}; did you mean "vocabulary"?'],
    ),
    ({"tolerance": 1}, ['tolerance: unknown key; did you mean "dynamics.tolerance"?']),
    ({7: 1}, [f"7: unknown key; expected one of {TOP}"]),
    (
        {"figures": {"fig9": {}}},
        [
            "figures.fig9: unknown key; expected one of fig1, fig2, fig3a, fig4, fig5, fig6, fig7,"
            ' spectra, movie, explorer, scaling, noise, small; did you mean "fig7"?'
        ],
    ),
    (
        {"figures": {"fig2": {"large": {"w2v": "sgns_large"}}}},
        ["figures.fig2.large.w2v: unknown key; expected one of word2vec, qwem, theory"],
    ),
    # integers
    ({"vocabulary": "many"}, ['vocabulary: "many": expected an integer >= 2']),
    ({"vocabulary": 1}, ["vocabulary: 1: expected an integer >= 2"]),
    ({"window": 0}, ["window: 0: expected an integer >= 1"]),
    ({"window": True}, ["window: true: expected an integer >= 1"]),
    ({"window": 2.5}, ["window: 2.5: expected an integer >= 1"]),
    ({"dim": [200]}, ["dim: [200]: expected an integer >= 1"]),
    ({"dim": "1e400"}, ['dim: "1e400": expected an integer >= 1']),
    # numbers
    ({"negative": 0}, ["negative: 0: expected a number > 0"]),
    ({"negative": -1}, ["negative: -1: expected a number > 0"]),
    ({"negative": False}, ["negative: false: expected a number > 0"]),
    ({"pmi_floor": math.nan}, ["pmi_floor: NaN: expected a number > 0"]),
    ({"pmi_floor": "small"}, ['pmi_floor: "small": expected a number > 0']),
    ({"dynamics": {"horizon": math.inf}}, ["dynamics.horizon: Infinity: expected a number > 0"]),
    ({"dynamics": {"tolerance": 1}}, ["dynamics.tolerance: 1: expected a number > 0 and < 1"]),
    (
        {"dynamics": {"negative_power": -0.5}},
        ["dynamics.negative_power: -0.5: expected a number >= 0"],
    ),
    # text
    ({"corpus": 1.5}, ["corpus: 1.5: expected the name of a corpus or the path of a text"]),
    ({"corpus": True}, ["corpus: true: expected the name of a corpus or the path of a text"]),
    ({"documents": "lines"}, [f'documents: "lines": expected {DOCUMENTS}']),
    ({"documents": "fixed:0"}, [f'documents: "fixed:0": expected {DOCUMENTS}']),
    ({"documents": 50000}, [f"documents: 50000: expected {DOCUMENTS}"]),
    ({"benchmarks": {"men": 0.5}}, ["benchmarks.men: 0.5: expected the path of a file"]),
    # choices
    (
        {"out_of_vocabulary": "gaps"},
        ['out_of_vocabulary: "gaps": expected one of removed, gap; did you mean "gap"?'],
    ),
    (
        {"dynamics": {"device": "tpu9"}},
        ['dynamics.device: "tpu9": expected one of auto, cpu, cuda'],
    ),
    (
        {"dynamics": {"dtype": "float62"}},
        ['dynamics.dtype: "float62": expected one of float32, float64; did you mean "float64"?'],
    ),
    (
        {"factorisations": ["svd_mstar", "svd_ppm"]},
        [
            'factorisations[1]: "svd_ppm": expected one of svd_mstar, svd_ppmi, svd_pmi; '
            'did you mean "svd_ppmi"?'
        ],
    ),
    (
        {"figures": {"fig4": {"family": "gram7-past"}}},
        [
            f'figures.fig4.family: "gram7-past": expected one of {FAMILIES}; '
            'did you mean "gram7-past-tense"?'
        ],
    ),
    # lists
    ({"seeds": []}, [f"seeds: []: expected {SEEDS}"]),
    ({"seeds": 1}, [f"seeds: 1: expected {SEEDS}"]),
    ({"seeds": [1, 1]}, [f"seeds: [1, 1]: expected {SEEDS}"]),
    ({"seeds": [1, "b"]}, ['seeds[1]: "b": expected an integer >= 0 and <= 4294967295']),
    ({"seeds": [-1]}, ["seeds[0]: -1: expected an integer >= 0 and <= 4294967295"]),
    ({"seeds": "[1, 2"}, [f'seeds: "[1, 2": expected {SEEDS}']),
    (
        {"factorisations": ["svd_pmi", "svd_pmi"]},
        ['factorisations: ["svd_pmi", "svd_pmi"]: expected a list of factorisations'],
    ),
    (
        {"figures": {"fig4": {"dims": [8, 4]}}},
        ["figures.fig4.dims: [8, 4]: expected a list of increasing integers >= 1"],
    ),
    (
        {"figures": {"fig3a": {"components": [0, 1]}}},
        ["figures.fig3a.components[0]: 0: expected an integer >= 1"],
    ),
    ({"probe_pairs": ["of the"]}, [f'probe_pairs[0]: "of the": expected {PAIR}']),
    ({"probe_pairs": [["the"]]}, [f'probe_pairs[0]: ["the"]: expected {PAIR}']),
    ({"probe_pairs": [["a", "b", "c"]]}, [f'probe_pairs[0]: ["a", "b", "c"]: expected {PAIR}']),
    ({"probe_pairs": [[False, "yes"]]}, [f"probe_pairs[0][0]: false: expected {WORD}"]),
    ({"probe_pairs": [["new york", "city"]]}, [f'probe_pairs[0][0]: "new york": expected {WORD}']),
    # runs
    (
        run(estimator="exat"),
        [
            'dynamics.runs.mine.estimator: "exat": expected one of population, exact, sigmoid,'
            ' sampled; did you mean "exact"?'
        ],
    ),
    (
        run(estimator="population", loss="quartc", weighting="unigrams"),
        [
            'dynamics.runs.mine.loss: "quartc": expected one of sgns, quartic; did you mean'
            ' "quartic"?',
            'dynamics.runs.mine.weighting: "unigrams": expected one of word2vec, setting31,'
            ' unigram; did you mean "unigram"?',
        ],
    ),
    (run(init=0), ["dynamics.runs.mine.init: 0: expected a number > 0"]),
    (run(init=None), ["dynamics.runs.mine.init: missing; expected a number > 0"]),
    (
        run(k=2),
        [
            "dynamics.runs.mine.k: unknown key; expected one of estimator, loss, weighting, init,"
            " negative, sgd"
        ],
    ),
    (
        run(estimator="sampled"),
        [
            "dynamics.runs.mine.sgd: null: expected settings such as {learning_rate: 5}, since the"
            " estimator is sampled"
        ],
    ),
    (
        run(estimator="population", sgd={"learning_rate": 5}),
        [
            'dynamics.runs.mine.sgd: {"learning_rate": 5.0}: expected none, since the estimator is'
            " population"
        ],
    ),
    (
        run(estimator="sampled", sgd={"learning_rate": 5, "drops": [[9, 0.1], [9, 0.1]]}),
        ["dynamics.runs.mine.sgd.drops: [9, 9]: expected increasing steps"],
    ),
    (
        run(estimator="sampled", sgd={"learning_rate": 5, "drops": [[9, 0]]}),
        ["dynamics.runs.mine.sgd.drops[0][1]: 0: expected a number > 0"],
    ),
    (
        run(estimator="sampled", sgd={"rate": 5}),
        [
            "dynamics.runs.mine.sgd.learning_rate: missing; expected a number > 0",
            "dynamics.runs.mine.sgd.rate: unknown key; expected one of learning_rate, loss_scale,"
            " batch, drops, steps, sampler",
        ],
    ),
    (
        run(negative=2),
        [
            "dynamics.runs.mine.negative: 2.0: expected no other than negative (1), since it reads"
            " the spectrum of M*"
        ],
    ),
    (
        run(loss="sgns"),
        ['dynamics.runs.mine.loss: "sgns": expected quartic, since the estimator is exact'],
    ),
    (
        run(estimator="sigmoid", weighting="word2vec"),
        [
            'dynamics.runs.mine.weighting: "word2vec": expected setting31, since the estimator is'
            " sigmoid"
        ],
    ),
    (
        {"dynamics": {"runs": {"Mine": run()["dynamics"]["runs"]["mine"]}}},
        [f'dynamics.runs.Mine: "Mine": expected {NAME}'],
    ),
    (
        {"dynamics": {"runs": {"svd_pmi": run()["dynamics"]["runs"]["mine"]}}},
        [f'dynamics.runs.svd_pmi: "svd_pmi": expected {NAME}'],
    ),
    (
        {"dynamics": {"runs": {"gensim": run()["dynamics"]["runs"]["mine"]}}},
        [f'dynamics.runs.gensim: "gensim": expected {NAME}'],
    ),
    (
        {"baselines": ["gensin"], "gensim": {"epochs": 0}},
        [
            'baselines[0]: "gensin": expected one of gensim, gensim_sum; did you mean "gensim"?',
            "gensim.epochs: 0: expected an integer >= 1",
        ],
    ),
    # between keys
    (
        {"baselines": ["gensim"], "out_of_vocabulary": "gap"},
        [
            'baselines: ["gensim"]: expected none, since gensim knows no out_of_vocabulary but'
            " removed"
        ],
    ),
    ({"dim": 10000}, ["dim: 10000: expected an integer below vocabulary (10000)"]),
    (
        {"dynamics": {"vocabulary": 50}},
        ["dynamics.dim: 100: expected an integer below dynamics.vocabulary (50)"],
    ),
    (
        {"dynamics": {"start": 30}},
        ["dynamics.start: 30.0: expected a number below dynamics.horizon (30)"],
    ),
    (
        {"dynamics": {"snapshots": [0.1, 1]}},
        [
            "dynamics.snapshots: [0.1, 1.0]: expected times from dynamics.start (0.3) to "
            "dynamics.horizon (30)"
        ],
    ),
    (
        {"dynamics": {"snapshots": [3, 1]}},
        ["dynamics.snapshots: [3, 1]: expected a list of increasing numbers > 0"],
    ),
    (
        {"figures": {"fig1": {"word2vec": "sgns_smal"}}},
        [
            f'figures.fig1.word2vec: "sgns_smal": expected one of dynamics.runs ({RUNS}); '
            'did you mean "sgns_small"?'
        ],
    ),
    (
        {"dynamics": {"runs": {"lemma_large": None}}},
        [
            'figures.fig2.large.theory: "lemma_large": expected one of dynamics.runs '
            f'({RUNS.replace("lemma_large, ", "")}); did you mean "qwem_large"?'
        ],
    ),
    (
        {"vocabulary": 100, "dim": 10},
        [
            "figures.fig4.histogram_dims: [128, 256, 512, 1024]: expected at least one d below "
            "vocabulary (100)"
        ],
    ),
    # the noise figure, where it is made
    (
        {"extras": ["noise"], "figures": {"noise": {"base": "qwem_large", "horizon": 0.2}}},
        [
            'figures.noise.base: "qwem_large": expected a run with estimator sampled, which that'
            " one has not",
            "figures.noise.horizon: 0.2: expected a number above dynamics.start (0.3)",
        ],
    ),
    (
        {"extras": ["noise"], "figures": {"noise": {"base": "sampled_qwen"}}},
        [
            f'figures.noise.base: "sampled_qwen": expected one of dynamics.runs ({RUNS}); did you'
            ' mean "sampled_qwem"?'
        ],
    ),
    (
        {
            "extras": ["noise"],
            "dynamics": {"runs": {"noise_mine": run()["dynamics"]["runs"]["mine"]}},
        },
        [
            'dynamics.runs.noise_mine: "noise_mine": expected another name, since those of the'
            " noise figure's runs begin with noise_"
        ],
    ),
    # the runs scored against the prediction
    (
        {"prediction": {"runs": ["sampled_qwen", "ablation_qwem"]}},
        [
            'prediction.runs[1]: "ablation_qwem": expected a run with no other than negative (1),'
            " as M* has",
            f'prediction.runs[0]: "sampled_qwen": expected one of dynamics.runs ({RUNS}); did you'
            ' mean "sampled_qwem"?',
        ],
    ),
    ({"prediction": {"rank": 0}}, ["prediction.rank: 0: expected an integer >= 1"]),
    # all at once, and no complaint that only follows from another mistake
    (
        {"dim": "x", "vocabulary": 150, "sede": 1, "dynamics": {"dim": 3000}},
        [
            'dim: "x": expected an integer >= 1',
            f'sede: unknown key; expected one of {TOP}; did you mean "seeds"?',
            "dynamics.dim: 3000: expected an integer below dynamics.vocabulary (1000)",
        ],
    ),
    (
        {"dynamics": {"horizon": "long", "runs": {"qwem_small": {"loss": "mse"}}}},
        [
            'dynamics.horizon: "long": expected a number > 0',
            'dynamics.runs.qwem_small.loss: "mse": expected one of sgns, quartic',
        ],
    ),
]


@pytest.mark.parametrize(("changes", "lines"), WRONG, ids=lambda value: str(value)[:50])
def test_wrong_configurations(changes: Any, lines: list[str]) -> None:
    raw = layered(changes) if isinstance(changes, dict) else changes
    with pytest.raises(UserError) as error:
        load(raw, "my.yaml")
    assert str(error.value).split("\n") == [f"my.yaml: {line}" for line in lines]


def test_the_mapping_given_is_left_alone() -> None:
    raw = layered({"dim": "x", "dynamics": {"runs": {"qwem_small": {"loss": 1}}}})
    before = copy.deepcopy(raw)
    with pytest.raises(UserError):
        load(raw)
    assert raw == before


def test_figures_share_one_analysis_of_the_task_vectors() -> None:
    """A family of Figure 4's left half that is also in Figure 6 is asked for at the d of both."""
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
