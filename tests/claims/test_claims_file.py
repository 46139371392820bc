"""``claims.yaml``: each mistake is reported in one line and stops Snakemake before it starts."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from mstar.claims.claims import Role, load_claims
from mstar.claims.measures import arguments_of_measures, measures_in
from mstar.corpus.catalogue import load_corpora
from mstar.files.writing import UserError
from tests.support.workflow import SMOKE, copy_sources, run_snakemake
from tools.config_mistakes import CLAIMS, CORPUS_ENTRIES, claim_entry, corpus_entry


@pytest.mark.parametrize(("change", "lines"), CLAIMS, ids=lambda value: str(value)[:50])
def test_a_wrong_claim_is_named(tmp_path: Path, change: dict[str, Any], lines: list[str]) -> None:
    file = tmp_path / "claims.yaml"
    file.write_text(yaml.safe_dump([claim_entry(change)]), encoding="utf-8")
    with pytest.raises(UserError) as error:
        load_claims(file)
    assert str(error.value).split("\n") == [f"{file}: {line}" for line in lines]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("a: 1", r"claims\.yaml: \{\"a\": 1\}: expected a list of claims$"),
        ("", r"claims\.yaml: null: expected a list of claims$"),
        ("- [", r"claims\.yaml: not YAML: while parsing"),
        ("- 2001-99-99", r"claims\.yaml: not YAML: month must be in"),
        ("- 5", r"claims\.yaml: claim 1: 5: expected a mapping of keys to values$"),
    ],
)
def test_a_file_that_is_no_list_of_claims(tmp_path: Path, text: str, complaint: str) -> None:
    file = tmp_path / "claims.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match=complaint) as error:
        load_claims(file)
    assert "\n" not in str(error.value)


def test_bytes_that_are_no_text_and_a_file_that_is_absent(tmp_path: Path) -> None:
    file = tmp_path / "claims.yaml"
    file.write_bytes(b"\xff")
    with pytest.raises(UserError, match="not YAML"):
        load_claims(file)
    file.unlink()
    with pytest.raises(UserError, match="cannot be read"):
        load_claims(file)


def test_arguments_are_read_from_the_source_of_a_measure(tmp_path: Path) -> None:
    (tmp_path / "other.py").write_text('Kind = Literal["a", "b"]\n')
    (tmp_path / "toy.py").write_text(
        "import no_such_package\n"
        "def toy(evidence: Evidence, kind: Kind, n: int, *, at: Array = 0) -> Measurement: ...\n"
        "def helper(evidence: Evidence) -> float: ...\n"
        "def _private(evidence: Evidence) -> Measurement: ...\n"
    )
    assert list(measures_in(tmp_path / "toy.py")) == ["toy"]
    ((name, model),) = arguments_of_measures(tmp_path).items()
    fields = model.model_fields
    assert name == "toy" and list(fields) == ["kind", "n", "at"]
    assert [field.is_required() for field in fields.values()] == [True, True, False]
    assert get_args(fields["kind"].annotation) == ("a", "b") and fields["n"].annotation is int


def test_an_argument_may_be_an_integer_where_a_number_is_asked(tmp_path: Path) -> None:
    file = tmp_path / "claims.yaml"
    entry = claim_entry({"measure": "late_growth", "arguments": {"role": "qwem", "after": 5}})
    file.write_text(yaml.safe_dump([entry]), encoding="utf-8")
    assert load_claims(file)[0].arguments == {"role": "qwem", "after": 5}
    assert "qwem" in get_args(Role)


VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=5),
        st.dates(),
        st.sampled_from(["package", "url", "d_eff", "[key]"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.one_of(st.text(max_size=5), st.integers(), st.none()), inner, max_size=3
        ),
    ),
    max_leaves=5,
)
OF_CLAIM = ["id", "where", "measure", "arguments", "relation", "expected", "scope", "[key]"]
OF_FILE = ["source", "urls", "members", "bytes", "sha256", "filename", "shards", "[key]"]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(OF_CLAIM), st.sampled_from(OF_FILE), VALUES)
def test_any_value_at_any_key_is_taken_or_refused_in_one_line_each(
    of_claim: str, of_file: str, value: Any
) -> None:
    for read, content in (
        (load_claims, [claim_entry({of_claim: value}), value]),
        (load_corpora, {"mine": corpus_entry({"file": {of_file: value}}), "other": value}),
        (load_corpora, {"mine": corpus_entry({"files": value})}),
    ):
        with tempfile.NamedTemporaryFile("w", suffix=".yaml", encoding="utf-8") as file:
            yaml.safe_dump(content, file, allow_unicode=True)
            file.flush()
            try:
                read(file.name)  # type: ignore[operator]
            except UserError as error:
                lines = str(error).split("\n")
                assert lines == str(error).splitlines()
                assert all(line.isprintable() and file.name in line for line in lines)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the sources whose claims and corpora a test may break."""
    return copy_sources(tmp_path_factory.mktemp("project"))


def complaints(project: Path, file: str, text: str) -> list[str]:
    """Return the last lines of a dry run with a changed file in ``config``."""
    path = project / "config" / file
    before = path.read_text(encoding="utf-8")
    path.write_text(text, encoding="utf-8")
    done = run_snakemake(project, "-n", configfiles=(SMOKE,))
    path.write_text(before, encoding="utf-8")
    assert done.returncode == 1 and "Traceback" not in done.stdout, done.stdout
    assert not (project / "results").exists()
    return [line.partition(f"/{file}: ")[2] for line in done.stdout.splitlines() if file in line]


def test_broken_claims_stop_snakemake_with_a_line_for_each_mistake(project: Path) -> None:
    entries = [{**claim_entry(change), "id": f"x.{i}"} for i, (change, _) in enumerate(CLAIMS)]
    expected = [
        line.replace("claim a.b: ", f"claim x.{i}: ")
        for i, (_, lines) in enumerate(CLAIMS)
        for line in lines
        if line.startswith("claim a.b: ")
    ]
    twice = claim_entry({})
    text = yaml.safe_dump([*entries, twice, twice])
    expected.append('claim a.b: id: "a.b": expected an id that no other claim has')
    assert len(expected) > 10 and complaints(project, "claims.yaml", text) == expected


@pytest.mark.parametrize(
    ("text", "complaint"),
    [("a: 1", '{"a": 1}: expected a list of claims'), ("- [", "not YAML: while parsing")],
)
def test_claims_that_are_no_list_stop_snakemake(project: Path, text: str, complaint: str) -> None:
    (line,) = complaints(project, "claims.yaml", text)
    assert line.startswith(complaint)


def test_broken_corpora_stop_snakemake_with_a_line_for_each_mistake(project: Path) -> None:
    corpora = {f"x{i}": corpus_entry(change) for i, (change, _) in enumerate(CORPUS_ENTRIES)}
    expected = [
        line.replace("mine: ", f"x{i}: ", 1)
        for i, (_, lines) in enumerate(CORPUS_ENTRIES)
        for line in lines
    ]
    assert complaints(project, "corpora.yaml", yaml.safe_dump(corpora, sort_keys=False)) == expected
