"""Each rule's script imports everything it needs from its own environment alone.

Environments have the installed versions, which `test_environments` compares with envs/*.yaml. Each
is a venv whose packages are links to those that the YAML lists and to their requirements. Python
runs with -I, so the user's packages and variables are hidden.
"""

from __future__ import annotations

import ast
import importlib.metadata as metadata
import subprocess
import sys
import venv
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from mstar.running.fingerprint import modules_of
from tests.project.test_environments import imported, scripts
from tests.support.rules import packages
from tests.support.workflow import ROOT

# CUDA builds are not installed here; they differ only in the build of torch.
ENVIRONMENTS = sorted({env for _, env, _ in scripts()} - {"torch-cuda.yaml"})
# Required only by GPU builds of torch.
FOR_GPUS = ("mstar.training.sgd_cuda", "mstar.training.sgd_kernels")


def closure(names: set[str]) -> set[str]:
    """Return the installed distributions that ``names`` require, at any depth."""
    found: set[str] = set()
    waiting = set(names)
    while waiting:
        name = waiting.pop()
        found.add(name)
        for line in metadata.requires(name) or []:
            needed = Requirement(line)
            if needed.marker is None or needed.marker.evaluate({"extra": ""}):
                waiting |= {needed.name.lower()} - found
    return found


def link(distribution: str, folder: Path) -> None:
    """Link a distribution's files and folders into ``folder``."""
    files = metadata.files(distribution)
    assert files, distribution
    for name in {file.parts[0] for file in files} - {"..", "__pycache__"}:
        if not (folder / name).exists():
            (folder / name).symlink_to(str(metadata.distribution(distribution).locate_file(name)))


def listed(env: str) -> dict[str, str]:
    """Return the packages of an environment, apart from Python, and their versions."""
    return {name: version for name, version in packages(env).items() if name != "python"}


def loaded(script: ast.AST) -> list[str]:
    """Return the project's modules that a script loads, or can load while it runs."""
    found: set[str] = set()
    for name in imported(script):
        path = (ROOT / "workflow").joinpath(*name.split("."))
        if name.startswith("mstar") and (path.with_suffix(".py").is_file() or path.is_dir()):
            found |= set(modules_of(name))
    return sorted(found)


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_scripts_import_in_their_environment_alone(env: str, tmp_path: Path) -> None:
    venv.create(tmp_path, with_pip=False, symlinks=True)
    (site,) = (tmp_path / "lib").glob("python*/site-packages")
    for distribution in closure(set(listed(env))):
        link(distribution, site)
    own = [(script, rule.modules) for rule, each, script in scripts() if each == env]
    lines = [f"import sys; sys.path.insert(0, {str(ROOT / 'workflow')!r})"]
    lines += sorted({f"import {module}" for _, modules in own for module in modules})
    for script in sorted({script for script, _ in own}):
        tree = ast.parse(script.read_text())
        nodes = [each for each in ast.walk(tree) if isinstance(each, ast.Import | ast.ImportFrom)]
        lines += [ast.unparse(node) for node in nodes]
        lines += [f"import {module}" for module in loaded(tree) if module not in FOR_GPUS]
    # The version of pip depends on how the venv of these tests was made.
    versions = {name: version for name, version in listed(env).items() if name != "pip"}
    lines += [
        "import importlib.metadata as m, importlib.util as u",
        f"for name, version in {versions!r}.items():",
        "    assert m.version(name).split('+')[0] == version, (name, m.version(name))",
        "assert u.find_spec('snakemake') is None, 'the launcher is seen'",
        f"assert all(p.startswith((sys.base_prefix, {str(tmp_path)!r}, "
        f"{str(ROOT / 'workflow')!r})) for p in sys.path), sys.path",
    ]
    done = subprocess.run(
        [tmp_path / "bin" / "python", "-I", "-c", "\n".join(lines)],
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert done.returncode == 0, f"{env}: {done.stderr[-800:]}"


def test_a_missing_package_is_noticed(tmp_path: Path) -> None:
    """Control: in a venv without links, no import that the scripts need succeeds."""
    venv.create(tmp_path, with_pip=False, symlinks=True)
    python = tmp_path / "bin" / "python"
    done = subprocess.run([python, "-I", "-c", "import numpy"], capture_output=True, text=True)
    assert done.returncode != 0 and "No module named 'numpy'" in done.stderr
    assert subprocess.run([python, "-I", "-c", "import json"]).returncode == 0
    assert sys.prefix != sys.base_prefix, "these tests are run in a venv too"
