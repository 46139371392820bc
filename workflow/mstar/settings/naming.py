"""Named settings: where their results are, and what they share with the others.

All settings of a text share its encoded words and the counts of its pairs, which are in the folder
of the text. A change of what these depend on would make them again under the results of the other
settings, so it is refused while there are any.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from mstar.corpus.corpora import Corpus
from mstar.corpus.folders import setting_folder, settings_with_results
from mstar.files.mistakes import shown
from mstar.files.writing import UserError, atomic, printable
from mstar.settings.config import Config

NOTE = "shared.json"
# Files that show that a job encodes a text, or counts its pairs.
SHARED = ("tokens.npy", "vocabulary.tsv", "cooccurrence.npz")


def check_setting(root: str, setting: str | None) -> None:
    """Check that nothing else is where the results of a setting go.

    Args:
        root: folder of all results.
        setting: name of the setting; None for the unnamed one.

    Raises:
        UserError: there is a file of its name, or a folder with files that are no setting's.
    """
    if setting is None:
        return
    folder = Path(setting_folder(root, setting))
    if folder.is_dir():
        others = sorted(path.name for path in folder.iterdir() if not path.is_dir())
    else:
        others = [folder.name] if os.path.lexists(folder) else []
    if others:
        raise UserError(
            f"setting: {setting}: {folder} is not that of a setting, since {printable(others[0])}"
            " is a file: choose another name, or move the file away"
        )


def shared_settings(
    config: Config, corpus: Corpus, known: bool, counted: bool = True
) -> dict[str, Any]:
    """Return the settings on which the encoded text and the counts depend, by key.

    Args:
        config: the configuration.
        corpus: the text.
        known: whether the text is a named corpus, whose entry has the settings of its words.
        counted: whether its pairs are counted, and not only its words read for a comparison.
    """
    given: dict[str, Any] = {}
    if counted:
        given |= config.model_dump(mode="json", include={"out_of_vocabulary", "shards"})
    if not known:
        given |= {
            "documents": corpus.document_rule,
            "normaliser": corpus.normaliser,
            "deduplicate": corpus.deduplicate,
            "field": config.field or "text",
            "reader": config.reader,
        }
        words = corpus.words.model_dump(mode="json").items()
        given |= {f"words.{key}": _without_place(value) for key, value in words}
    return given


def _without_place(value: Any) -> Any:
    """Return a value, the path of a file outside the working folder without its folder."""
    return Path(value).name if isinstance(value, str) and value.startswith(("/", "~")) else value


def check_shared(
    root: str, corpus: str, setting: str | None, wanted: Mapping[str, Any], known: bool
) -> None:
    """Check that a run leaves what other settings share with it as it is.

    Args:
        root: folder of all results.
        corpus: name of the text.
        setting: name of the setting; None for the unnamed one.
        wanted: from `shared_settings`.
        known: whether the text is a named corpus.

    Raises:
        UserError: there are results of other settings, and one of these settings differs from
            those with which the text was encoded and counted.
    """
    others = [each for each in settings_with_results(root, corpus) if each != setting]
    made = _recorded(Path(root, corpus, NOTE)) if others else {}
    for key, value in wanted.items():
        if made.get(key, value) != value:
            whose = ", ".join(each or "without a name" for each in others)
            rename = "add an entry of another name to config/corpora.yaml"
            if not known:
                rename = "give this text a name of its own (name: NAME, make NAME=NAME)"
            raise UserError(
                f"{key}: {shown(value)}: {root}/{corpus} was encoded and counted with"
                f" {shown(made[key])}, and results of other settings rest on it ({whose}):"
                f" {rename}, or leave {key} as it was"
            )


def record_shared(
    root: str, corpus: str, outputs: Iterable[str], settings: Mapping[str, Any]
) -> None:
    """Write shared settings into the folder of a text if jobs encode it or count its pairs.

    Args:
        root: folder of all results.
        corpus: name of the text.
        outputs: files that the jobs of a run will make.
        settings: from `shared_settings`.
    """
    folder = Path(root, corpus)
    recorded = _recorded(folder / NOTE)
    made = {**recorded, **settings}
    shared = any(path.name in SHARED and folder in path.parents for path in map(Path, outputs))
    if shared and made != recorded:
        folder.mkdir(parents=True, exist_ok=True)
        with atomic(folder / NOTE) as temporary:
            text = json.dumps(made, indent=1, ensure_ascii=False)
            temporary.write_text(f"{text}\n", encoding="utf-8")


def _recorded(note: Path) -> dict[str, Any]:
    """Return the settings in a note; none if it is missing, as in results of earlier versions."""
    try:
        found = json.loads(note.read_text(encoding="utf-8"))
        return dict(found)
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError):
        raise UserError(
            f"{note}: cannot be read: expected the settings with which {note.parent} was encoded"
            " and counted; delete it and run again"
        ) from None
