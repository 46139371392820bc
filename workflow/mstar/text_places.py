"""Which files a path means, and what kind of text each is, by its name."""

from __future__ import annotations

import difflib
import glob
import re
from pathlib import Path
from typing import Literal

from mstar.files import UserError

Format = Literal["plain", "jsonl", "parquet", "wiki", "zip"]
FORMATS: dict[str, Format] = {
    ".txt": "plain",
    ".text": "plain",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".zip": "zip",
}
# Endings of compressed files, and how these begin.
COMPRESSED = {".gz": b"\x1f\x8b", ".xz": b"\xfd7zXZ\x00", ".zst": b"\x28\xb5\x2f\xfd"}
UNSUPPORTED = (".7z", ".bz2", ".csv", ".json", ".pdf", ".pkl", ".rar", ".tar", ".tgz")
READABLE = (
    "a .txt or .jsonl file, plain or .gz, .xz or .zst, a .parquet or .zip file, or a folder or "
    "glob of one of these kinds, or of WikiExtractor output"
)
_WIKI = re.compile(r"wiki_\d+")


def is_glob(path: str | Path) -> bool:
    """Say whether ``path`` names files by a pattern (an existing path is never a pattern)."""
    return glob.has_magic(str(path)) and not Path(path).exists()


def text_files(path: str | Path) -> list[Path]:
    """Return the text files that ``path`` (a file, a folder, a glob) means, sorted by name.

    A folder is searched with its subfolders, hidden files left out. Raises ``UserError`` if there
    is nothing, or if a file named is of a kind that is not read.
    """
    place = Path(path)
    if is_glob(path):
        names = glob.glob(str(path), recursive=True)
        found = sorted(Path(name) for name in names)
        files = [each for each in found if each.is_file()]
    elif place.is_dir():
        files = sorted(each for each in place.rglob("*") if _is_text(each.relative_to(place)))
        files = [each for each in files if each.is_file()]
    elif place.is_file():
        files = [place]
    elif place.exists():
        raise UserError(f"{path}: not a regular file: expected {READABLE}")
    else:
        raise UserError(f"{path}: no such file or folder: expected {READABLE}{_nearest(place)}")
    if not files:
        raise UserError(f"{path}: no text file there: expected {READABLE}")
    kinds: dict[Format, Path] = {}
    for each in files:
        if set(each.suffixes[-2:]) & set(UNSUPPORTED):
            raise UserError(f"{each}: this kind of file is not read: expected {READABLE}")
        kinds.setdefault(format_of(each), each)
    if len(kinds) > 1:
        # The same text may be there twice, in an archive and out of it.
        examples = ", ".join(str(example) for example in kinds.values())
        raise UserError(
            f"{path}: files of several kinds ({examples}): expected one kind; name it by a glob, "
            f"such as '{place}/*{next(iter(kinds.values())).suffix}'"
        )
    return files


def format_of(path: str | Path) -> Format:
    """The kind of text in a file, by its name; a name that says nothing means plain text."""
    path = Path(path)
    name = path.with_suffix("") if path.suffix in COMPRESSED else path
    if _WIKI.fullmatch(name.name):
        return "wiki"
    return FORMATS.get(name.suffix, "plain")


def _is_text(path: Path) -> bool:
    if any(part.startswith(".") for part in path.parts):
        return False
    name = path.with_suffix("") if path.suffix in COMPRESSED else path
    return name.suffix in FORMATS or format_of(name) == "wiki"


def _nearest(path: Path) -> str:
    """Return a hint naming the most similar entry of the folder that should hold ``path``."""
    if not path.parent.is_dir():
        return f" (there is no folder {path.parent} either)"
    names = [entry.name for entry in path.parent.iterdir()]
    near = difflib.get_close_matches(path.name, names, n=1)
    return f"; did you mean {path.parent / near[0]}?" if near else ""
