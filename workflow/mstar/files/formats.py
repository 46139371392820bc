"""Compressed files and archives by their first bytes, which a web page does not have."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

from mstar.files.writing import UserError, sha256_of

# Extensions and first bytes of compressed files; pzstd writes a skippable frame first.
COMPRESSED = {
    ".gz": (b"\x1f\x8b",),
    ".bz2": (b"BZh",),
    ".xz": (b"\xfd7zXZ\x00",),
    ".7z": (b"7z\xbc\xaf\x27\x1c",),
    ".zst": (b"\x28\xb5\x2f\xfd", *(bytes([first]) + b"\x2a\x4d\x18" for first in range(80, 96))),
}
TARS = {".tgz": ".gz", ".tbz2": ".bz2", ".tbz": ".bz2", ".txz": ".xz"}
_BEGINS = {
    **COMPRESSED,
    **{short: COMPRESSED[packed] for short, packed in TARS.items()},
    ".parquet": (b"PAR1",),
}
# Possessive, with each comment up to its own end, to avoid exponential backtracking.
_PAGE = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*|<!--(?:(?!-->).)*-->\s*)*+<(?:!doctype\s+html|html|head|body)\b",
    re.S,
)


def unpacked(path: Path) -> Path:
    """Return ``path`` without the extension of a compressed file; .tgz and the like become .tar."""
    suffix = path.suffix.lower()
    if suffix in TARS:
        return path.with_suffix(".tar")
    return path.with_suffix("") if suffix in COMPRESSED else path


def is_web_page(start: bytes) -> bool:
    """Return whether a file that begins with ``start`` is a web page."""
    return _PAGE.match(start.removeprefix(b"\xef\xbb\xbf")[:4096].lower()) is not None


def what_is_wrong(path: Path, name: str) -> str | None:
    """Return what is wrong with a file called ``name``, by its first and last bytes, or None."""
    with path.open("rb") as stream:
        start = stream.read(4096)
        stream.seek(-min(4, path.stat().st_size), 2)
        end = stream.read()
    suffix = Path(name).suffix
    if not start:
        return "it is empty"
    if suffix != ".html" and is_web_page(start):
        return "it is a web page"
    if suffix in (".zip", ".whl") and not zipfile.is_zipfile(path):
        return f"it is not a whole {suffix} file"
    begins = _BEGINS.get(suffix, (b"",))
    if not start.startswith(begins) or (suffix == ".parquet" and end not in begins):
        return f"it is not a whole {suffix} file"
    return None


def wrong_content(path: Path, name: str, sha256: str | None) -> str | None:
    """Return what is wrong with the content of a file called ``name``, or None.

    If ``sha256`` is None, only the kind of file is checked, by its name.
    """
    wrong = what_is_wrong(path, name)
    if sha256 is None:
        return wrong
    found = sha256_of(path)
    if found == sha256:
        return None
    why = wrong or "it has changed there, or is altered on the way"
    return f"its sha256 is {found}: {why}"


def verified(path: Path, sha256: str | None) -> str:
    """Return the sha256 of a file that was fetched, or placed by hand, after checking it.

    Raises:
        UserError: its content is wrong (see `wrong_content`).
    """
    if wrong := wrong_content(path, path.name, sha256):
        expected = f"with sha256 {sha256}" if sha256 else "of its kind"
        raise UserError(
            f"{path}: not the file that is published: expected one {expected}, but {wrong}; "
            "remove it to fetch it again, or place the right one there"
        )
    return sha256 or sha256_of(path)
