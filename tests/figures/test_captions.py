"""Captions render with the configuration that they name."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import jinja2
import pytest
from docutils.core import publish_string

from tests.support.workflow import ROOT

REPORT = ROOT / "workflow" / "report"


@pytest.mark.parametrize("caption", sorted(path.name for path in REPORT.glob("*.rst")))
@pytest.mark.parametrize("figures", [True, False])
def test_captions_render(caption: str, figures: bool) -> None:
    """As Snakemake renders them: Jinja with one variable, then reStructuredText with no warning."""
    config: dict[str, Any] = {
        "corpus": "some-corpus",
        "vocabulary": 1234,
        "window": 5,
        "dim": 20,
        "dynamics": {"vocabulary": 321, "dim": 10},
    }
    if figures:
        config["figures"] = {
            "fig1": {"qwem": "qwem_small", "word2vec": "sgns_small"},
            "fig3a": {"words": 8, "candidates": 4000},
            "fig4": {"family": "gram7-past-tense"},
            "fig5": {"modes": 64},
            "fig6": {"dim": 256},
            "spectra": {"modes": 200, "fit_from": 10},
            "fig7": dict.fromkeys(("sgns", "quartic", "setting31", "qwem"), "some_run"),
        }
    template = jinja2.Template((REPORT / caption).read_text(), undefined=jinja2.StrictUndefined)
    snakemake = SimpleNamespace(config=config, wildcards={}, params={})
    text = template.render(snakemake=snakemake)
    assert "some-corpus" in text
    publish_string(text, writer="null", settings_overrides={"halt_level": 2, "report_level": 2})
