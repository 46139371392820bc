"""The rules in the workflow's files, including those generated for each figure."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path
from typing import NamedTuple

import yaml

from mstar.corpus.corpora import Corpus
from mstar.settings.config import Config
from mstar.settings.figures import FIGURES
from mstar.settings.results import Results
from mstar.settings.study import Study
from tests.support.workflow import ROOT
from tools.pins import NAMES

SMK = sorted((ROOT / "workflow" / "rules").rglob("*.smk"))
# The two builds of torch; the configuration chooses one.
BUILDS = ("torch.yaml", "torch-cuda.yaml")


# The inputs of figures are the same in every study, apart from paths.
RESULTS = Results(Study(Config(), Corpus(name="any", title="Any", document_rule="line", path=".")))


WRITTEN = r"^(?:rule|checkpoint) (\w+):\n((?:[ \t].*\n|\n)+)"
LOOPED = r"^    rule:\n        name:\n            figure\.name\n((?:.*\n)+)"


class Rule(NamedTuple):
    """A rule: its file and its body, including the docstring."""

    name: str
    file: Path
    body: str

    @property
    def script(self) -> Path | None:
        """Return the path of its script."""
        found = re.search(r'^    script:\n\s+"(.+)"$', self.body, re.MULTILINE)
        return (self.file.parent / found[1]).resolve() if found else None

    @property
    def environments(self) -> list[str]:
        """Return the files in envs/ of which it uses one."""
        found = re.search(r'^    conda:\n\s+(?:"(.+)"|(TORCH))$', self.body, re.MULTILINE)
        if not found:
            return []
        return [Path(found[1]).name] if found[1] else list(BUILDS)

    @property
    def modules(self) -> list[str]:
        """Return the modules of the package that its script imports by name, such as a figure's."""
        if self.name not in FIGURES:
            return []
        figure = FIGURES[self.name]
        return [figure.module, *figure.loaders(RESULTS)]


def packages(env: str) -> dict[str, str]:
    """Return the versions that an environment's file asks for, by name on the package index."""
    content = yaml.safe_load((ROOT / "envs" / env).read_text(encoding="utf-8"))
    pairs = [re.fullmatch(r"(\S+) =([^=]+)(?:=\S+)?", line) for line in content["dependencies"]]
    assert all(pairs), env
    return {NAMES.get(match[1], match[1]): match[2] for match in pairs if match}


def rules() -> dict[str, Rule]:
    """Return every rule, by name."""
    found = {}
    for file in [ROOT / "Snakefile", *SMK]:
        text = file.read_text(encoding="utf-8")
        for name, body in re.findall(
            r"^(?:rule|checkpoint) (\w+):\n((?:[ \t].*\n|\n)+)", text, re.MULTILINE
        ):
            found[name] = Rule(name, file, body)
        looped = re.search(
            r"^    rule:\n        name:\n            figure\.name\n((?:.*\n)+)", text, re.M
        )
        if looped:
            body = textwrap.indent(textwrap.dedent(looped[1]), "    ")
            found |= {name: Rule(name, file, body) for name in FIGURES}
    return found
