"""The comparison of two runs reports an error if there was nothing to compare."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.compare_results import main


def ran(folder: Path, **files: str) -> str:
    """Return a folder in which the workflow has left the given results."""
    for name, text in files.items():
        path = folder / "results" / f"{name}.tsv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return str(folder)


def test_folders_are_the_same_or_differ(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, same = ran(tmp_path / "one", a="1", b="2"), ran(tmp_path / "same", a="1", b="2")
    assert main([one, same]) == 0
    assert capsys.readouterr().out == "2 files: 0 differ\n"
    assert main([one, ran(tmp_path / "other", a="9", c="3")]) == 1
    said = "different: a.tsv\nmissing: b.tsv\nleft over: c.tsv\n2 files: 3 differ\n"
    assert capsys.readouterr().out == said


@pytest.mark.parametrize("readme", [False, True])
def test_a_folder_without_results_is_an_error(tmp_path: Path, readme: bool) -> None:
    one, empty = ran(tmp_path / "one", a="1"), tmp_path / "empty"
    (empty / "results").mkdir(parents=True)
    if readme:
        (empty / "results" / "README.md").write_text("")
    for given in ([str(empty), str(empty)], [one, str(empty)], [str(empty), one]):
        said = main(given)
        assert isinstance(said, str) and said.startswith(f"{empty}: no results there")
