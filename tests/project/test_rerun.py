"""What a change reruns and what it leaves unchanged; the effect of bad input on a run."""

from __future__ import annotations

import json
import lzma
import os
import random
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from mstar.counts import cooccurrence
from mstar.files.writing import UserError, sha256_of
from mstar.spectra import spectrum
from mstar.training import record
from tests.support.workflow import SMOKE, planned, run_snakemake

SMOKED = "results/smoke"
STATIC, DYNAMIC = "results/smoke/v800-l16", "results/smoke/v400-l16"
LAYER = "layer.yaml"
TRAINED = {"fig1": 1, "fig2": 1, "fig3a": 1, "fig3b": 1, "fig5": 1, "movie": 1}  # show trained runs
TASK_VECTORS = {"analyse_task_vectors": 1, "analyse_null_families": 1}
TASK_VECTORS |= {"fig4": 1, "fig6": 1, "fig8": 1, "participation": 1}
TABLES = {"compare_models": 1, "check_claims": 1}
SCORED = {"score_prediction": 1}  # it reads the trained runs of Figures 1 and 2


def plan(directory: Path, layer: str = "") -> dict[str, int]:
    """Return the jobs by rule of a dry run with ``layer`` on top of the smoke configuration.

    The report and its provenance are left out, since every change of a figure, a table or a setting
    reruns them.
    """
    (directory / LAYER).write_text(layer, encoding="utf-8")
    done = run_snakemake(directory, "-n", configfiles=(SMOKE, LAYER) if layer else (SMOKE,))
    jobs = planned(done)
    reports = jobs.pop("write_report", 0)
    assert reports == jobs.pop("record_provenance", 0) == ("all" in jobs)
    jobs.pop("all", None)
    return jobs


def edit(file: Path, change: Callable[[str], str]) -> None:
    before = file.read_text(encoding="utf-8")
    after = change(before)
    assert after != before
    file.write_text(after, encoding="utf-8")


def test_edits_make_again_what_they_change_and_nothing_else(smoke_copy: Path) -> None:
    """Edits: a setting of Figure 1, code of Figure 2, the style of the explorer, and comments."""

    def explained(text: str) -> str:
        assert text.startswith('"""')
        return f'"""Another account.\n\n{text[3:]}\n\n# A last word.\n'

    package = smoke_copy / "workflow" / "mstar"
    for words_alone in ("training/population.py", "counts/cooccurrence.py"):
        edit(package / words_alone, explained)
    edit(
        smoke_copy / "workflow/mstar/report/templates/explorer.css",
        lambda text: f"{text}\nb {{ color: red; }}\n",
    )
    edit(package / "figures" / "fig2.py", lambda text: f"{text}\nUNUSED = 1\n")
    drawn = {"fig1": 1, "fig2": 1, "explorer": 1}
    assert plan(smoke_copy, "figures: {fig1: {labels: 10}}") == drawn
    assert plan(smoke_copy, "extras: []") == {"fig2": 1}


def test_code_of_training_makes_the_trained_runs_again_and_what_follows(smoke_copy: Path) -> None:
    edit(smoke_copy / "workflow/mstar/training/population.py", lambda text: f"{text}\nUNUSED = 1\n")
    following = {
        "evaluate": 9,
        "compare_with_theory": 1,
        "summarise": 1,
        "fig7": 1,
        **TRAINED,
        **TABLES,
        **SCORED,
    }
    assert plan(smoke_copy) == {"train_population": 8, "follow_saddles": 3, **following}


def test_another_start_makes_that_run_again_and_what_follows(smoke_copy: Path) -> None:
    following = {"evaluate": 1, "compare_with_theory": 1, "summarise": 1, **TRAINED, **TABLES}
    jobs = plan(smoke_copy, "dynamics: {runs: {sgns_small: {init: 1.0e-11}}}")
    assert jobs == {"train_population": 1, **following, **SCORED}


