"""Captions render with the configuration that they name."""

from __future__ import annotations

from types import SimpleNamespace

import jinja2
import pytest
from docutils.core import publish_string

from mstar.settings.config import Config
from tests.support.workflow import ROOT

REPORT = ROOT / "workflow" / "report"


@pytest.mark.parametrize("caption", sorted(path.name for path in REPORT.glob("*.rst")))
def test_captions_render(caption: str) -> None:
    """As Snakemake renders them: Jinja with one variable, then reStructuredText with no warning."""
    config = {**Config().model_dump(mode="json"), "corpus": "some-corpus"}
    template = jinja2.Template((REPORT / caption).read_text(), undefined=jinja2.StrictUndefined)
    snakemake = SimpleNamespace(config=config, wildcards={}, params={})
    text = template.render(snakemake=snakemake)
    assert "some-corpus" in text
    publish_string(text, writer="null", settings_overrides={"halt_level": 2, "report_level": 2})
