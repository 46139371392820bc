"""Decisions that rules take from a configuration: runs, seeds, ranks, roles, paths, job sizes."""

from __future__ import annotations

import copy
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any, get_args

import pytest
from snakemake.utils import update_config

from mstar.claims.claims import Role
from mstar.corpus.corpora import Corpus, local_corpus
from mstar.files.writing import UserError
from mstar.running import cost_model
from mstar.settings.config import Config, load
from mstar.settings.figures import EXTRAS, FIGURES, Reading
from mstar.settings.inputs import Text, input_path
from mstar.settings.results import Results
from mstar.settings.study import NEVER, TARGET_OF, TARGETS, Study
from mstar.settings.work import Requests, Work
from mstar.spectra.solver_choice import most_pairs
from tests.support.workflow import ROOT

CORPUS = Corpus(name="mine", title="Mine", document_rule="line", path=str(ROOT / "README.md"))
SMALL = {"vocabulary": 800, "dim": 16, "dynamics": {"vocabulary": 400, "dim": 8}}


def study(**changes: Any) -> Study:
    """Return a small study: ``changes`` are layered on the defaults, as Snakemake layers files."""
    raw = Config().model_dump(mode="json")
    for layer in (SMALL, changes):
        update_config(raw, copy.deepcopy(layer))
    return Study(load(raw), CORPUS)


# --- runs and models ---


def test_seeds_are_of_random_models_only() -> None:
    many = study(seeds=[3, 5], baselines=["gensim"])
    assert many.seeds("qwem_small") == many.seeds("gensim") == (3, 5)
    assert many.seeds("lemma_small") == many.seeds("svd_mstar") == (0,)
    assert many.seeded(["qwem_small", "lemma_small"]) == [
        ("qwem_small", 3),
        ("qwem_small", 5),
        ("lemma_small", 0),
    ]


def test_a_run_is_decided_by_what_it_uses_and_nothing_else() -> None:
    """A change of any other setting does not rerun it."""
    plain = study(negative=3)
    exact, trained = plain.settings_of("exact_small"), plain.settings_of("sgns_small")
    assert not {"tolerance", "dtype", "subsample", "negative_power", "sgd"} & set(exact)
    assert {"tolerance", "dtype", "subsample", "negative_power"} <= set(trained)
    assert exact["negative"] == 3 and plain.settings_of("ablation_sgns")["negative"] == 2
    changed = study(negative=3, dynamics={"tolerance": 1e-3})
    assert changed.settings_of("exact_small") == exact
    assert changed.settings_of("sgns_small") != trained
    sampled = plain.settings_of("sampled_qwem")
    assert sampled["sgd"]["learning_rate"] == 2 and "out_of_vocabulary" not in sampled


def test_a_run_that_draws_from_the_text_reads_it_on_a_cpu() -> None:
    sgd = {"learning_rate": 2, "sampler": "text"}
    drawn = study(
        out_of_vocabulary="gap",
        dynamics={"device": "cuda", "runs": {"sampled_qwem": {"sgd": sgd}}},
    )
    assert drawn.settings_of("sampled_qwem")["out_of_vocabulary"] == "gap"
    assert drawn.draws_from_text("sampled_qwem") and not drawn.draws_from_text("sampled_sgns")
    assert (drawn.gpus_of("sampled_qwem"), drawn.gpus_of("sampled_sgns")) == (0, 1)
    assert drawn.torch_build == "torch-cuda" and study().torch_build == "torch"


def test_patterns_name_the_runs_of_an_estimator() -> None:
    assert re.fullmatch(study().run_pattern("sigmoid"), "lemma_large")
    assert not re.fullmatch(study().run_pattern("sigmoid"), "exact_large")
    assert study().run_pattern("none") == NEVER
    assert (study().corpus_pattern(True), study().corpus_pattern(False)) == ("mine", NEVER)


def test_each_run_with_word2vec_s_weights_has_its_recursion() -> None:
    assert study().recursions == {
        "sgns_large": "saddles_large",
        "sgns_small": "saddles_small",
        "ablation_sgns": "ablation_saddles",
        "ablation_quartic": "ablation_saddles",
        "sparse_small": "saddles_small",
        "sparse_large": "saddles_large",
        "sparse_quartic": "saddles_small",
    }
    assert study().claimed["recursion"] == "saddles_small"
    assert study().seeds("saddles_small") == (0,)
    other = study(dynamics={"runs": {"sgns_small": {"init": 1e-9}}})
    assert "sgns_small" not in other.recursions and "recursion" not in other.claimed