def test_another_vocabulary_makes_all_that_depends_on_it_again(smoke_copy: Path) -> None:
    factorised = {"decompose": 5, "factorise": 5, "train_gensim": 1, "evaluate": 7, "summarise": 1}
    factorised |= {"choose_kappa": 1, "decompose_shuffled": 1, "cover_benchmarks": 1}
    assert plan(smoke_copy, "vocabulary: 700") == {
        "count_pairs": 1,
        **factorised,
        **TASK_VECTORS,
        **TABLES,
        "fig3b": 1,
        "spectra": 1,
        "explorer": 1,
    }


def test_other_vocabularies_leave_the_encoded_text_alone(smoke_copy: Path) -> None:
    jobs = plan(smoke_copy, "{vocabulary: 700, dynamics: {vocabulary: 300}}")
    assert not {"encode_corpus", "collect_benchmarks"} & set(jobs)
    runs = {
        "count_pairs": 2,
        "train_population": 8,
        "follow_closed_form": 4,
        "evaluate": 24,
        "follow_saddles": 3,
    }
    assert jobs == jobs | runs | TRAINED | TASK_VECTORS | {"fig7": 1, "spectra": 1, "summarise": 2}


def test_another_choice_of_benchmarks_leaves_training_alone(smoke_copy: Path) -> None:
    jobs = plan(smoke_copy, "benchmarks: {similarity: [wordsim353]}")
    assert jobs["evaluate"] == 24 and jobs["cover_benchmarks"] == 1
    kept = {"train_population", "factorise", "translate_benchmark", *TASK_VECTORS}
    assert not kept & set(jobs)


def test_another_seed_adds_its_runs_and_redraws_what_shows_a_range(smoke_copy: Path) -> None:
    drawn = {"fig1": 1, "fig2": 1, "fig3b": 1, "fig7": 1}
    assert plan(smoke_copy, "seeds: [1, 2]") == {
        "train_population": 8,
        "follow_closed_form": 2,
        "train_gensim": 2,
        "evaluate": 10,
        "compare_with_theory": 1,
        "check_claims": 1,
        **SCORED,
        **drawn,
    }


# --- damaged intermediate files ---


def cut(file: Path, share: float) -> None:
    """Truncate a file without changing its date."""
    status = file.stat()
    os.truncate(file, int(share * status.st_size))
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.99])
@pytest.mark.parametrize(
    ("name", "read"),
    [
        (f"{STATIC}/cooccurrence.npz", cooccurrence.load),
        (f"{STATIC}/mstar/spectrum.npz", spectrum.load),
        (f"{DYNAMIC}/d8/sgns_small/seed1/embedding.npz", record.load_embedding),
        (f"{DYNAMIC}/d8/sgns_small/seed1/trace.parquet", record.read_trace),
    ],
    ids=["counts", "spectrum", "embedding", "trace"],
)
def test_a_file_cut_short_is_named(
    smoke: Path, tmp_path: Path, name: str, read: Callable[[Path], object], share: float
) -> None:
    file = tmp_path / Path(name).name
    file.write_bytes((smoke / name).read_bytes())
    read(file)
    cut(file, share)
    with pytest.raises(UserError) as caught:
        read(file)
    assert str(caught.value).startswith(f"{file}: ")
    assert "\n" not in str(caught.value)


Run = tuple[Path, subprocess.CompletedProcess[str]]
WITHOUT_PAIRS = ("fig4", "fig6", "fig8", "participation")


