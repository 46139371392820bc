"""The files of a text on disk, and how a change of them is detected."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from mstar.corpus.corpora import local_corpus
from mstar.files.writing import UserError
from mstar.settings.inputs import Text
from mstar.texts.places import left_out, outside, state_of, text_files


def state(path: Path | str) -> str:
    return state_of(path, text_files(path))


def test_another_date_or_size_or_file_is_another_state(tmp_path: Path) -> None:
    folder = tmp_path / "texts"
    folder.mkdir()
    for name in ("a.txt", "b.txt"):
        (folder / name).write_text("words")
        os.utime(folder / name, ns=(0, 10**18))
    for path in (folder, folder / "a.txt", f"{folder}/*.txt"):
        before = state(path)
        assert state(path) == before
        seen = {before}
        for date in (10**18 - 1, 10**18 + 1, 1):  # a nanosecond older or newer, and much older
            os.utime(folder / "a.txt", ns=(0, date))
            seen.add(state(path))
        os.utime(folder / "a.txt", ns=(0, 10**18))
        assert state(path) == before and len(seen) == 4
        (folder / "a.txt").write_text("word")
        os.utime(folder / "a.txt", ns=(0, 10**18))
        assert state(path) not in seen
        (folder / "a.txt").write_text("words")
        os.utime(folder / "a.txt", ns=(0, 10**18))
        os.utime(folder / "a.txt", ns=(10**18, 10**18))  # reading it is not a change
        assert state(path) == before
    for path in (folder, f"{folder}/*.txt"):
        before = state(path)
        shutil.copy2(folder / "a.txt", folder / "c.txt")
        more = state(path)
        (folder / "c.txt").rename(folder / "d.txt")
        assert len({before, more, state(path)}) == 3
        (folder / "d.txt").unlink()
        assert state(path) == before


def test_a_text_that_is_moved_whole_keeps_its_state(tmp_path: Path) -> None:
    (tmp_path / "one" / "sub").mkdir(parents=True)
    for name in ("a.txt", "sub/b.txt"):
        (tmp_path / "one" / name).write_text("words")
    for path in ("{}", "{}/a.txt", "{}/**/*.txt"):
        before = state(tmp_path / path.format("one"))
        (tmp_path / "one").rename(tmp_path / "two")
        assert state(tmp_path / path.format("two")) == before
        (tmp_path / "two").rename(tmp_path / "one")


def test_a_loop_of_links_counts_a_text_once(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "a.txt").write_text("words")
    (tmp_path / "in" / "b.txt").write_text("others")
    for name in ("up", "again"):  # two loops would be 2^40 paths
        (tmp_path / "in" / name).symlink_to("..")
    files = [tmp_path / "a.txt", tmp_path / "in" / "b.txt"]
    assert text_files(f"{tmp_path}/**/*.txt") == text_files(tmp_path) == files
    assert text_files(f"{tmp_path}/*/*/*.txt") == [tmp_path / "in" / "again" / "a.txt"]


def test_a_file_of_several_names_is_read_once(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "b.txt").write_text("words")
    os.link(tmp_path / "b.txt", tmp_path / "sub" / "a.txt")
    (tmp_path / "c.txt").symlink_to("b.txt")
    for path in (tmp_path, f"{tmp_path}/**/*.txt"):
        assert text_files(path) == [tmp_path / "b.txt"]
        assert len(left_out(path)) == 2 and outside(path, text_files(path)) == []


def test_links_to_elsewhere_are_told(tmp_path: Path) -> None:
    folder = tmp_path / "texts"
    folder.mkdir()
    for file in (tmp_path / "secret.txt", folder / "a.txt"):
        file.write_text(f"words of {file.name}")
    (folder / "b.txt").symlink_to("../secret.txt")
    for path in (folder, f"{folder}/*.txt"):
        text = Text(local_corpus(path), 1)
        assert [Path(file).name for file in text.files] == ["a.txt", "b.txt"]
        (line,) = text.warnings()
        assert f"{folder}/b.txt (-> {tmp_path}/secret.txt)" in line and "a.txt" not in line
    assert Text(local_corpus(folder / "b.txt"), 1).warnings() == []  # named by the user


@pytest.mark.parametrize("name", ["\x1b[2J.txt", "a\nb.txt", "\x9b31m.txt", "a\u2028.txt"])
def test_names_that_a_terminal_would_obey_are_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("words")
    with pytest.raises(UserError, match="a name with control characters") as error:
        Text(local_corpus(tmp_path), 1)
    assert str(error.value).isprintable()
