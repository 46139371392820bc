"""The cost model: its fit, its table, and whether requests of rules cover their use."""

from __future__ import annotations

import ast
import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mstar.files.writing import UserError
from mstar.running.cost_model import LEAST_MB, LEAST_MINUTES, TERMS, CostModel, Size, load
from tests.support.workflow import ROOT
from tools.fit_costs import calibrated, fitted, of_runs, save

MODEL = load(ROOT / "config" / "costs.tsv")

sizes = st.builds(
    Size,
    tokens=st.floats(0, 1e12),
    vocabulary=st.integers(0, 300_000),
    window=st.integers(1, 40),
    dim=st.integers(0, 1000),
    times=st.integers(0, 1000),
)


@given(sizes, st.sampled_from(sorted(TERMS)), st.floats(1.0, 10.0))
def test_larger_work_never_costs_less(size: Size, work: str, factor: float) -> None:
    larger = Size(
        size.tokens * factor,
        int(size.vocabulary * factor),
        size.window,
        size.dim + 1,
        size.times + 1,
    )
    small, large = MODEL.predict(work, size), MODEL.predict(work, larger)
    assert 0 <= small.seconds <= large.seconds and 0 <= small.megabytes <= large.megabytes
    megabytes, minutes = MODEL.request(work, size)
    assert megabytes >= LEAST_MB + small.megabytes and minutes >= LEAST_MINUTES + small.seconds / 60


@given(st.integers(0, 5000), st.integers(0, 10**6), st.integers(1, 20))
def test_cells_are_bounded_by_pairs_of_words_and_by_visits(
    vocabulary: int, tokens: int, window: int
) -> None:
    cells = Size(tokens, vocabulary, window).cells
    assert cells <= vocabulary * (vocabulary + 1) / 2 and cells <= tokens * window
    assert Size(tokens, vocabulary, window, stored=7.0).cells == 7.0


def test_the_fit_recovers_what_made_the_measurements(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    true = CostModel(
        {work: {name: tuple(rng.random(2)) for name in terms} for work, terms in TERMS.items()}
    )
    rows = []
    for work in TERMS:
        for _ in range(12):
            size = Size(
                float(rng.integers(10**5, 10**8)), int(rng.integers(100, 9000)), 16,
                int(rng.integers(10, 300)), int(rng.integers(10, 90)),
            )  # fmt: skip
            cost = true.predict(work, size)
            rows.append(
                {"work": work, "size": size, "seconds": cost.seconds, "megabytes": cost.megabytes}
            )
    found = fitted(pd.DataFrame(rows))
    save(tmp_path / "costs.tsv", found)
    again = load(tmp_path / "costs.tsv")
    for row in rows:
        for model, tolerance in ((found, 1e-6), (again, 2e-3)):
            cost = model.predict(row["work"], row["size"])
            assert cost.seconds == pytest.approx(row["seconds"], rel=tolerance)
            assert cost.megabytes == pytest.approx(row["megabytes"], rel=tolerance)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "encode: expected the terms constant, tokens"),
        ("work\tterm\tseconds\tmegabytes\nencode\tconstant\tx\t1\n", "not a table of costs"),
        ("work\tterm\tseconds\tmegabytes\nencode\tletters\t1\t1\n", "encode: expected the terms"),
    ],
)
def test_a_damaged_table_is_named(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "costs.tsv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match=message):
        load(path)


def test_jobs_take_no_more_than_they_ask_for(smoke: Path) -> None:
    """Memory and time of every job of the smoke run, as measured by Snakemake."""
    files = sorted((smoke / "results" / "costs").rglob("*.tsv"))
    assert len(files) > 40
    for path in files:
        job = pd.read_csv(path, sep="\t").iloc[0]
        asked = ast.literal_eval(job["resources"])
        # Jobs shorter than the sampling interval have no memory measurement.
        assert math.isnan(job["max_rss"]) or job["max_rss"] <= asked["mem_mb"], path
        assert job["s"] <= 60 * asked["runtime"], path


def test_runs_change_the_level_of_the_model_and_not_its_shape() -> None:
    """A machine that takes 2 s to start a job and a third of the time for the rest is found."""
    rows = []
    for vocabulary, dim in ((500, 50), (1000, 100), (3000, 50)):
        size = Size(1e6, vocabulary, 16, dim, 40)
        for work in ("population", "leading", "read"):
            before = MODEL.predict(work, size).seconds
            rest = before - MODEL.coefficients[work]["constant"][0]
            seconds = 2.0 + rest / 3
            rows.append({"work": work, "size": size, "seconds": seconds, "megabytes": 100.0})
    found = calibrated(pd.DataFrame(rows), MODEL)
    for row in rows:
        assert found.predict(row["work"], row["size"]).seconds == pytest.approx(row["seconds"])
    for work in ("population", "leading"):
        for name, (seconds, megabytes) in found.coefficients[work].items():
            known = MODEL.coefficients[work][name]
            assert seconds == pytest.approx(2.0 if name == "constant" else known[0] / 3)
            assert megabytes == known[1]
    assert found.coefficients["encode"] == MODEL.coefficients["encode"]


def test_jobs_of_a_run_have_the_sizes_that_its_plan_had(tmp_path: Path) -> None:
    described = {"tokens": 4e6, "normaliser": "unicode", "words": {"min_count": 2}}
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/corpus.json").write_text(json.dumps(described), encoding="utf-8")
    folder = "v1000-l16/d100"
    jobs = {
        "encode_corpus": "encode",
        "v1000-l16/count_pairs": "count",
        f"{folder}/sgns_small/seed1": "population",
        f"{folder}/sparse_small/seed1": "sparse",
        f"{folder}/exact_small/seed1": "exact",
        f"{folder}/svd_ppmi/seed0": "read",
        "fig1": "read",
    }
    for number, job in enumerate(sorted(jobs), 1):
        path = tmp_path / "costs/mine" / f"{job}.tsv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"s\tmax_rss\tcpu_time\n9\t{100 * number}\t{number}\n", encoding="utf-8")
    rows = of_runs([tmp_path])
    assert rows["work"].tolist() == [jobs[job] for job in sorted(jobs)]
    assert rows["seconds"].tolist() == list(range(1, len(jobs) + 1))
    by_work = dict(zip(rows["work"], rows["size"], strict=True))
    assert by_work["encode"].tokens > 4e6  # Unicode's rules take longer
    assert (by_work["sparse"].vocabulary, by_work["sparse"].dim) == (1000, 100)
