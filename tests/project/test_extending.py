"""Apply the steps of docs/extending.md to a copy of the project, and run the result."""

from __future__ import annotations

import ast
import json
import re
import shutil
import textwrap
from pathlib import Path

import pytest

from mstar.files.tables import read_table
from mstar.training.record import read_trace
from tests.support.workflow import ROOT, SMOKE, planned, run_snakemake

PAGE = (ROOT / "docs" / "extending.md").read_text(encoding="utf-8")
STEP = re.compile(
    r"^( *)<!-- (?P<kind>\w+): (?P<how>new |)(?P<file>\S+)"
    r"(?: (?P<where>\w+))?(?: (?P<anchor>\"[^\n]*\"))? -->\n"
    r"\1```\w+\n(?P<code>.*?)^\1```$",
    re.MULTILINE | re.DOTALL,
)
# The number of files that each kind of addition may change, apart from documentation.
MOST = {"figure": 4, "loss": 2, "weighting": 2, "reader": 2, "benchmark": 1, "claim": 1}


def follow(kind: str, project: Path) -> set[str]:
    """Apply the steps of one kind of addition to a copy of the project; return changed files."""
    touched = set()
    for step in STEP.finditer(PAGE):
        if step["kind"] != kind:
            continue
        code = textwrap.dedent(step["code"]) if step["how"] else _placed(step["code"], step[1])
        path = project / step["file"]
        assert path.exists() != bool(step["how"]), f"{step['file']}: new, or there?"
        old = path.read_text(encoding="utf-8") if path.exists() else ""
        anchor = ast.literal_eval(step["anchor"]) if step["anchor"] else ""
        path.write_text(_changed(old, step["where"], anchor, code), encoding="utf-8")
        touched.add(step["file"])
    assert touched, kind
    return touched


def _placed(code: str, indent: str) -> str:
    """Return code without the indentation of its list item, but with its own."""
    return re.sub(rf"^{indent}", "", code, flags=re.MULTILINE)


def _changed(text: str, where: str | None, anchor: str, code: str) -> str:
    if where is None:
        return code
    if where == "append":
        return f"{text}\n{code}"
    assert text.count(anchor) == 1, f"{anchor!r}: {text.count(anchor)} times"
    start = text.index(anchor)
    if where == "before":
        return f"{text[:start]}{code}\n\n{text[start:]}"
    if where == "after":
        end = text.index("\n", start) + 1
        return f"{text[:end]}{code}{text[end:]}"
    return text.replace(anchor, code.strip())


def test_every_kind_has_its_steps() -> None:
    kinds = [step["kind"] for step in STEP.finditer(PAGE)]
    assert set(kinds) == set(MOST)
    assert len(kinds) == PAGE.count("```python") + PAGE.count("```yaml") + PAGE.count("```rst")


@pytest.mark.parametrize("kind", MOST)
def test_what_is_touched(kind: str, sources: Path, tmp_path: Path) -> None:
    copy = _copied(sources, tmp_path)
    touched = follow(kind, copy)
    print(f"\n{kind}: {len(touched)} files: {', '.join(sorted(touched))}")
    assert len(touched) <= MOST[kind]


def _copied(sources: Path, to: Path) -> Path:
    return Path(shutil.copytree(sources, to / "project"))


# --- the additions work ---


def test_a_figure(smoke_copy: Path) -> None:
    follow("figure", smoke_copy)
    target, extra = "results/figures/smoke/commonest.png", ("--config", "extras=[commonest]")
    words = "figures={commonest: {words: 30}}"
    done = run_snakemake(smoke_copy, target, *extra, words, configfiles=(SMOKE,))
    assert done.returncode == 0, done.stdout
    assert (smoke_copy / target).read_bytes().startswith(b"\x89PNG")
    assert len((smoke_copy / target).with_suffix(".csv").read_text().splitlines()) == 31
    jobs = planned(run_snakemake(smoke_copy, "-n", *extra, words, configfiles=(SMOKE,)))
    assert "write_report" in jobs and "decompose" not in jobs
    wrong = run_snakemake(smoke_copy, "-n", "--config", "extras=[comonest]", configfiles=(SMOKE,))
    assert 'did you mean "commonest"?' in wrong.stdout


