"""Malformed texts are read as docs/hostile-input.md says."""

from __future__ import annotations

import io
import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mstar.corpus import lost
from mstar.corpus.corpora import local_corpus
from mstar.corpus.encode import CorpusText, encode_corpus
from mstar.corpus.words import Convention
from mstar.files.writing import UserError
from mstar.running.job import logged
from tests.support.parts import assert_same, encode_parts, encode_whole
from tests.support.workflow import ROOT, SMOKE, run_snakemake
from tools import hostile_inputs
from tools.hostile_inputs import CASES, FILES, Case, markdown, outcome

# A tokenizer needs a file.
READ: tuple[Convention, ...] = ("text8", "paper", "unicode", "whitespace")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_becomes_of_a_text(case: Case, tmp_path: Path) -> None:
    assert outcome(tmp_path, case, "text8") == case.text8
    assert outcome(tmp_path, case, "unicode") == (case.unicode or case.text8)


@pytest.mark.parametrize("case", FILES, ids=lambda case: case.name)
def test_what_becomes_of_a_file(case: Case, tmp_path: Path) -> None:
    found = outcome(tmp_path, case, "text8")
    assert found == case.text8 and "\n" not in found


def test_the_page_of_hostile_texts_is_current() -> None:
    page = ROOT / "docs" / "hostile-input.md"
    assert page.read_text(encoding="utf-8") == markdown(), (
        "run: python -m tools.hostile_inputs > docs/hostile-input.md"
    )


def test_a_loss_is_told_in_the_log_and_on_the_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text, terminal = tmp_path / "t.txt", io.StringIO()
    text.write_text("word слово\n", encoding="utf-8")
    monkeypatch.setattr("sys.__stderr__", terminal)
    with logged(tmp_path / "log"):
        encode_corpus(CorpusText(local_corpus(text)))
    said = (tmp_path / "log").read_text(encoding="utf-8")
    assert said == terminal.getvalue()
    assert said == f"warning: {hostile_inputs.LOST.format('56%').removeprefix('warning: ')}\n"


@pytest.mark.parametrize("convention", READ)
def test_parts_of_a_text_lose_what_the_whole_does(tmp_path: Path, convention: Convention) -> None:
    folder = tmp_path / "texts"
    folder.mkdir()
    for name, text in (("a.txt", "one слово\xe9 Straße"), ("b.txt", "ещё 3\nстрока two straße")):
        (folder / name).write_bytes(text.encode() + b" \xff\n")
    corpus = local_corpus(folder, "line", convention)

    whole = encode_whole(corpus, tmp_path / "whole")
    parts = [[folder / name] for name in ("a.txt", "b.txt")]
    assert_same(encode_parts(corpus, parts, tmp_path / "parts"), whole)
    assert np.load(whole[1]).size > 2


def test_no_file_name_is_run_or_filled_in(sources: Path, tmp_path: Path) -> None:
    """Names contain characters that are special to shells, globs, formats and Snakemake."""
    directory = tmp_path / "copy"
    shutil.copytree(sources, directory)
    names = {"hard": "a $(touch pwned);'q\" [x]* & %s.txt", "braces": "a {V}.txt"}
    for layer, name in names.items():
        (directory / name).write_text("the cat\nthe dog\n", encoding="utf-8")
        (directory / f"{layer}.yaml").write_text(json.dumps({"corpus": name}), encoding="utf-8")
    target = "results/a-touch-pwned-q-x-s/tokens.npy"
    done = run_snakemake(directory, target, configfiles=(SMOKE, "hard.yaml"))
    assert done.returncode == 0, done.stdout
    assert np.load(directory / target).size == 4
    assert not (directory / "pwned").exists()
    done = run_snakemake(directory, "-n", configfiles=(SMOKE, "braces.yaml"))
    assert done.returncode != 0 and "Traceback" not in done.stdout
    assert "\ncorpus: a {V}.txt: Snakemake reads {...} and <...> otherwise" in done.stdout
    (directory / "latin").mkdir()
    (directory / "latin" / os.fsdecode(b"caf\xe9.txt")).write_text("the cat\n", encoding="utf-8")
    done = run_snakemake(directory, "-n", "--config", "corpus=latin", configfiles=(SMOKE,))
    assert done.returncode != 0 and "Traceback" not in done.stdout
    assert "\ncorpus: 'latin/caf\\udce9.txt': a name that is not UTF-8: rename" in done.stdout


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    data=st.one_of(
        st.binary(max_size=60),
        st.binary(max_size=30).map(lambda tail: b"\x1f\x8b\x08\0" + tail),
        st.binary(max_size=30).map(lambda tail: b"\xfd7zXZ\0" + tail),
        st.binary(max_size=30).map(lambda tail: b"\x28\xb5\x2f\xfd" + tail),
    ),
    ending=st.sampled_from(["", ".gz", ".xz", ".zst"]),
    convention=st.sampled_from(READ),
    rule=st.sampled_from(["line", "file", "fixed:3"]),
)
def test_any_file_is_read_or_refused_in_one_line(
    data: bytes, ending: str, convention: Convention, rule: str, tmp_path: Path
) -> None:
    path = tmp_path / f"t.txt{ending}"
    path.write_bytes(data)
    try:
        corpus = encode_corpus(CorpusText(local_corpus(path, rule, convention)))
    except UserError as error:
        assert len(str(error).splitlines()) == 1
        return
    assert corpus.counts.sum() == len(corpus.tokens) == corpus.document_offsets[-1]
    assert len(set(corpus.words)) == len(corpus.words)
    assert all(len(line.splitlines()) == 1 for line in lost.warnings(corpus, convention))
