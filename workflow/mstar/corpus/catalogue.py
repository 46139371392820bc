"""Read ``config/corpora.yaml``, the corpora known by name.

Every encoded corpus depends on `mstar.corpus.corpora`. This module is separate, so that an edit to
a message does not cause a text to be encoded again.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from mstar.corpus.corpora import Corpus
from mstar.files.mistakes import checked, key_text, shown
from mstar.files.writing import UserError, printable
from mstar.files.yaml_files import read_yaml


def load_corpora(path: str | Path) -> dict[str, Corpus]:
    """Return the corpora of ``corpora.yaml``, by name.

    Raises:
        UserError: one line for each mistake: file, corpus, key path, value, and what was expected.
    """
    entries = read_yaml(path)
    if not isinstance(entries, Mapping) or not entries:
        raise UserError(f"{path}: {shown(entries)}: expected names of corpora, each with settings")
    corpora: dict[str, Corpus] = {}
    wrong: list[str] = []
    for key, entry in entries.items():
        name = key_text(key)
        named = {**entry, "name": name} if isinstance(entry, Mapping) else entry
        corpus, lines = checked(Corpus, named)
        wrong += [f"{path}: {printable(name)}: {line}" for line in lines]
        if corpus is not None:
            corpora[name] = corpus
    if wrong:
        raise UserError("\n".join(wrong))
    return corpora
