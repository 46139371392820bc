"""Broken entries of the registries are reported before anything is made, each in one line."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mstar.dynamics.losses import LOSSES, Loss, Quartic
from mstar.figures import inputs
from mstar.report.captions import caption_settings
from mstar.settings.check import mistakes_of_figure, mistakes_of_losses
from mstar.settings.figures import ENTRIES, FIGURES, Figure, Reading, own
from tests.support.rules import RESULTS
from tests.support.workflow import ROOT, SMOKE, run_snakemake

CAPTIONS = caption_settings(RESULTS.study.config.model_dump(mode="json"))
FIG5 = FIGURES["fig5"]


def mistakes(figure: Figure, folder: Path = ROOT / "workflow") -> list[str]:
    return list(mistakes_of_figure(figure, RESULTS, CAPTIONS, folder))


@pytest.mark.parametrize("figure", ENTRIES, ids=list(FIGURES))
def test_every_entry_is_sound(figure: Figure) -> None:
    assert mistakes(figure) == []


def _reads(**changed: Any) -> Any:
    return lambda results: {**FIG5.reads(results), **changed}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": "Fig 5"}, 'name: "Fig 5": expected a name of lower-case letters'),
        ({"section": "What is learnt"}, 'did you mean "What is learned"?'),
        ({"picture": "jpg"}, 'picture: "jpg": expected one of png, gif'),
        ({"settings": own("fig55")}, "settings: AttributeError: 'Figures' object has no attribute"),
        ({"settings": lambda results: 3}, "expected a mapping of names to values"),
        ({"settings": lambda results: {"mode": 3}}, "mode: workflow/mstar/figures/fig5.py takes"),
        ({"settings": lambda results: {"mode": 3}}, 'did you mean "modes"?'),
        ({"reads": lambda results: {}}, "word2vec: workflow/mstar/figures/fig5.py needs it"),
        ({"reads": _reads(qwem="a path")}, "reads.qwem: expected a Reading with a kind"),
        ({"reads": _reads(extra=Reading(inputs.TABLE, "x"))}, "extra: workflow/mstar/figures/"),
        ({"name": "fig9"}, "module: workflow/mstar/figures/fig9.py: cannot be read"),
        ({"name": "fig9"}, "caption: workflow/report/fig9.rst: no such file"),
    ],
)
def test_a_mistake_in_an_entry_is_one_line(changes: dict[str, Any], message: str) -> None:
    found = mistakes(replace(FIG5, **changes))
    assert any(message in line for line in found), found
    assert not any("\n" in line for line in found)


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("mstar/figures/fig5.py", "def table(*, modes=1): ...\n", "no function draw"),
        ("mstar/figures/fig5.py", "def table(:\n", "cannot be read (invalid syntax"),
        ("report/fig5.rst", "**It.** {{ snakemake.config['corpsu'] }}", "'corpsu'"),
        ("report/fig5.rst", "**It.** {% if %}", "caption: workflow/report/fig5.rst:"),
        ("report/fig5.rst", "No bold sentence.", "expected a bold sentence"),
    ],
)
def test_a_mistake_in_a_module_or_caption_is_one_line(
    tmp_path: Path, file: str, text: str, message: str
) -> None:
    for part in ("mstar/figures/fig5.py", "report/fig5.rst"):
        (tmp_path / part).parent.mkdir(parents=True)
        shutil.copy(ROOT / "workflow" / part, tmp_path / part)
    assert mistakes(FIG5, tmp_path) == []
    (tmp_path / file).write_text(text, encoding="utf-8")
    found = mistakes(FIG5, tmp_path)
    assert any(message in line for line in found), found


def test_a_loss_that_is_not_whole_or_has_a_name_taken_is_named() -> None:
    assert mistakes_of_losses(list(LOSSES.values())) == []
    half = type("Half", (Loss,), {"name": "half", "gain": 1.0})
    second = type("Second", (Quartic,), {})
    found = mistakes_of_losses([half, Quartic, second])
    assert "loss Half: curvature: missing; see the class Loss" in found
    assert "loss quartic: two entries have this name" in found


def test_nothing_is_made_of_a_broken_registry(sources: Path, tmp_path: Path) -> None:
    project = Path(shutil.copytree(sources, tmp_path / "project"))
    entries = project / "workflow" / "mstar" / "settings" / "figures.py"
    text = entries.read_text(encoding="utf-8")
    text = text.replace('own("fig5")', 'own("fgi5")').replace('"fig8",\n', '"fig6",\n', 1)
    entries.write_text(text, encoding="utf-8")
    done = run_snakemake(project, configfiles=(SMOKE,))
    lines = [line for line in done.stdout.splitlines() if line.startswith("workflow/")]
    assert done.returncode != 0 and "Traceback" not in done.stdout
    assert any("figure fig5: settings: AttributeError" in line for line in lines), done.stdout
    assert any("figure fig6: two entries have this name" in line for line in lines), done.stdout
    assert not (project / "results").exists()
