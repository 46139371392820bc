"""The text files that a path means, and their state on disk."""

from __future__ import annotations

import difflib
import glob
import hashlib
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from mstar.files.writing import UserError, printable
from mstar.texts.kinds import named_kind, refusal, texts_among

READABLE = (
    "a .txt, .jsonl, .json, .csv, .tsv or MediaWiki .xml file, plain or .gz, .bz2, .xz, .zst or "
    ".7z, a .parquet, .zip or .tar file, or a folder or glob of one of these kinds, or of "
    "WikiExtractor output"
)


def is_glob(path: str | Path) -> bool:
    """Return whether ``path`` is a pattern of files (an existing path is never a pattern)."""
    return glob.has_magic(str(path)) and not Path(path).exists()


def text_files(path: str | Path) -> list[Path]:
    """Return the text files that ``path`` (a file, a folder, a glob) means, sorted by name.

    A folder is searched with its subfolders, without hidden files (see `texts_among`). Links to
    files are followed, links to folders only where a glob names them, and a file of several names
    counts once.

    Raises:
        UserError: there is no text file, or a file is of a kind that is not read.
    """
    place = Path(path)
    if is_glob(path):
        files = _once([each for each in _matches(path) if each.is_file()])
    elif place.is_dir():
        files = _once(texts_among(each for each in _entries(place) if each.is_file()))
    elif place.is_file():
        files = [place]
    elif place.exists():
        raise UserError(f"{path}: not a regular file: expected {READABLE}")
    else:
        raise UserError(f"{path}: no such file or folder: expected {READABLE}{_nearest(place)}")
    if not files:
        raise UserError(f"{path}: no text file there: expected {READABLE}")
    with suppress(OSError), files[0].open("rb") as first:  # reported when the file is read
        if what := refusal(first.read(8)):
            raise UserError(f"{printable(str(files[0]))}: {what}; expected {READABLE}")
    kinds: dict[str, Path] = {}
    for each in files:
        kinds.setdefault(named_kind(each) or "plain", each)
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
    base = _base(path)
    digest = hashlib.sha256()
    for file in files:
        status = os.stat(file)
        digest.update(os.fsencode(os.path.relpath(file, base)))
        digest.update(f"\0{status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()[:12]


def outside(path: str | Path, files: Iterable[Path]) -> list[str]:
    """Return which of the ``files`` of a folder or glob are links to files outside that folder.

    Each is a name with what it links to. A link that ``path`` itself names is not among them.
    """
    if not is_glob(path) and not Path(path).is_dir():
        return []
    base = _base(path).resolve()
    targets = ((each, each.resolve()) for each in files)
    return [
        f"{printable(str(each))} (-> {printable(str(target))})"
        for each, target in targets
        if not target.is_relative_to(base)
    ]


def left_out(path: str | Path) -> list[str]:
    """Return what `text_files` omits at ``path``: other files, dead links, links to folders.

    Further names of a file that it reads are among them. Hidden files are omitted on purpose and
    not listed.
    """
    place = Path(path)
    if is_glob(path):
        found = _matches(path)
        left = [f"{each} (a link to nothing)" for each in found if not each.exists()]
        return left + _further_names([each for each in found if each.is_file()])
    left = []
    entries = _entries(place) if place.is_dir() else []
    texts = set(texts_among(each for each in entries if each.is_file()))
    for each in entries:
        name = str(each.relative_to(place))
        if each.is_symlink() and not each.is_file():
            left.append(f"{name} (a link to {'a folder' if each.is_dir() else 'nothing'})")
        elif not each.is_dir() and each not in texts:
            left.append(name)
    return left + _further_names(sorted(texts))


def _base(path: str | Path) -> Path:
    """Return the folder in which `text_files` searches."""
    base = Path(path)
    if is_glob(path):
        return next(each for each in base.parents if not glob.has_magic(str(each)))
    return base if base.is_dir() else base.parent


def _matches(pattern: str | Path) -> list[Path]:
    """Return the paths that a glob matches, sorted; ``**`` follows no links, which may be loops."""
    base = _base(pattern)
    parts = Path(pattern).relative_to(base).parts
    if "**" not in parts:
        return sorted(map(Path, glob.glob(str(pattern))))
    hidden = any(part.startswith(".") for part in parts)
    found = base.glob("/".join((*parts, "*") if parts[-1] == "**" else parts))
    return sorted(each for each in set(found) if hidden or not _is_hidden(each.relative_to(base)))


def _once(files: list[Path]) -> list[Path]:
    """Return ``files`` without further names of the same file; that of the fewest folders stays."""
    first: dict[object, Path] = {}
    for each in sorted(files, key=lambda file: (len(file.parts), file)):
        status = each.stat()
        # A file system without numbers of files has 0 for all.
        same = (status.st_dev, status.st_ino) if status.st_ino else each
        first.setdefault(same, each)
    return sorted(first.values())


def _further_names(files: list[Path]) -> list[str]:
    kept = _once(files)
    return [f"{each} (a file that has another name here)" for each in files if each not in kept]


def _entries(folder: Path) -> list[Path]:
    """Return the entries of a folder and its subfolders that are not hidden."""
    found = sorted(folder.rglob("*"))
    return [each for each in found if not _is_hidden(each.relative_to(folder))]


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _nearest(path: Path) -> str:
    """Return a hint naming the most similar entry of the folder that should hold ``path``."""
    if not path.parent.is_dir():
        return f" (there is no folder {path.parent} either)"
    names = [entry.name for entry in path.parent.iterdir()]
    near = difflib.get_close_matches(path.name, names, n=1)
    return f"; did you mean {printable(str(path.parent / near[0]))}?" if near else ""
