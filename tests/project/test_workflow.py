"""The workflow as a plan: every target, the form of every rule, and early refusals."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from mstar.settings.figures import FIGURES
from tests.support.rules import BUILDS, SMK, rules
from tests.support.workflow import DEFAULT_FIGURES, ROOT, SMOKE, planned, run_snakemake

SCRIPTS = sorted((ROOT / "workflow" / "scripts").glob("*.py"))
MODULES = sorted((ROOT / "workflow" / "mstar").rglob("*.py"))
RULES = rules()


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


# --- what settings share ---


# Rules that encode the text or count its pairs.
TEXT = {"encode_corpus", "encode_part", "read_part", "survey_parts", "revise_part", "draw_subset"}
TEXT |= {"merge_vocabularies", "encode_other", "count_pairs", "count_shard", "add_counts"}
TEXT |= {"merge_counts"}
OF_TEXT = r"<results>/[^\n]*(tokens\.npy|documents\.npy|vocabulary\.tsv|corpus\.json|cooccurrence)"


def test_rules_write_to_what_settings_share_only_if_they_encode_or_count() -> None:
    for path in SMK:
        text = path.read_text(encoding="utf-8")
        assert not re.search(OF_TEXT, text), path
        for name, body in re.findall(
            r"^(?:use )?(?:rule|checkpoint) (?:\w+ as )?(\w+)\b.*:\n((?:[ \t].*\n|\n)+)", text, re.M
        ):
            outputs = "".join(re.findall(r"^    output:\n((?:     .*\n)+)", body, re.M))
            assert ("<shared>" in outputs or "TEXT.of_parts" in outputs) == (name in TEXT), name


# --- the plan of each configuration ---


# Rules that a run with one shard does not need.
SHARDED = {"encode_part", "merge_vocabularies", "count_shard", "add_counts", "merge_counts"}
# Rules for a text in parts whose words depend on all of them.
REVISED = {"survey_parts", "revise_part"}
# Rules that run another rule's script on a shard, or at the root of a tree.
SHARED = {
    "fetch_package": "fetch_file",
    "encode_part": "encode_corpus",
    "count_shard": "count_pairs",
    "merge_counts": "add_counts",
    "decompose_leading": "decompose",
    "draw_comparison": "draw",
    **dict.fromkeys(FIGURES, "draw"),
}
# Rules that only `snakemake predict` runs.
PREDICTION = {
    "decompose_leading",
    "predict_features",
    "compare_halves",
    "prediction",
    "write_prediction",
    "predict",
}


# Rules that only `snakemake compare` runs, and two more for the other text.
COMPARISON = {"compare_texts", "draw_comparison", "write_comparison", "compare"}


# Rules that only some figures or runs need, none of them made by default.
EXTRA = {"scaling", "noise", "predict_noise", "small", "vectors", "explorer_page", "export_viewers"}
EXTRA |= {"word2vec", "score_word2vec", "predict_untied"}
GENSIM = {"gensim_epochs", "follow_gensim", "write_gensim_epochs", "predict_gensim"}
SIZE = {"plan_subsets", "draw_subset", "collect_sizes", "size"}
PMI = {"pmi", "compare_seen_pairs"}
GEOMETRY = {"geometry", "measure_geometry"}
NOISE_EDGE = {"noise_edge", "measure_count_noise"}


@pytest.mark.parametrize(
    ("name", "corpus", "arguments"),
    [
        ("config", "encyclopedia", ()),
        ("smoke", "smoke", ()),
        ("paper", "enwiki500", ()),
        ("text8", "text8", ()),
    ],
    ids=["default", "smoke", "paper", "text8"],
)
def test_every_target_is_planned(
    sources: Path, name: str, corpus: str, arguments: tuple[str, ...]
) -> None:
    layers = [
        yaml.safe_load((ROOT / "config" / f"{name}.yaml").read_text(encoding="utf-8"))
        for name in ("config", name)
    ]
    configs = [layer.get("dynamics", {}) for layer in layers]
    dynamics = configs[0] | configs[1]
    folder = f"results/{corpus}/v{dynamics['vocabulary']}-l16/d{dynamics['dim']}"
    runs = [
        f"{folder}/{run}/seed{0 if settings['estimator'] == 'sigmoid' else 1}/evaluation.tsv"
        for run, settings in (configs[1].get("runs", {}) | configs[0]["runs"]).items()
    ]
    figures = [
        f"results/figures/{corpus}/{figure}.{ending}"
        for figure in DEFAULT_FIGURES
        for ending in ("pdf", "png", "csv")
        if (figure, ending) != ("fig3b", "csv")
    ]
    targets = ["all", "export", "fetch_all", *figures, f"results/tables/{corpus}/fig3b.tsv", *runs]
    layers = () if name == "config" else (f"config/{name}.yaml",)
    done = run_snakemake(sources, "-n", *targets, *arguments, configfiles=layers)
    expected = (
        set(RULES)
        - PREDICTION
        - COMPARISON
        - EXTRA
        - SIZE
        - PMI
        - GEOMETRY
        - REVISED
        - GENSIM
        - NOISE_EDGE
    )
    expected -= {"encode_corpus", "count_pairs"} if name == "paper" else SHARDED
    if name != "smoke":
        expected -= {"train_gensim"}
    if corpus == "smoke":  # text and benchmarks are in the repository or installed
        expected -= {"fetch_file", "fetch_all", "fetch_package", "read_benchmark"}
    jobs = planned(done)
    assert set(jobs) == expected
    if name == "paper":  # each file of the text, and each of its shards, is a job
        assert jobs["fetch_file"] == jobs["encode_part"] == jobs["count_shard"] == 41
    assert (jobs["train_population"], jobs["follow_closed_form"]) == (8, 4)
    assert not (sources / "results").exists()
    if name == "config":  # README: 8 GB of memory are enough
        asked = [int(number) for number in re.findall(r"mem_mb=(\d+)", done.stdout)]
        assert asked and max(asked) <= 8000


def test_extras_are_made_where_they_are_asked_for(sources: Path) -> None:
    for extras, expected in (("[explorer]", 1), ("[]", 0)):
        done = run_snakemake(sources, "-n", "--config", f"extras={extras}", configfiles=(SMOKE,))
        assert planned(done).get("explorer", 0) == expected


def test_the_path_of_the_catalogue_is_the_same_workflow(sources: Path) -> None:
    own, theirs = (
        planned(run_snakemake(sources, "-n", "-s", file, configfiles=(SMOKE,)))
        for file in ("Snakefile", "workflow/Snakefile")
    )
    assert own.pop("all") == theirs.pop("everything") == 1
    assert own == theirs and own["write_report"] == 1


def test_a_prediction_of_gensim_needs_its_text_and_settings_alone(sources: Path) -> None:
    jobs = planned(run_snakemake(sources, "-n", "predict_gensim", configfiles=(SMOKE,)))
    assert set(jobs) == {"encode_corpus", "collect_benchmarks", "translate_benchmark", *GENSIM}


def test_a_prediction_needs_no_training(sources: Path) -> None:
    jobs = planned(run_snakemake(sources, "-n", "predict", configfiles=(SMOKE,)))
    made = {"encode_corpus", "count_pairs", "collect_benchmarks", "translate_benchmark"}
    assert jobs == dict.fromkeys(PREDICTION | made, 1) | {"decompose_leading": 2}


def test_a_comparison_reads_both_texts_and_trains_nothing(sources: Path) -> None:
    against = ("-n", "compare", "--config", "against=speeches")
    for layers in ((SMOKE,), ()):
        made = {"encode_corpus", "encode_other", "fetch_other", *(("fetch_file",) * (not layers))}
        jobs = planned(run_snakemake(sources, *against, configfiles=layers))
        assert set(jobs) == COMPARISON | made
    done = run_snakemake(sources, "-n", "compare", configfiles=(SMOKE,))
    assert done.returncode != 0 and "Traceback" not in done.stdout
    assert done.stdout.rstrip().endswith(
        "against: null: expected the name of a corpus, or the path of a text"
    )


def test_further_runs_are_scored_against_the_prediction(sources: Path) -> None:
    extras = ("--config", "extras=[prediction]", "prediction={runs: [sampled_qwem]}")
    jobs = planned(run_snakemake(sources, "-n", *extras, configfiles=(SMOKE,)))
    assert {*PREDICTION, "score_prediction"} - {"predict"} <= set(jobs)
    assert jobs["train_sampled"] == 1


def test_the_noise_figure_brings_its_own_runs(sources: Path) -> None:
    grid = "figures={noise: {learning_rates: [1, 2.5], batches: [100, 200, 300]}}"
    extras = ("--config", "extras=[noise]", grid)
    target = "results/figures/smoke/noise.png"
    jobs = planned(run_snakemake(sources, "-n", target, *extras, configfiles=(SMOKE,)))
    assert (jobs["train_sampled"], jobs["train_population"], jobs["predict_noise"]) == (7, 1, 1)
    run = "results/smoke/v400-l16/d8/noise_lr2p5_batch200/seed1/trace.parquet"
    done = run_snakemake(sources, "-n", run, *extras, configfiles=(SMOKE,))
    assert planned(done)["train_sampled"] == 1
    done = run_snakemake(sources, "-n", run, configfiles=(SMOKE,))
    assert f"No rule to produce {run}" in done.stdout


# --- the form of rules and files ---


@pytest.mark.parametrize("name", RULES)
def test_each_rule_is_complete(name: str) -> None:
    rule = RULES[name]
    if name not in FIGURES:
        assert re.match(r'\s+"""\S.+?\."""\n', rule.body, re.DOTALL), "a docstring"
    targets = ("all", "fetch_all", "export", "vectors", "explorer_page", "compare")
    if name in (*targets, "predict", "predict_gensim"):
        assert rule.script is None
        return
    for directive in ("output", "log", "benchmark"):
        assert re.search(rf"^    {directive}:$", rule.body, re.MULTILINE), directive
    assert rule.script, "the work is done by a script"
    assert rule.script == ROOT / "workflow" / "scripts" / f"{SHARED.get(name, name)}.py"
    assert rule.script.is_file()
    assert rule.environments, "a conda environment"
    chosen = rule.environments == list(BUILDS)
    assert chosen or "device=" not in rule.body, "the build of torch is the configuration's"
    assert all((ROOT / "envs" / environment).is_file() for environment in rule.environments)


def test_each_script_belongs_to_a_rule() -> None:
    assert set(SCRIPTS) == {rule.script for rule in RULES.values()} - {None}


def test_nothing_depends_on_one_machine_or_runs_what_it_reads() -> None:
    absolute = re.compile(r"""["'=\s]/(?:home|root|Users|tmp|work|data|mnt|opt|usr|srv)/""")
    unsafe = re.compile(r"allow_pickle\s*=\s*True|shell\s*=\s*True|import pickle|os\.system\(")
    settings = [*(ROOT / "config").iterdir(), *(ROOT / "profiles").rglob("*.yaml")]
    settings += [*(ROOT / "envs").glob("*.yaml"), ROOT / "Snakefile", ROOT / "Makefile"]
    for file in [*settings, *SMK, *SCRIPTS, *MODULES]:
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
            for pattern in (absolute, unsafe):
                assert not pattern.search(line), f"{relative(file)}:{number}: {line.strip()}"


