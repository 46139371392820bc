"""Each rule's conda environment contains every package that its script imports, at any depth."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path

import pytest

from mstar.running.fingerprint import modules_of
from tests.support.rules import Rule, packages, rules
from tests.support.workflow import ROOT

PACKAGES = {"yaml": "pyyaml", "PIL": "pillow"}
# GPU builds of pytorch include triton.
ALWAYS = {"triton"}
# What the user's own Snakemake needs, as envs/README.md says; pydantic includes its core.
LAUNCHER = {"snakemake", "numpy", "pyarrow", "pydantic", "pydantic_core", "pyyaml", "jinja2"}


def scripts() -> list[tuple[Rule, str, Path]]:
    """Return each rule with a script, once for each environment that it may use."""
    return [
        (rule, environment, rule.script)
        for rule in rules().values()
        if rule.script
        for environment in rule.environments
    ]


def imported(tree: ast.AST) -> set[str]:
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def needed(script: Path, modules: Iterable[str] = ()) -> set[str]:
    """Return third-party packages that a script and its modules load, at any depth."""
    return through(imported(ast.parse(script.read_text())).union(modules), script)


def through(direct: set[str], *files_of: Path) -> set[str]:
    """Return third-party packages imported by files and by the project's modules they load."""
    root = ROOT / "workflow"
    files = set(files_of)
    for name in direct:
        path = root.joinpath(*name.split("."))
        if name.startswith("mstar") and (path.with_suffix(".py").is_file() or path.is_dir()):
            for module in modules_of(name):
                file = root.joinpath(*module.split("."))
                files.add(file / "__init__.py" if file.is_dir() else file.with_suffix(".py"))
    every = direct.union(*(imported(ast.parse(file.read_text())) for file in files))
    tops = {name.split(".")[0] for name in every} - set(sys.stdlib_module_names) - {"mstar"}
    return {PACKAGES.get(top, top) for top in tops} - ALWAYS


def test_every_rule_is_seen() -> None:
    assert {script for _, _, script in scripts()} == set((ROOT / "workflow/scripts").glob("*.py"))


@pytest.mark.parametrize(
    ("rule", "env", "script"), scripts(), ids=lambda value: getattr(value, "name", value)
)
def test_environment_is_enough(rule: Rule, env: str, script: Path) -> None:
    assert needed(script, rule.modules) <= set(packages(env)), rule.name


def test_the_distribution_requires_what_its_front_doors_import() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    listed = {re.split(r"[>=<]", line)[0] for line in project["dependencies"]}
    imports = through({"mstar.command", "mstar.library", "mstar.figures.prediction"})
    assert imports - {"pydantic_core", "llvmlite"} == listed  # parts of pydantic and numba


def test_what_the_rules_import_is_told() -> None:
    imports = set()
    for file in [ROOT / "Snakefile", *(ROOT / "workflow" / "rules").rglob("*.smk")]:
        lines = re.findall(r"^(?:import|from) .*", file.read_text(), re.MULTILINE)
        imports |= imported(ast.parse("\n".join(lines)))
    # Reading a dump, in a job of its own, needs one package more.
    assert through(imports) - {"mwparserfromhell"} == LAUNCHER
    told = (ROOT / "envs" / "README.md").read_text()
    assert all(re.search(rf"\b{name}\b", told) for name in LAUNCHER - {"pydantic_core", "jinja2"})