RUN = "{{estimator: {estimator}, loss: {loss}, weighting: {weighting}, init: 1e-2{more}}}"


def test_a_loss_and_a_weighting(smoke_copy: Path) -> None:
    """Each is trained: the loss by its expected gradient and by minibatches."""
    follow("loss", smoke_copy)
    follow("weighting", smoke_copy)
    sgd = ", sgd: {learning_rate: 5, batch: 2000, steps: 4000}"
    bounded = {"loss": "bounded", "weighting": "setting31"}
    runs = {
        "mine": RUN.format(estimator="population", more="", **bounded),
        "mine_sampled": RUN.format(estimator="sampled", more=sgd, **bounded),
        "mine_plain": RUN.format(
            estimator="population", more="", loss="quartic", weighting="plain"
        ),
    }
    config = "dynamics={runs: {" + ", ".join(f"{name}: {run}" for name, run in runs.items()) + "}}"
    targets = [f"results/smoke/v400-l16/d8/{name}/seed1/trace.parquet" for name in runs]
    done = run_snakemake(smoke_copy, *targets, "--config", config, configfiles=(SMOKE,))
    assert done.returncode == 0, done.stdout
    for target in targets:
        loss = read_trace(smoke_copy / target)["loss"]
        assert loss.iloc[-1] < loss.iloc[0] <= 1.001


STARRED = """
starred:
  title: Texts between asterisks
  document_rule: given
  files:
    - {{name: poems, title: Poems, licence: none, source: url, urls: ["{url}"],
       filename: poems.txt, sha256: null, why_no_sha256: a test, reader: starred}}
"""


def test_a_reader(sources: Path, tmp_path: Path) -> None:
    project = _copied(sources, tmp_path)
    follow("reader", project)
    (tmp_path / "poems.txt").write_text("a b\nc\n***\nd e f\n***\ng\n", encoding="utf-8")
    with (project / "config" / "corpora.yaml").open("a", encoding="utf-8") as corpora:
        corpora.write(STARRED.format(url=(tmp_path / "poems.txt").as_uri()))
    target, corpus = "results/starred/corpus.json", ("--config", "corpus=starred", "documents=null")
    done = run_snakemake(project, target, *corpus, configfiles=(SMOKE,))
    assert done.returncode == 0, done.stdout
    described = json.loads((project / target).read_text(encoding="utf-8"))
    assert (described["tokens"], described["documents"]) == (7, 3)


PETS = "the\tof\t9\none\ttwo\t8\nand\tin\t7\nnew\tfirst\t6\n"


def test_a_benchmark(smoke_copy: Path) -> None:
    follow("benchmark", smoke_copy)
    (smoke_copy / "pets.tsv").write_text(PETS, encoding="utf-8")
    target = "results/smoke/v400-l16/d8/svd_mstar/seed0/evaluation.tsv"
    pets = ("--config", "benchmarks={pets: pets.tsv}")
    done = run_snakemake(smoke_copy, target, *pets, configfiles=(SMOKE,))
    assert done.returncode == 0, done.stdout
    scores = read_table(smoke_copy / target).set_index("benchmark")
    assert scores.loc["pets", "questions"] == 4


def test_a_claim(smoke_copy: Path) -> None:
    follow("claim", smoke_copy)
    target = "results/tables/smoke/claims.tsv"
    done = run_snakemake(smoke_copy, target, configfiles=(SMOKE,))
    assert done.returncode == 0, done.stdout
    row = read_table(smoke_copy / target).set_index("id").loc["mine.snr-peak"]
    assert row["by"] == "ours" and row["outcome"] in ("reproduced", "not reproduced", "undecided")