# --- refused before the run starts ---


@pytest.mark.parametrize(
    "target",
    [
        "results/figures/smoke/fig9.png",
        "results/smoke/v123-l16/cooccurrence.npz",
        "results/smoke/v400-l16/d8/sgns_smal/seed1/trace.parquet",
    ],
)
def test_a_mistyped_target_is_refused(sources: Path, target: str) -> None:
    done = run_snakemake(sources, "-n", target, configfiles=(SMOKE,))
    assert done.returncode != 0
    assert f"No rule to produce {target}" in done.stdout
    assert "Traceback" not in done.stdout


@pytest.mark.parametrize(
    ("settings", "complaints"),
    [
        (
            ("vocabulary=abc", "vocabluary=3"),
            (r'vocabulary: "abc": expected an integer', r'vocabluary: .*did you mean "vocabulary"'),
        ),
        (
            ("corpus=tests/data/smok.txt.xz",),
            (r"tests/data/smok\.txt\.xz: no such file.*smoke\.txt",),
        ),
        (
            ("documents=chapter", "dim=800"),
            (
                r'documents: "chapter": expected line, paragraph, file or fixed:N',
                r"dim: 800: .*below vocab",
            ),
        ),
        (("benchmarks={men: no/MEN.txt}",), (r"benchmarks\.men: no/MEN\.txt: no such file",)),
        (("corpus=starter", "documents=line"), (r"documents: 'line' .*starter has its own",)),
    ],
    ids=["not a number, unknown key", "no corpus", "no such rule", "no file", "rule of another"],
)
def test_a_wrong_setting_is_explained_in_one_line_each(
    sources: Path, settings: tuple[str, ...], complaints: tuple[str, ...]
) -> None:
    done = run_snakemake(sources, "-n", "--config", *settings, configfiles=(SMOKE,))
    assert done.returncode != 0
    assert "Traceback" not in done.stdout
    lines = done.stdout.splitlines()
    own = [line for line in lines if not re.match(r"Using workflow specific|Config file ", line)]
    assert len(own) == len(complaints), done.stdout
    for complaint in complaints:
        assert sum(bool(re.search(complaint, line)) for line in own) == 1, done.stdout


def test_a_gpu_that_is_not_here_is_refused_before_anything_is_made(
    sources: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    done = run_snakemake(
        sources, "--config", "dynamics={device: cuda}", "extras=[]", configfiles=(SMOKE,)
    )
    assert done.returncode != 0
    assert re.search(
        r"^error: dynamics\.device is cuda, but .* set it to auto or cpu", done.stdout, re.M
    )
    assert "Traceback" not in done.stdout
    assert not (sources / "results").exists()