@pytest.fixture(scope="module")
def damaged(smoke: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Return a run whose counts and tokens were truncated."""
    directory = tmp_path_factory.mktemp("damaged") / "copy"
    shutil.copytree(smoke, directory)
    cut(directory / DYNAMIC / "cooccurrence.npz", 0.5)
    cut(directory / "results/smoke/tokens.npy", 0.5)
    targets = [f"{DYNAMIC}/ppmi/spectrum.npz", f"{STATIC}/summary.json"]
    for target in targets:
        (directory / target).unlink()
    done = run_snakemake(directory, "--keep-going", *targets, configfiles=(SMOKE,))
    return directory, done


@pytest.mark.parametrize(
    ("target", "log", "culprit"),
    [
        (f"{DYNAMIC}/ppmi/spectrum.npz", "v400-l16/decompose/ppmi", f"{DYNAMIC}/cooccurrence.npz"),
        (f"{STATIC}/summary.json", "v800-l16/summarise", "results/smoke/tokens.npy"),
    ],
    ids=["counts", "tokens"],
)
def test_a_job_that_reads_a_file_cut_short_says_so(
    damaged: Run, target: str, log: str, culprit: str
) -> None:
    directory, done = damaged
    assert done.returncode != 0
    assert not (directory / target).exists()
    assert not [path for path in (directory / "results").rglob(".*") if path.is_file()]
    said = (directory / "logs" / "smoke" / f"{log}.log").read_text(encoding="utf-8")
    error = said.splitlines()[-1]
    assert error.startswith(f"error: {culprit}: ") and said.count("error: ") == 1, said
    assert f"\n{error}\n" in done.stdout


def test_damage_shows_no_traceback(damaged: Run) -> None:
    assert "Traceback" not in damaged[1].stdout


# --- a tiny text ---


@pytest.fixture(scope="module")
def tiny(smoke: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Return a run on 60 invented words: benchmarks lack them, and training needs more words."""
    directory = tmp_path_factory.mktemp("tiny") / "copy"
    shutil.copytree(smoke, directory)
    dice = random.Random(1)
    words = [a + b + c for a in "bcdf" for b in "aeiou" for c in "lmn"]
    documents = [
        " ".join(dice.choices(words[topic : topic + 10] + words[:5], k=120))
        for topic in range(50)
        for _ in range(2)
    ]
    empty = ["", "... --- !!!", "   "]
    (directory / "tiny.txt").write_text("\n".join([*empty, *documents, "only"]), encoding="utf-8")
    settings = {
        "corpus": "tiny.txt",
        "vocabulary": 40,
        "dim": 4,
        "dynamics": {"vocabulary": 5000},
    }
    (directory / LAYER).write_text(json.dumps(settings), encoding="utf-8")
    targets = [
        "results/tiny/v40-l16/d4/svd_mstar/seed0/evaluation.tsv",
        *(f"results/figures/tiny/{name}.png" for name in WITHOUT_PAIRS),
        "results/tiny/v5000-l16/cooccurrence.npz",
    ]
    done = run_snakemake(directory, "--keep-going", *targets, configfiles=(SMOKE, LAYER))
    return directory, done


def test_a_vocabulary_beyond_the_text_is_refused(tiny: Run) -> None:
    directory, done = tiny
    assert done.returncode != 0
    assert "error: vocabulary: 5,000 words asked for, but the corpus has 60 distinct" in done.stdout
    assert not list((directory / "results" / "tiny" / "v5000-l16").glob("*"))


def test_an_empty_document_is_stated(tiny: Run) -> None:
    directory, _ = tiny
    description = directory / "results" / "tiny" / "corpus.json"
    corpus = json.loads(description.read_text(encoding="utf-8"))
    assert (corpus["documents"], corpus["empty_documents"]) == (101, 1)


def test_a_benchmark_without_questions_is_stated(tiny: Run) -> None:
    directory, _ = tiny
    model = directory / "results" / "tiny" / "v40-l16" / "d4" / "svd_mstar" / "seed0"
    table = pd.read_csv(model / "evaluation.tsv", sep="\t")
    assert set(table["benchmark"]) >= {"google", "wordsim353", "simlex999"}
    assert (table["questions"] == 0).all() and table["score"].isna().all()


@pytest.mark.parametrize("figure", WITHOUT_PAIRS)
def test_a_figure_without_questions_says_so(tiny: Run, figure: str) -> None:
    directory, done = tiny
    assert "Traceback" not in done.stdout, done.stdout
    drawn = pd.read_csv(directory / "results" / "figures" / "tiny" / f"{figure}.csv")
    missing = drawn[drawn["panel"].str.startswith("missing")]
    assert missing["text"].str.contains("too few").all() and len(missing) >= 4


def test_settings_of_one_target_leave_the_others_alone(smoke_copy: Path) -> None:
    """pmi_floor affects only PMI; the device belongs to the machine and reruns nothing."""
    assert plan(smoke_copy, "dynamics: {device: cpu}") == {}
    jobs = plan(smoke_copy, "pmi_floor: 1.0e-20")
    following = {"factorise": 2, "evaluate": 2, "summarise": 2, "fig3b": 1, "spectra": 1}
    assert jobs == {"decompose": 2, **following, **TABLES}


def test_an_edited_text_makes_everything_again(smoke_copy: Path) -> None:
    """The new text may be older, as left by mv, cp -p, rsync -a and tar x."""
    text = smoke_copy / "tests/data/smoke.txt.xz"
    text.write_bytes(lzma.compress(lzma.decompress(text.read_bytes()) + b"another line of words"))
    os.utime(text, (10**9, 10**9))
    jobs = plan(smoke_copy)
    assert jobs["encode_corpus"] == 1
    assert jobs["count_pairs"] == 2
    assert jobs["train_population"] == 8


def test_a_part_of_a_text_is_read_again_when_one_of_its_files_is_another(
    sources: Path, tmp_path: Path
) -> None:
    """The file may be older or newer, of equal size or not, or missing."""
    folder = tmp_path / "run"
    shutil.copytree(sources, folder)
    files = [folder / "texts" / f"{number}.txt" for number in range(4)]
    files[0].parent.mkdir()
    for file in files:
        file.write_text(f"words of {'abcd'[int(file.stem)]}\n", encoding="utf-8")
    (folder / LAYER).write_text("{corpus: texts, shards: 2}", encoding="utf-8")

    def run(*arguments: str) -> dict[str, int]:
        target = ("--notemp", "results/texts/vocabulary.tsv")
        return planned(run_snakemake(folder, *arguments, *target, configfiles=(SMOKE, LAYER)))

    once = {"encode_part": 1, "merge_vocabularies": 1}
    assert run() == {"encode_part": 2, "merge_vocabularies": 1}
    assert run("-n") == {}
    other = folder / "other"
    other.write_text("words of e\n", encoding="utf-8")  # as long as the one it replaces
    os.utime(other, (10**9, 10**9))
    other.rename(files[1])
    assert run() == once
    vocabulary = (folder / "results/texts/vocabulary.tsv").read_text(encoding="utf-8")
    assert "e\t1\n" in vocabulary and "b\t1\n" not in vocabulary
    os.utime(files[2], (10**9, 10**9))
    assert run("-n") == once
    os.utime(files[2])
    assert run() == once
    files[3].unlink()
    assert run("-n")["merge_vocabularies"] == 1


def test_what_a_figure_shows_takes_what_it_needs(smoke_copy: Path) -> None:
    jobs = plan(smoke_copy, "figures: {fig1: {word2vec: sgns_large}}")
    figures = {"fig1": 1, "fig3a": 1, "fig3b": 1, "fig5": 1, "movie": 1}
    assert jobs == {"evaluate": 1, "summarise": 1, **figures, **TABLES}
    jobs = plan(smoke_copy, "figures: {fig4: {dims: [4, 16, 300]}}")
    spectrum = {"decompose": 1, "factorise": 1, "evaluate": 1, "summarise": 1, "fig3b": 1}
    assert jobs == {**spectrum, **TASK_VECTORS, "spectra": 1, "explorer": 1, **TABLES}
    jobs = plan(smoke_copy, "figures: {fig6: {families: [gram8-plural]}}")
    assert jobs == {**TASK_VECTORS, "check_claims": 1}
    assert plan(smoke_copy, "figures: {explorer: {modes: 5}}") == {"explorer": 1}
    assert plan(smoke_copy, "figures: {spectra: {fit_from: 4}}") == {"spectra": 1}


def test_sampled_runs_are_made_by_name_and_keep_no_checkpoints(smoke_copy: Path) -> None:
    """One run draws its pairs from the counts; the other from the text, which only it reads."""
    folder = f"{DYNAMIC}/d8/sampled_qwem/seed1"
    runs = [f"{folder}/trace.parquet", f"{DYNAMIC}/d8/sampled_sgns/seed1/trace.parquet"]
    text = "dynamics={runs: {sampled_sgns: {sgd: {sampler: text, batch: 300}}}}"
    done = run_snakemake(smoke_copy, *runs, "--config", text, configfiles=(SMOKE,))
    assert done.returncode == 0, done.stdout
    inputs = [line for line in done.stdout.splitlines() if "input: " in line]
    assert [f"{SMOKED}/tokens.npy, {SMOKED}/documents.npy" in line for line in sorted(inputs)] == [
        False,
        True,
    ]
    names = {file.name for file in (smoke_copy / folder).iterdir()}
    assert names == {"embedding.npz", "trace.parquet"}
    trace = record.read_trace(smoke_copy / folder / "trace.parquet")
    exact = record.read_trace(
        smoke_copy / folder.replace("sampled_qwem", "exact_large") / "trace.parquet"
    )
    late = [frame["singular_value_1"].iloc[-1] for frame in (trace, exact)]
    assert late[0] == pytest.approx(late[1], rel=0.05)
    said = (smoke_copy / "logs/smoke/v400-l16/d8/sampled_qwem/seed1.log").read_text("utf-8")
    assert "steps of" in said


def test_another_setting_shares_the_text_and_leaves_the_others_results(smoke_copy: Path) -> None:
    before = {
        path: path.stat().st_mtime_ns
        for path in smoke_copy.glob("results/*/**/*")
        if path.is_file()
    }
    jobs = plan(smoke_copy, "{setting: k5, negative: 5}")
    assert jobs["decompose"] == 10 and jobs["fig1"] == 1
    assert not {"encode_corpus", "count_pairs"} & set(jobs)

    spectrum = "results/settings/k5/smoke/v400-l16/mstar/spectrum.npz"
    layer = smoke_copy / LAYER
    done = run_snakemake(smoke_copy, spectrum, configfiles=(SMOKE, LAYER))
    assert done.returncode == 0, done.stdout
    assert (smoke_copy / "results/settings/k5/costs/smoke/v400-l16/decompose/mstar.tsv").is_file()
    assert before == {path: path.stat().st_mtime_ns for path in before}
    assert plan(smoke_copy) == {}

    # The same name with another k makes its own files again.
    layer.write_text("{setting: k5, negative: 4}", encoding="utf-8")
    done = run_snakemake(smoke_copy, "-n", spectrum, configfiles=(SMOKE, LAYER))
    assert planned(done) == {"decompose": 1}
    for setting, whose in (("{setting: k5", "without a name"), ("{", "k5")):
        layer.write_text(f"{setting}, normaliser: unicode}}".replace("{,", "{"), encoding="utf-8")
        done = run_snakemake(smoke_copy, "-n", configfiles=(SMOKE, LAYER))
        assert done.returncode != 0 and "Traceback" not in done.stdout, done.stdout
        line = done.stdout.splitlines()[-1]
        assert line.startswith('normaliser: "unicode": results/smoke was') and f"({whose})" in line


CORPUS = """
one:
  title: One file
  document_rule: line
  files:
    - {{name: one, title: one, licence: none, citation: none, source: url, urls: [{urls}],
       filename: one.txt, bytes: {size}, sha256: {sha256}, reader: plain}}
"""


def test_a_file_that_was_fetched_outlives_a_change_of_its_addresses(
    sources: Path, tmp_path: Path
) -> None:
    """The source may be gone by then, or the machine offline."""
    folder = tmp_path / "run"
    shutil.copytree(sources, folder)
    source = tmp_path / "source.txt"
    source.write_text("some words\n", encoding="utf-8")
    corpora = folder / "config" / "corpora.yaml"
    before = corpora.read_text(encoding="utf-8")
    known = {"size": source.stat().st_size, "sha256": sha256_of(source)}
    run = ("results/one/corpus.json", "--config", "corpus=one")
    for urls in (source.as_uri(), f"http://127.0.0.1:9/one, {source.as_uri()}"):
        corpora.write_text(before + CORPUS.format(urls=urls, **known), encoding="utf-8")
        done = run_snakemake(folder, *run)
        assert done.returncode == 0 and "rule fetch_file:" in done.stdout, done.stdout
        assert (folder / "resources/corpora/one/one.txt").read_text() == "some words\n"
        source.unlink(missing_ok=True)
    assert "Nothing to be done" in run_snakemake(folder, *run).stdout
