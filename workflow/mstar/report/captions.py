"""The configuration as captions read it: text of the user's is text there, and never markup."""

from __future__ import annotations

import string
from collections.abc import Mapping
from typing import Any

# Everything that reStructuredText could take for the beginning or end of markup, or for an address.
MARKUP = str.maketrans({character: f"\\{character}" for character in string.punctuation})


def as_text(value: str) -> str:
    """Return reStructuredText that reads as ``value``, whatever characters are in it."""
    return value.strip().translate(MARKUP)


def caption_settings(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the validated configuration with the name of the text, its only free text, escaped.

    Captions take it as ``snakemake.config``, in the report and in Snakemake's own alike.
    """
    return {**config, "corpus": as_text(config["corpus"])}
