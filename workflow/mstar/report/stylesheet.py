"""The stylesheet that all pages share."""

from __future__ import annotations

from importlib.resources import files


def stylesheet() -> str:
    """Return the CSS source."""
    return files("mstar.report").joinpath("templates/page.css").read_text("utf-8")
