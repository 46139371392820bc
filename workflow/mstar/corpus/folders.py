"""The folder of results of a text: its name, and a note in it that identifies the text."""

from __future__ import annotations

import hashlib
import json
import os
import unicodedata
from pathlib import Path

from mstar.files.formats import COMPRESSED, TARS
from mstar.files.writing import FOLDERS, SETTINGS, UserError, atomic, printable
from mstar.texts.kinds import NAMES
from mstar.texts.places import is_glob

NOTE = "text.json"
# File systems allow names of 255 bytes, and `mstar.corpus.corpora.find_corpus` may add to one.
LONGEST_NAME = 200


def slug(path: str | Path) -> str:
    """Return a name for the results of the text at ``path``, from the last part of the path.

    Letters and digits of every script are kept, in lower case and NFC; other characters become "-".
    A name too long for a folder is cut, with a digest at its end to keep it unique.
    """
    place = Path(path)
    if is_glob(path):
        stem = str(path)
    else:
        stem = place.name or place.resolve().name
        for endings in ((*COMPRESSED, *TARS), NAMES):
            stem = next((stem.removesuffix(end) for end in endings if stem.endswith(end)), stem)
    name = folder_name(stem) or "text"
    content = name.encode()
    if len(content) <= LONGEST_NAME:
        return name
    digest = hashlib.sha256(stem.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{content[:100].decode(errors='ignore').strip('-')}-{digest}"


def folder_name(text: str) -> str:
    """Return ``text`` in lower case with only letters, marks on them, digits and single "-"."""
    characters = []
    inside = False
    for character in unicodedata.normalize("NFC", text.lower()):
        kind = unicodedata.category(character)[0]
        inside = kind in "LN" or (kind == "M" and inside)
        characters.append(character if inside else " ")
    return "-".join("".join(characters).split())


def is_folder_name(name: str) -> bool:
    """Return whether ``name`` can be that of the results folder of a text, or of a setting."""
    taken = name in (*FOLDERS, SETTINGS)
    return name == folder_name(name) and not taken and 0 < len(name.encode()) <= LONGEST_NAME


def whose(path: str | Path) -> dict[str, str]:
    """Return what distinguishes the text at ``path`` from others of its name.

    Below the working folder this is its relative path, so that a project can be moved. Elsewhere it
    is its name and a digest of its absolute path, since results are shared and must not contain
    paths of a machine.
    """
    for place in (os.path.abspath(path), os.path.realpath(path)):
        inside = os.path.relpath(place)
        if inside.split(os.sep)[0] != os.pardir:
            return {"text": inside}
    digest = hashlib.sha256(place.encode("utf-8", "surrogateescape")).hexdigest()
    return {"text": os.path.basename(place) or place, "sha256_of_path": digest[:16]}


def write_note(folder: str | Path, path: str | Path) -> None:
    """Write a note in ``folder`` that its results are those of the text at ``path``."""
    with atomic(Path(folder) / NOTE) as temporary:
        temporary.write_text(json.dumps(whose(path)) + "\n", encoding="utf-8")


def check_folder(folder: str | Path, path: str | Path | None) -> None:
    """Check that ``folder`` does not hold results of a text other than that at ``path``.

    A path of None means the fetched corpus of the folder's name, which leaves no note.

    Raises:
        UserError: it holds results of another text.
    """
    folder = Path(folder)
    own = {} if path is None else whose(path)
    held = _held(folder, own)
    if held is None or held == own:
        return
    fetched = f"the corpus {folder.name}"
    elsewhere = " of another folder" if "sha256_of_path" in held else ""
    rename = "give this one a name of its own (name: NAME, make NAME=NAME), or " * bool(path)
    raise UserError(
        f"corpus: {path or fetched}: {folder} holds the results of another text, "
        f"{printable(held.get('text', fetched))}{elsewhere}: {rename}remove {folder}"
    )


def setting_folder(root: str, setting: str | None) -> str:
    """Return the folder of a setting in a folder of results, or of logs; None: the unnamed one."""
    return root if setting is None else f"{root}/{SETTINGS}/{setting}"


def named_settings(root: str | Path) -> list[str]:
    """Return the names of the settings that have a folder in a folder of results."""
    return sorted(place.name for place in Path(root, SETTINGS).glob("*") if place.is_dir())


def settings_with_results(root: str, corpus: str) -> list[str | None]:
    """Return the settings, the unnamed one (None) first, that have results of a text of their own.

    What all settings share (the text and the counts of its pairs) does not count.
    """
    settings = (None, *named_settings(root))
    return [each for each in settings if _has_results(Path(setting_folder(root, each)), corpus)]


def _has_results(folder: Path, corpus: str) -> bool:
    kinds = (kind for kind in FOLDERS if kind != "costs")
    below = (path for path in (folder / corpus).glob("v*-l*/*/") if path.name != "shards")
    return any((folder / kind / corpus).is_dir() for kind in kinds) or any(below)


def _held(folder: Path, own: dict[str, str]) -> dict[str, str] | None:
    """Return `whose` results are in a folder, or None if it has none or that is unknown."""
    note = folder / NOTE
    try:
        found = json.loads(note.read_text(encoding="utf-8"))
        return {key: str(found[key]) for key in ("text", "sha256_of_path") if key in found}
    except FileNotFoundError:
        pass
    except (OSError, ValueError, TypeError) as error:
        raise UserError(
            f"{note}: cannot be read ({error}): expected a note on which text {folder} is of; "
            f"delete it and run again"
        ) from None
    try:
        source = json.loads((folder / "corpus.json").read_text(encoding="utf-8"))["sources"][0]
        name = source.get("path")
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return None  # missing, or damaged, which jobs that read the file report
    if name is None:
        return {}
    # Without a note only the name of the text is known.
    return own if Path(own.get("text", "")).name == name else {"text": str(name)}
