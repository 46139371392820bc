"""The smoke workflow, run once from text to figures, against independent calculations."""

from __future__ import annotations

import hashlib
import json
import lzma
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from mstar.claims.claims import load_claims
from mstar.claims.outcomes import OUTCOMES, REPRODUCED, UNTESTED
from mstar.corpus.words import tokenise
from mstar.counts import cooccurrence
from mstar.files.tables import read_table
from tests.support.workflow import DEFAULT_FIGURES, ROOT, SMOKE, planned, run_snakemake

V, L, D = 800, 16, 16
STATIC, DYNAMIC = f"results/smoke/v{V}-l{L}", f"results/smoke/v400-l{L}/d8"


# --- every output exists ---


def test_every_figure_is_drawn_and_has_its_numbers(smoke: Path) -> None:
    folder = smoke / "results" / "figures" / "smoke"
    for figure in DEFAULT_FIGURES:
        assert (folder / f"{figure}.png").read_bytes().startswith(b"\x89PNG"), figure
        assert (folder / f"{figure}.pdf").read_bytes().startswith(b"%PDF"), figure
        if figure == "fig3b":
            drawn = pd.read_csv(smoke / "results" / "tables" / "smoke" / "fig3b.tsv", sep="\t")
        else:
            drawn = pd.read_csv(folder / f"{figure}.csv")
        assert len(drawn), figure
    assert not [path for path in (smoke / "results").rglob(".*") if path.is_file()]


def test_a_second_run_has_nothing_to_do(smoke: Path) -> None:
    assert planned(run_snakemake(smoke, "-n", configfiles=(SMOKE,))) == {}


def test_the_report_holds_every_figure_and_needs_no_network(smoke: Path) -> None:
    page = (smoke / "results/report/smoke/report.html").read_text(encoding="utf-8")
    for figure in (*DEFAULT_FIGURES, "movie"):
        assert f'id="{figure}"' in page
        caption = (ROOT / "workflow" / "report" / f"{figure}.rst").read_text(encoding="utf-8")
        title = re.match(r"\*\*(.+?)\*\*", caption)
        assert title and title[1] in page, figure
    assert 'href="explorer.html"' in page
    assert not re.search(r"""<(?:script|link|img)[^>]+(?:src|href)=["']?(?:https?:)?//""", page)
    jobs = re.search(r'aria-label="Table of costs">(.*?)</table>', page, re.S)
    assert jobs and "decompose" in jobs[1]


