"""The configuration as captions read it, with the user's text escaped, so that it is no markup."""

from __future__ import annotations

import string
from collections.abc import Mapping
from typing import Any

# Characters that reStructuredText could read as part of markup or of an address.
MARKUP = str.maketrans({character: f"\\{character}" for character in string.punctuation})


def as_text(value: str) -> str:
    """Return reStructuredText that renders as ``value``, whatever characters it contains."""
    return value.strip().translate(MARKUP)


def caption_settings(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the validated configuration with the corpus name, its only free text, escaped.

    Captions read it as ``snakemake.config``, both in this report and in Snakemake's own.
    """
    return {**config, "corpus": as_text(config["corpus"])}