def test_predictions_have_the_eigenpairs_of_every_size_that_reads_them() -> None:
    wide = study(dim=16, dynamics={"vocabulary": 400, "dim": 50}, prediction={"rank": 500})
    assert wide.leading_rank("prop2", 800) == 16
    assert wide.leading_rank("prop2", 400) == 50  # the word2vec figure
    assert wide.leading_rank("mstar", 800) == 500
    assert wide.leading_rank("mstar", 400) == 400


def test_the_noise_figure_brings_its_runs_only_if_it_is_made() -> None:
    assert study().noise_runs == {} and study().minibatch_noise == {}
    noisy = study(extras=["noise"])
    assert {"noise_exact", "noise_population", "noise_dropped"} < set(noisy.runs)
    assert noisy.minibatch_noise["noise_lr8_batch16000"] == {
        "learning_rate": 8.0,
        "batch": 16000,
        "drop": [],
    }
    assert noisy.minibatch_noise["noise_dropped"]["drop"] == [1200, 0.1]
    assert noisy.settings_of("noise_exact")["horizon"] == 6.0
    assert noisy.noise_base["loss"] == "quartic" and noisy.noise_base["negative"] == 1


def test_trained_runs_meet_their_exact_flow() -> None:
    assert study().counterparts == {"qwem_large": "exact_large", "qwem_small": "exact_small"}
    assert study().filmed == {"word2vec": "sgns_small", "qwem": "exact_small"}
    other = study(dynamics={"runs": {"exact_small": {"init": 1e-9}}})
    assert other.counterparts == {"qwem_large": "exact_large"}
    assert other.filmed["qwem"] == "qwem_small"


def test_claims_know_every_role() -> None:
    assert set(study().claimed) == set(get_args(Role))


def test_runs_of_another_k_are_not_scored_against_the_prediction() -> None:
    assert set(study().scored) == {"sgns_large", "qwem_large", "sgns_small", "qwem_small"}
    assert study().scored["qwem_small"] == 1e-12
    runs = {"qwem_large": {"negative": 4}}
    assert "qwem_large" not in study(dynamics={"runs": runs}).scored
    assert "sampled_qwem" in study(prediction={"runs": ["sampled_qwem"]}).scored


# --- ranks ---


def test_ranks_are_what_is_read() -> None:
    """The exact flow reads all of M*; otherwise the rank is the largest d of models and figures."""
    small = study()
    assert small.rank(400, "mstar") == 400 and small.rank(400, "ppmi") == 8
    assert small.rank(800, "ppmi") == small.config.figures.spectra.modes == 200
    assert small.rank(800, "mstar") == 724  # the largest d of Figure 4 below V
    scaled = study(extras=["scaling"], figures={"scaling": {"vocabularies": [50, 300]}})
    assert (scaled.rank(50, "mstar"), scaled.rank(300, "mstar")) == (50, 200)
    assert scaled.vocabularies == [50, 300, 400, 800] and small.vocabularies == [400, 800]
    assert (small.prediction_rank, study(prediction={"rank": 9}).prediction_rank) == (512, 16)


def test_targets_depend_on_their_own_settings_alone() -> None:
    given = study(negative=2, pmi_floor=1e-9)
    assert [given.target_settings(target) for target in TARGETS] == [
        {"negative": 2},
        {"negative": 2},
        {"negative": 2, "subsample": 1e-5, "negative_power": 0.75},
        {"pmi_floor": 1e-9},
        {},
    ]
    assert set(TARGET_OF.values()) == set(TARGETS)
    assert study(mstar_kappa=4).target_settings("mstar_kappa") == {"negative": 1, "kappa": 4}


def test_kappa_is_read_only_where_halves_choose_it() -> None:
    chosen, given = Results(study()), Results(study(mstar_kappa=0))
    (path,) = chosen.chosen_kappa("mstar_kappa")
    assert path.endswith("/v{V}-l{L}/mstar_kappa/kappa.tsv")
    assert chosen.chosen_kappa("mstar") == given.chosen_kappa("mstar_kappa") == []


# --- paths ---


