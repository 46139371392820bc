"""Property tests draw fixed examples in ``make test`` and new ones in ``make explore``."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.support.properties import decorator
from tests.support.workflow import ROOT

DRAWN = """
from pathlib import Path
import held
from hypothesis import given, settings, strategies as st

@settings(max_examples=500)
@given(st.integers())
def test_drawn(n):
    with Path("drawn.txt").open("a") as file:
        print(n, file=file)

def test_plain():
    Path("plain.txt").touch()
"""
FAILING = """
import pytest
from hypothesis import given, strategies as st

@pytest.mark.parametrize("size", [1])
@given(a=st.integers(), words=st.lists(st.text()))
def test_found(tmp_path_factory, size, a, words):
    assert a < 5 or len(words) < 2

@given(st.data())
def test_interactive(data):
    assert data.draw(st.integers()) < 4
"""


def run(folder: Path, text: str, *arguments: str) -> str:
    """Run a test file in a folder of its own, with the conftest of this project."""
    folder.mkdir(exist_ok=True)
    (folder / "test_drawn.py").write_text(text, encoding="utf-8")
    (folder / "conftest.py").write_text(
        f"import sys; sys.path[:0] = [{str(ROOT)!r}, {str(ROOT / 'workflow')!r}]\n"
        "from tests.conftest import pytest_runtest_makereport\n",
        encoding="utf-8",
    )
    command = [sys.executable, "-m", "pytest", "-q", "-c", "/dev/null", "--rootdir", "."]
    done = subprocess.run([*command, *arguments], cwd=folder, capture_output=True, text=True)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return done.stdout


def test_examples_are_the_same_every_time_and_new_when_exploring(tmp_path: Path) -> None:
    drawn = {}
    exploring = ("-m", "hypothesis", "--hypothesis-profile=explore")
    for name, constant, arguments in (
        ("one", 19890604, ()),
        ("other", 20110311, ()),  # the contents of other modules have no effect
        ("explored", 19890604, exploring),
    ):
        (tmp_path / name).mkdir()
        (tmp_path / name / "held.py").write_text(f"CONSTANT = {constant}\n", encoding="utf-8")
        run(tmp_path / name, DRAWN, *arguments)
        drawn[name] = (tmp_path / name / "drawn.txt").read_text(encoding="utf-8")
    assert drawn["one"] == drawn["other"] != drawn["explored"]
    plain = [name for name in drawn if (tmp_path / name / "plain.txt").exists()]
    assert plain == ["one", "other"]


def test_a_failing_example_is_printed_to_paste(tmp_path: Path) -> None:
    said = run(tmp_path, FAILING, "--hypothesis-profile=explore")
    assert "# above @given of test_drawn.py::test_found[1], imported from hypothesis\n" in said
    assert "\n@example(a=5, words=['', ''])\n" in said
    assert said.count("@example(") == 1
    assert "\n@reproduce_failure(" in said  # if the drawn value has no literal form


def test_a_decorator_holds_what_is_drawn_alone() -> None:
    call = "test(\n    path=<a path>,\n    text='a\\n    b=1',  # or any other\n    n=2,\n)"
    assert decorator(call, ("text", "n")) == "@example(text='a\\n    b=1', n=2)"
    assert decorator("test(\n    a=data(...),\n)", ("a",)) is None
    assert decorator("test(\n    a=<object>,\n)", ("a",)) is None
