"""Each rule's conda environment holds every package that its script imports, at any depth."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import pytest
import yaml

from mstar.running.fingerprint import modules_of

ROOT = Path(__file__).parents[2]
PACKAGES = {"yaml": "pyyaml", "PIL": "pillow"}
# The two builds of torch, of which the configuration chooses one.
BUILDS = {"torch.yaml": "pytorch-cpu", "torch-cuda.yaml": "pytorch-gpu"}
# Builds of pytorch for a GPU bring triton.
ALWAYS = {"triton"}
# What a Snakemake of one's own needs, as envs/README.md says; pydantic brings its core.
LAUNCHER = {"snakemake", "numpy", "pyarrow", "pydantic", "pydantic_core", "pyyaml"}
CONDA = r'conda:\s*(?:"([^"]+)"|torch_env\(\))'
RULE = re.compile(rf'^rule (\w+):.*?{CONDA}.*?script:\s*"([^"]+)"', re.S | re.M)


def rules() -> list[tuple[str, str, str]]:
    found = []
    for file in sorted((ROOT / "workflow" / "rules").rglob("*.smk")):
        for name, env, script in RULE.findall(file.read_text()):
            for one in [Path(env).name] if env else BUILDS:
                found.append((name, one, Path(script).name))
    return found


def imported(tree: ast.AST) -> set[str]:
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def needed(script: Path) -> set[str]:
    """Third-party packages that a script loads, through every module of ours."""
    return through(imported(ast.parse(script.read_text())), script)


def through(direct: set[str], *files_of: Path) -> set[str]:
    """Third-party packages among ``direct`` imports, in files, and in modules of ours they load."""
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
    scripts = {script for _, _, script in rules()}
    assert scripts == {file.name for file in (ROOT / "workflow" / "scripts").glob("*.py")}


@pytest.mark.parametrize(("rule", "env", "script"), rules())
def test_environment_is_enough(rule: str, env: str, script: str) -> None:
    content = yaml.safe_load((ROOT / "envs" / env).read_text())
    listed = {line.split()[0] for line in content["dependencies"]}
    if env in BUILDS:
        listed = {"torch" if name == BUILDS[env] else name for name in listed}
    assert needed(ROOT / "workflow" / "scripts" / script) <= listed, rule


def test_what_the_rules_import_is_told() -> None:
    imports = set()
    for file in [ROOT / "Snakefile", *(ROOT / "workflow" / "rules").rglob("*.smk")]:
        lines = re.findall(r"^(?:import|from) .*", file.read_text(), re.MULTILINE)
        imports |= imported(ast.parse("\n".join(lines)))
    assert through(imports) == LAUNCHER
    told = (ROOT / "envs" / "README.md").read_text()
    assert all(re.search(rf"\b{name}\b", told) for name in LAUNCHER - {"pydantic_core"})