def test_models_compared_at_each_size() -> None:
    results = Results(study(factorisations=["svd_mstar"], seeds=[1, 2]))
    assert results.compared("x") == {
        "word2vec 400 8 1": "<results>/mine/v400-l16/d8/sgns_small/seed1/x",
        "qwem 400 8 1": "<results>/mine/v400-l16/d8/qwem_small/seed1/x",
        "svd_mstar 400 8 0": "<results>/mine/v400-l16/d8/svd_mstar/seed0/x",
        "svd_mstar 800 16 0": "<results>/mine/v800-l16/d16/svd_mstar/seed0/x",
    }
    assert len(results.compared("x", every_seed=True)) == 6
    assert [dim for _, dim in results.study.compared_at(400)] == [8, 8, 8]
    assert results.evaluations_at(800) == [
        "<results>/mine/v800-l16/d16/svd_mstar/seed0/evaluation.tsv"
    ]
    one = study(dynamics={"vocabulary": 800, "dim": 16}, factorisations=["svd_mstar"])
    assert len(Results(one).summaries()) == 1 and len(results.summaries()) == 2


def test_every_embedding_is_exported_but_those_made_by_name_only() -> None:
    files = Results(study()).exported()
    assert len(files) == len(set(files)) == 2 * (15 + 10)
    assert not any("sampled" in file for file in files)


def test_counts_of_shards_add_up_in_a_tree() -> None:
    results = Results(study(shards=5))
    leaves: list[str] = []

    def descend(first: int, last: int) -> None:
        for path in results.counts_of_halves(first, last):
            ends = [int(end) for end in path.rpartition("/")[2].split("-of-")[0].split("-")]
            leaves.append(path) if len(ends) == 1 else descend(*ends)

    descend(0, 4)
    assert leaves == [results.counts_of_shards(i, i) for i in range(5)]


@pytest.mark.parametrize("figure", FIGURES.values(), ids=list(FIGURES))
def test_what_figures_read_and_are_given(figure: Any) -> None:
    results = Results(study(extras=list(EXTRAS)))
    readings = figure.reads(results)
    assert readings and all(isinstance(reading, Reading) for reading in readings.values())
    for path in (path for reading in readings.values() for path in reading.listed):
        assert path.startswith(("<results>/", "<shared>/")) and "{" not in path
    assert not set(readings) & set(figure.settings(results)), "one name, one argument"
    assert (ROOT / "workflow" / Path(*figure.module.split("."))).with_suffix(".py").is_file()
    assert (ROOT / "workflow" / "report" / f"{figure.name}.rst").is_file()


def test_extras_are_shown_if_they_are_asked_for() -> None:
    names = [figure.name for figure in Results(study(extras=["small", "explorer"])).shown()]
    assert "small" in names and not {"movie", "prediction"} & set(names)
    assert Results(study(extras=["small", "explorer", "prediction"])).extras() == [
        "<results>/figures/mine/small.png",
        "<results>/report/mine/prediction.html",
        "<results>/report/mine/explorer.html",
    ]
    assert Results(study(extras=[])).extras() == []


# --- the text ---


def test_a_text_in_parts(tmp_path: Path) -> None:
    for i, size in enumerate((10, 10, 200, 10)):
        (tmp_path / f"{i}.txt").write_text("a" * size)
    text = Text(local_corpus(tmp_path), 2)
    assert text.sizes == [10, 10, 200, 10]
    assert [len(text.part(number)) for number in range(len(text.parts))] == [2, 2]
    assert not text.is_revised
    assert text.of_parts("tokens.npy")[1] == "<shared>/{corpus}/parts/1-of-2/tokens.npy"
    name, names = text.corpus.name, ("tokens.npy", "documents.npy", "place.npz")
    parts = [[f"<shared>/{name}/parts/{n}-of-2/{file}" for file in names] for n in range(2)]
    described = f"<shared>/{name}/corpus.json"
    assert text.files_of(name) == [*parts[0], *parts[1], described]
    assert text.files_of_shard(1) == [*parts[1], described]
    assert text.files_of(name, wanted=False) == [] and text.continued == []
    assert [text.largest(part, None) for part in (0, 1, None)] == [210 / 20, 1, 1]
    # Six shards of four parts: two of 10 bytes, one of 10, two of 200, one of 10.
    six = Text(local_corpus(tmp_path), 6)
    assert [six.largest(None, shard) for shard in range(6)] == [20, 20, 10, 1, 1, 10]
    cut = Text(local_corpus(tmp_path, "fixed:9"), 2)
    assert cut.continued == cut.of_parts("tokens.npy")
    plain = ("tokens.npy", "documents.npy", "corpus.json")
    assert text.files_of(f"{name}/subsets/2-1")[0] == f"<shared>/{name}/subsets/2-1/tokens.npy"
    one = Text(local_corpus(tmp_path), 1)
    assert one.files_of(name) == [f"<shared>/{name}/{file}" for file in plain]
    repeated = local_corpus(tmp_path, deduplicate=True)
    assert Text(repeated, 2).is_revised and not Text(repeated, 1).is_revised
    assert text.tokens == 230 / 6 and text.fetched == NEVER


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("no.txt", r"^benchmarks\.men: .*no\.txt: no such file$"),
        ("a{b}.txt", r"Snakemake reads \{\.\.\.\} and <\.\.\.> otherwise: rename or link"),
        ("a<b>.txt", r"rename or link the file"),
        ("a\udcff.txt", r"a name that is not UTF-8: rename or link the file"),
    ],
)
def test_inputs_that_rules_cannot_have(tmp_path: Path, name: str, message: str) -> None:
    path = tmp_path / name
    if name != "no.txt":
        path.write_text("x")
    with pytest.raises(UserError, match=message):
        input_path("benchmarks.men", str(path))