def test_snakemake_s_own_report_can_be_made(smoke: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.html"
    done = run_snakemake(smoke, "--report", str(report), configfiles=(SMOKE,))
    assert done.returncode == 0, done.stdout
    page = report.read_text(encoding="utf-8")
    assert all(f"Figure {figure.removeprefix('fig')}" in page for figure in ("fig1", "fig7"))


def test_every_claim_has_an_outcome(smoke: Path) -> None:
    table = read_table(smoke / "results/tables/smoke/claims.tsv")
    stated = load_claims(ROOT / "config" / "claims.yaml")
    assert table["id"].tolist() == [claim.id for claim in stated]
    assert set(table["outcome"]) <= set(OUTCOMES)
    decided = table[table["outcome"] != UNTESTED]
    assert len(decided) > 10 and decided["value"].notna().all()
    assert table.loc[table["outcome"] == UNTESTED, "note"].str.len().gt(0).all()
    outcome = table.set_index("id")["outcome"]
    for certain in ("theory.pmi-identity", "theory.bounded", "fig1.top-overlap", "fig1.plateaus"):
        assert outcome[certain] == REPRODUCED, certain
    # Whatever a text decides is held against a null, or says why not.
    decided = table[(table["kind"] == "world") & (table["outcome"] != UNTESTED)]
    bare = decided[decided["null_pass"].isna()]
    assert len(decided) > 20 and bare["note"].str.contains("too few draws|no .* here").all(), bare


def test_paired_tests_agree_with_the_scores(smoke: Path) -> None:
    compared = read_table(smoke / "results/tables/smoke/comparisons.tsv")
    drawn = read_table(smoke / "results/tables/smoke/fig3b.tsv")
    assert set(compared["vocabulary"]) == {400, 800}
    for row in drawn[drawn["difference"].notna()].to_dict("records"):
        same = drawn[(drawn["block"] == row["block"]) & (drawn["benchmark"] == row["benchmark"])]
        reference = same[(same["variant"] == row["variant"]) & (same["model"] == "svd_mstar")]
        difference = row["score"] - reference["score"].iloc[0]
        assert row["difference"] == pytest.approx(difference, abs=2e-6)


# --- the counts, by brute force from the text ---


@dataclass(frozen=True)
class ByHand:
    """Words and forward pairs of the text, counted without the package."""

    documents: list[list[str]]
    words: list[str]
    kept: list[list[str]]
    weighted: Counter[tuple[str, str]]
    unweighted: Counter[tuple[str, str]]

    def dense(self) -> NDArray[np.int64]:
        """Return the symmetric count matrix C (V, V)."""
        ids = {word: i for i, word in enumerate(self.words)}
        forward = np.zeros((len(ids), len(ids)), dtype=np.int64)
        for (first, second), count in self.weighted.items():
            forward[ids[first], ids[second]] += count
        return forward + forward.T


@pytest.fixture(scope="module")
def by_hand() -> ByHand:
    with lzma.open(ROOT / "tests" / "data" / "smoke.txt.xz", "rt", encoding="utf-8") as text:
        documents = [words for line in text if (words := tokenise(line))]
    seen = Counter(word for document in documents for word in document)
    words = sorted(seen, key=lambda word: (-seen[word], word))[:V]
    known = set(words)
    kept = [[word for word in document if word in known] for document in documents]
    weighted: Counter[tuple[str, str]] = Counter()
    unweighted: Counter[tuple[str, str]] = Counter()
    for document in kept:
        for at, centre in enumerate(document):
            for distance, context in enumerate(document[at + 1 : at + 1 + L], start=1):
                weighted[centre, context] += L + 1 - distance
                unweighted[centre, context] += 1
    return ByHand(documents, words, kept, weighted, unweighted)


@pytest.fixture(scope="module")
def summary(smoke: Path) -> dict[str, Any]:
    text = (smoke / STATIC / "summary.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def test_the_summary_has_the_integers_of_the_text(summary: dict[str, Any], by_hand: ByHand) -> None:
    joined = "\n".join(by_hand.words).encode()
    expected = {
        "window": L,
        "documents_kept": sum(bool(document) for document in by_hand.kept),
        "tokens_kept": sum(map(len, by_hand.kept)),
        "forward_pairs": by_hand.unweighted.total(),
        "total_weighted_count": 2 * by_hand.weighted.total(),
        "trace": 2 * sum(n for (a, b), n in by_hand.weighted.items() if a == b),
        "nonzero_cells": len({cell for a, b in by_hand.weighted for cell in ((a, b), (b, a))}),
    }
    assert {key: summary[key] for key in expected} == expected
    assert summary["vocabulary"] == {
        "size": V,
        "sha256_words_joined_by_newline": hashlib.sha256(joined).hexdigest(),
    }
    corpus = summary["corpus"]
    assert corpus["documents"] == len(by_hand.documents)
    assert corpus["tokens"] == sum(map(len, by_hand.documents))
    assert corpus["types"] == len({word for document in by_hand.documents for word in document})


def test_the_summary_has_the_counts_of_the_probe_pairs(
    summary: dict[str, Any], by_hand: ByHand
) -> None:
    probed = summary["probe_pairs"]
    assert len(probed) == 12
    assert None in probed.values() and any(probed.values())
    for pair, found in probed.items():
        first, second = pair.split()
        if not {first, second} <= set(by_hand.words):
            assert found is None, pair
            continue
        for name in ("weighted", "unweighted"):
            forward = getattr(by_hand, name)
            assert found[name] == forward[first, second] + forward[second, first], (pair, name)


def test_every_cell_is_counted_right(smoke: Path, by_hand: ByHand) -> None:
    counts = cooccurrence.load(smoke / STATIC / "cooccurrence.npz")
    assert np.array_equal(counts.dense(), by_hand.dense())


def test_the_summary_has_the_spectrum_of_mstar(summary: dict[str, Any], by_hand: ByHand) -> None:
    counted = by_hand.dense()
    occurrences = Counter(word for document in by_hand.kept for word in document)
    share = np.array([occurrences[word] for word in by_hand.words]) / occurrences.total()
    joint, independent = counted / counted.sum(), np.outer(share, share)
    mstar = 2 * (joint - independent) / (joint + independent)
    found = summary["mstar"]
    assert found["mean_square"] == pytest.approx((mstar**2).mean(), rel=1e-12)
    eigenvalues = np.linalg.eigvalsh(mstar)[::-1][:50]
    np.testing.assert_allclose(found["eigenvalues"], eigenvalues, rtol=1e-9)
    assert found["largest_residual"] < 1e-4 * eigenvalues[0]


def test_the_summary_asks_all_questions_within_the_vocabulary(
    smoke: Path, summary: dict[str, Any], by_hand: ByHand
) -> None:
    known = set(by_hand.words)
    asked: Counter[str] = Counter()
    category = ""
    questions = smoke / "resources" / "benchmarks" / "questions-words.txt"
    for line in questions.read_text(encoding="utf-8").splitlines():
        if line.startswith(":"):
            category = line[1:].strip()
        else:
            asked[category] += set(line.lower().split()) <= known
    assert set(summary["scores"]) == {"d16"}
    scores = summary["scores"]["d16"]
    assert set(scores) == {
        "svd_mstar",
        "svd_mstar_kappa",
        "svd_prop2",
        "svd_ppmi",
        "svd_pmi",
        "gensim",
        "gensim_sum",
    }
    for model, benchmarks in scores.items():
        assert set(benchmarks) >= {"google", "wordsim353", "simlex999"}, model
        original = benchmarks["google"]["original"]
        for category, number in asked.items():
            assert original[category]["questions"] == number, (model, category)
            assert (original[category]["score"] is None) == (number == 0)


# --- outputs of every model ---


def test_every_run_has_its_trace_and_embedding(smoke: Path) -> None:
    traces = sorted((smoke / "results" / "smoke").rglob("trace.parquet"))
    trained = [path for path in traces if not re.search("svd_|gensim", str(path))]
    assert len(trained) == 15
    assert len(traces) - len(trained) >= 4  # svd(M*), svd(PPMI), svd(PMI), and svd(PPMI) at V = 400
    for path in traces:
        trace = pd.read_parquet(path)
        size, dim = (
            int(found[1]) for found in (re.search(rf"/{k}(\d+)", str(path)) for k in "vd") if found
        )
        values = [f"singular_value_{k}" for k in range(1, dim + 1)]
        strengths = [f"strength_{k}" for k in range(1, dim + 1)] if path in trained else []
        columns = ["time", "time_tau1", "loss", "analogy_accuracy", *values, *strengths]
        assert list(trace) == columns, path
        spectrum = trace[values].to_numpy()
        assert np.isfinite(spectrum).all() and (spectrum >= 0).all()
        assert (np.diff(spectrum, axis=1) <= 0).all(), path
        assert trace["analogy_accuracy"].between(0, 1).all()
        with np.load(path.with_name("embedding.npz")) as stored:
            assert stored["embedding"].shape == (size, dim)
            np.testing.assert_allclose(
                np.linalg.svd(stored["embedding"], compute_uv=False),
                spectrum[-1],
                rtol=1e-4,
                atol=1e-5 * spectrum[-1, 0],
            )
            if path not in trained:
                assert trace["time_tau1"].tolist() == [np.inf]
                continue
            assert stored["snapshots"].shape == (3, size, dim)
            assert stored["snapshot_times"].tolist() == [0.5, 1.3, 3.0]
            tau_1 = float(stored["taus"][0])
        times = trace["time_tau1"].to_numpy()
        assert times[0] == pytest.approx(0.3) and times[-1] == pytest.approx(30.0)
        assert len(times) == 40 + 3 and (np.diff(times) > 0).all()
        np.testing.assert_allclose(trace["time"], times * tau_1, rtol=1e-12)
        loss = trace["loss"].to_numpy()
        # A flow never raises its loss; the recursion is not one between its saddles.
        rise = 1e-3 if "saddles" in str(path) else 1e-5
        assert loss[0] <= 1 + 1e-6 and loss[-1] < loss[0] and (np.diff(loss) < rise).all(), path


@pytest.mark.parametrize("size", ["small", "large"])
def test_population_training_follows_the_exact_flow(smoke: Path, size: str) -> None:
    folder = smoke / DYNAMIC
    closed = pd.read_parquet(folder / f"exact_{size}" / "seed1" / "trace.parquet")
    trained = pd.read_parquet(folder / f"qwem_{size}" / "seed1" / "trace.parquet")
    np.testing.assert_allclose(trained["time"], closed["time"], rtol=1e-6)
    values = [name for name in closed if str(name).startswith("singular_value_")]
    difference = np.abs(trained[values].to_numpy() - closed[values].to_numpy()).max()
    share = difference / closed["singular_value_1"].iloc[-1]
    assert share <= 0.02
    losses = np.abs(trained["loss"] - closed["loss"]).max()
    assert losses <= 0.02
    table = pd.read_csv(smoke / "results" / "tables" / "smoke" / "agreement.tsv", sep="\t")
    stated = table[table["run"] == f"qwem_{size}"].set_index("quantity")["value"]
    assert stated["singular values"] == pytest.approx(share, rel=1e-3)
    assert stated["loss"] == pytest.approx(losses, rel=1e-3)
    assert stated["top-5 overlap with M*"] == pytest.approx(1, abs=0.01)


def test_the_same_seed_and_settings_give_the_same_bytes(smoke: Path, smoke_copy: Path) -> None:
    run = f"{DYNAMIC}/qwem_small/seed1"
    figure = "results/figures/smoke/fig2"
    made = [f"{run}/embedding.npz", f"{run}/trace.parquet"]
    made += [f"{figure}.{ending}" for ending in ("png", "pdf", "csv")]
    for name in made:
        (smoke_copy / name).unlink()
    done = run_snakemake(smoke_copy, f"{figure}.png", configfiles=(SMOKE,))
    assert done.returncode == 0, done.stdout
    for name in made:
        assert (smoke_copy / name).read_bytes() == (smoke / name).read_bytes(), name
