"""How settings are given on the command line that was used, for messages about them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

from mstar.settings.config import Config

# Settings that make takes as variables.
VARIABLES = {
    "corpus": "CORPUS",
    "against": "AGAINST",
    "field": "FIELD",
    "reader": "READER",
    "name": "NAME",
    "documents": "DOCUMENTS",
    "normaliser": "NORMALISER",
    "vocabulary": "V",
    "window": "WINDOW",
    "dim": "DIM",
    "extras": "EXTRAS",
    "setting": "SETTING",
}
# The file in which make hands over its variables.
OF_MAKE = ".settings-*.yaml"


def by_make(files: Iterable[str | os.PathLike[str]]) -> bool:
    """Return whether make started the run, by the configuration files that Snakemake was given."""
    return any(Path(file).match(OF_MAKE) for file in files)


def with_commands(message: str, make: bool) -> str:
    """Return ``message`` with the way to set it after each line that begins with a setting."""
    return "\n".join(f"{line}{_command(line, make)}" for line in message.split("\n"))


def _command(line: str, make: bool) -> str:
    found = re.match(r"(?:config: )?([a-z_]\w*(?:\.\w+)*)(?:\[\d+\])*: (?!unknown key)", line)
    first, *rest = found[1].split(".") if found else [""]
    if first not in Config.model_fields:
        return ""
    if make and not rest and first in VARIABLES:
        return f" (make {VARIABLES[first]}=...)"
    value = "".join(f"{{{key}: " for key in rest) + "..." + "}" * len(rest)
    if make:
        return f" (make CONFIG=my.yaml, with {first}: {value} in that file)"
    given = f"{first}={value}"
    return f" (--config {given if not rest else repr(given)})"