# --- sizes of work ---


class Files(list[str]):
    """Inputs of a job in the form that Snakemake passes: a list with names."""

    def __init__(self, **named: str) -> None:
        super().__init__(named.values())
        vars(self).update(named)

    def get(self, name: str, default: Any = None) -> Any:
        return vars(self).get(name, default)


class Wildcards(SimpleNamespace):
    def get(self, name: str, default: Any) -> Any:
        return getattr(self, name, default)


@pytest.fixture
def work() -> Work:
    return Work(study(shards=4), Text(CORPUS, 4))


def test_work_is_expected_until_its_inputs_are_there(work: Work, tmp_path: Path) -> None:
    w = Wildcards(V="800", L="16", dim="16", target="ppmi")
    absent = Files(tokens=str(tmp_path / "no" / "tokens.npy"))
    (tmp_path / "tokens.npy").write_bytes(b"0" * 2000)
    there = Files(tokens=str(tmp_path / "tokens.npy"))
    assert work.counting(w, absent)[1].tokens == work.text.tokens
    assert work.counting(w, there)[1].tokens == 1000
    assert work.counting(Wildcards(V="800", L="16", shard="3"), there)[1].tokens == 250
    two = Files(a=there[0], b=there[0])
    assert work.counting_in_turn(w, two)[1].tokens == work.counting(w, there)[1].tokens
    expected = work.text.tokens / 4
    assert work.counting(Wildcards(V="800", L="16", shard="3"), absent)[1].tokens == expected
    assert work.encoding(w, absent)[1].tokens == work.text.tokens
    assert work.encoding(w, there)[1].tokens == 8000 / 3
    assert work.adding(w, absent)[1].stored is None and work.adding(w, there)[1].stored == 250
    assert work.merging(w, SimpleNamespace(vocabulary=there))[1].tokens == 2000
    assert work.gensim(w, there)[1].times == 5 * 6


def test_eigenpairs_cost_by_the_solver_that_finds_them(work: Work) -> None:
    few = most_pairs(800)
    assert work.eigenpairs(800, few, 10.0)[0] == "leading"
    assert work.eigenpairs(800, few + 1, 10.0)[0] == "complete"
    w = Wildcards(V="800", target="mstar")
    assert work.spectrum(w, Files(counts="no"))[0] == "complete"
    assert work.prediction(w, Files(tokens="no"))[0] == "complete"
    assert work.reading(w, Files())[1].dim == 724
    assert work.training(Wildcards(V="400", dim="8"), Files())[1].times == 163
    assert work.flow(Wildcards(V="400", dim="8"), Files())[0] == "exact"


def test_a_job_that_failed_asks_for_more(work: Work) -> None:
    ask = Requests(cost_model.load(ROOT / "config" / "costs.tsv"), work)
    assert work.text.largest(None, 3) == 1  # one file
    w, files = Wildcards(V="400", L="16", dim="8"), Files(text="")
    for request in (ask.memory(work.training), ask.runtime(work.training)):
        once, twice = (request(w, files, attempt=attempt) for attempt in (1, 2))
        assert twice == 2 * once > 0
    assert ask.disk(work.training)(w, files) >= 1
    own = ask.sampled_memory(w, files, 1)
    files.text = [str(ROOT / "no.npy")]
    assert ask.sampled_memory(w, files, 1) >= own
