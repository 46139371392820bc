"""A benchmark file named in the configuration is scored beside those that packages contain."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from mstar.corpus.vocabulary import read_vocabulary
from mstar.evaluation.benchmarks import BENCHMARKS
from mstar.evaluation.similarity import parse_judgements, similarity
from mstar.files.tables import read_table
from mstar.training.record import load_embedding
from tests.support.workflow import SMOKE, run_snakemake

MEN = "word1 word2 score\nman woman 45\nking queen 40\nnew old 21.5\none two 44\nof water 3\n"


def test_the_men_file_is_read_and_scored(smoke_copy: Path) -> None:
    (smoke_copy / "men.txt").write_text(MEN, encoding="utf-8")
    seed = smoke_copy / "results/smoke/v800-l16/d16/svd_mstar/seed0"
    target = seed / "evaluation.tsv"
    before = read_table(target)

    def run() -> str:
        wanted, given = str(target.relative_to(smoke_copy)), "benchmarks={men: men.txt}"
        done = run_snakemake(smoke_copy, wanted, "--config", given, configfiles=(SMOKE,))
        return done.stdout

    # Any file other than the published one is refused by name, before any output changes.
    said = run()
    assert "benchmark men: men.txt is not MEN_dataset_natural_form_full as published" in said
    assert "correct benchmarks.men" in said and read_table(target).equals(before)
    table = smoke_copy / "workflow/mstar/evaluation/benchmarks.py"
    published = table.read_text(encoding="utf-8")
    digest = hashlib.sha256(MEN.encode()).hexdigest()
    table.write_text(published.replace(BENCHMARKS["men"].sha256, digest), encoding="utf-8")
    said = run()
    assert target.is_file(), said
    scores = read_table(target)
    row = scores[scores["benchmark"] == "men"]
    embedding = load_embedding(seed / "embedding.npz")
    words = read_vocabulary(smoke_copy / "results/smoke/vocabulary.tsv")[0][: len(embedding)]
    found, pairs = similarity(embedding, words, parse_judgements(MEN, "MEN"))
    rho = found.value
    assert row["variant"].tolist() == ["spearman"] and row["questions"].tolist() == [pairs]
    assert pairs > 2 and row["score"].tolist() == [pytest.approx(rho, abs=1e-12)]
    rest = scores[scores["benchmark"] != "men"].reset_index(drop=True)
    assert rest.equals(before)
