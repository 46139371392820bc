"""The files of a text on disk, and how a change of them is detected."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from mstar.texts.places import state_of, text_files


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
