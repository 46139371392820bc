"""What docs/recipes.md shows is what happens."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import yaml

from mstar.corpus.corpora import Corpus
from mstar.settings.config import load
from mstar.settings.study import Study
from tests.support.workflow import ROOT, planned, run_snakemake

PAGE = (ROOT / "docs" / "recipes.md").read_text(encoding="utf-8")
(YAML,) = re.findall(r"<!-- recipe: my.yaml -->\n```yaml\n(.*?)```", PAGE, re.S)
(COMMAND,) = re.findall(r"<!-- recipe: command -->\n +(.*)", PAGE)


def test_figure_2_of_ones_own_has_the_settings_shown(sources: Path, tmp_path: Path) -> None:
    """A dry run makes the figure and no other, and its runs have the settings of the recipe."""
    (tmp_path / "my.yaml").write_text(YAML, encoding="utf-8")
    program, target, option, file = shlex.split(COMMAND)
    assert (program, option, file) == (".venv/bin/snakemake", "--configfile", "my.yaml")
    text = "corpus=tests/data/smoke.txt.xz"
    layers = (str(tmp_path / "my.yaml"),)
    jobs = planned(run_snakemake(sources, "-n", target, "--config", text, configfiles=layers))
    assert jobs["fig2"] == 1 and jobs["train_population"] == 4 and jobs["follow_closed_form"] == 2
    assert not [job for job in jobs if job.startswith("fig") and job != "fig2"]


def test_the_recipe_changes_every_run_of_figure_2() -> None:
    default = yaml.safe_load((ROOT / "config" / "config.yaml").read_text(encoding="utf-8"))
    mine = yaml.safe_load(YAML)
    for run, settings in mine["dynamics"].pop("runs").items():
        default["dynamics"]["runs"][run] |= settings
    default["dynamics"] |= mine.pop("dynamics")
    study = Study(
        load(default | mine), Corpus(name="any", title="", document_rule="line", path="-")
    )
    assert study.dynamic == (500, 50) and len(study.drawn) == 6
    inits = [study.settings_of(run)["init"] for run in study.drawn]
    assert inits == [0.3] * 3 + [1e-6] * 3
    assert {study.settings_of(run)["negative"] for run in study.drawn} == {5}
