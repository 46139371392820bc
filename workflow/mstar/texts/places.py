"""The text files that a path means, and their kinds by name."""

from __future__ import annotations

import difflib
import glob
import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

from mstar.files.formats import FORMATS, Format, format_of, unpacked
from mstar.files.writing import UserError, printable

UNSUPPORTED = (".7z", ".bz2", ".csv", ".json", ".pdf", ".pkl", ".rar", ".tar", ".tgz")
READABLE = (
    "a .txt or .jsonl file, plain or .gz, .xz or .zst, a .parquet or .zip file, or a folder or "
    "glob of one of these kinds, or of WikiExtractor output"
)


def is_glob(path: str | Path) -> bool:
    """Return whether ``path`` is a pattern of files (an existing path is never a pattern)."""
    return glob.has_magic(str(path)) and not Path(path).exists()


def text_files(path: str | Path) -> list[Path]:
    """Return the text files that ``path`` (a file, a folder, a glob) means, sorted by name.

    A folder is searched with its subfolders, without hidden files.

    Raises:
        UserError: there is no text file, or a file is of a kind that is not read.
    """
    place = Path(path)
    if is_glob(path):
        files = [each for each in _matches(path) if each.is_file()]
    elif place.is_dir():
        files = [each for each in _entries(place) if _is_text(each) and each.is_file()]
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
        if unpacked(each).suffix.lower() in UNSUPPORTED:
            named = printable(str(each))
            raise UserError(f"{named}: this kind of file is not read: expected {READABLE}")
        kinds.setdefault(format_of(each), each)
    if len(kinds) > 1:
        # A text may be present twice, inside and outside an archive.
        examples = ", ".join(printable(str(example)) for example in kinds.values())
        raise UserError(
            f"{path}: files of several kinds ({examples}): expected one kind; name it by a glob, "
            f"such as '{place}/*{next(iter(kinds.values())).suffix}'"
        )
    return files


def state_of(path: str | Path, files: Iterable[str | Path]) -> str:
    """Return 12 hexadecimal digits for the state on disk of ``files`` of the text at ``path``.

    The digest covers the name within the text, the size and the modification time (ns) of each
    file. It changes also if a file is replaced by an older one, but not if the text is moved.
    """
    base = Path(path)
    if is_glob(path):
        base = next(each for each in base.parents if not glob.has_magic(str(each)))
    elif not base.is_dir():
        base = base.parent
    digest = hashlib.sha256()
    for file in files:
        status = os.stat(file)
        digest.update(os.fsencode(os.path.relpath(file, base)))
        digest.update(f"\0{status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()[:12]


def left_out(path: str | Path) -> list[str]:
    """Return what `text_files` omits at ``path``: other files, dead links, links to folders.

    Hidden files are omitted on purpose and not listed.
    """
    place = Path(path)
    if is_glob(path):
        return [f"{each} (a link to nothing)" for each in _matches(path) if not each.exists()]
    left = []
    for each in _entries(place) if place.is_dir() else ():
        name = str(each.relative_to(place))
        if each.is_symlink() and not each.is_file():
            left.append(f"{name} (a link to {'a folder' if each.is_dir() else 'nothing'})")
        elif not each.is_dir() and not (_is_text(each) and each.is_file()):
            left.append(name)
    return left


def _matches(pattern: str | Path) -> list[Path]:
    """Return the paths that a glob matches, each once even if ``**`` matches it several times."""
    return sorted({Path(name) for name in glob.glob(str(pattern), recursive=True)})


def _entries(folder: Path) -> list[Path]:
    """Return the entries of a folder and its subfolders that are not hidden."""
    found = sorted(folder.rglob("*"))
    return [e for e in found if not any(p.startswith(".") for p in e.relative_to(folder).parts)]


def _is_text(path: Path) -> bool:
    return unpacked(path).suffix.lower() in FORMATS or format_of(path) == "wiki"


def _nearest(path: Path) -> str:
    """Return a hint naming the most similar entry of the folder that should hold ``path``."""
    if not path.parent.is_dir():
        return f" (there is no folder {path.parent} either)"
    names = [entry.name for entry in path.parent.iterdir()]
    near = difflib.get_close_matches(path.name, names, n=1)
    return f"; did you mean {path.parent / near[0]}?" if near else ""
