"""Lock, conda environments, their pins, Makefile and CI ask for the same versions."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.rules import packages
from tests.support.workflow import ROOT
from tools import pins

ENVS = ROOT / "envs"
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
ENVIRONMENTS = sorted(file.name for file in ENVS.glob("*.yaml"))
PINNED = sorted(file.name.split(".")[0] for file in ENVS.glob("*.pin.txt"))
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
CONDA_PYTHON = "3.12"
PLATFORMS = (("linux", "x86_64"), ("linux", "aarch64"), ("darwin", "arm64"))


def requirements(file: str) -> list[Requirement]:
    text = (ENVS / file).read_text(encoding="utf-8").replace("\\\n", "")
    lines = [re.split(r" --hash|(?:^|\s)#", line)[0].strip() for line in text.splitlines()]
    return [Requirement(line) for line in lines if line]


def versions(found: list[Requirement]) -> dict[str, str]:
    return {canonicalize_name(each.name): str(each.specifier).lstrip("=") for each in found}


LOCKED = versions(requirements("requirements.lock"))
ASKED = versions(requirements("requirements.in"))


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("platform", PLATFORMS, ids="-".join)
def test_the_lock_has_one_version_of_each_package(python: str, platform: tuple[str, str]) -> None:
    environment = {
        "python_version": python,
        "python_full_version": f"{python}.0",
        "sys_platform": platform[0],
        "platform_machine": platform[1],
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
    }

    def here(file: str) -> list[Requirement]:
        every = requirements(file)
        return [each for each in every if not each.marker or each.marker.evaluate(environment)]

    names = [canonicalize_name(each.name) for each in here("requirements.lock")]
    asked = {canonicalize_name(each.name) for each in here("requirements.in")}
    assert len(names) == len(set(names))
    assert asked - set(names) == {"torch"}  # whose wheel differs between machines
    assert ("gensim" in names) == (python != "3.14")
    assert not [name for name in names if name.startswith(("nvidia", "cuda", "triton"))]


def test_every_locked_package_has_hashes() -> None:
    text = (ENVS / "requirements.lock").read_text(encoding="utf-8")
    entries = re.findall(r"^[a-z0-9][^\n]*==(?:[^\n]*\\\n)+[^\n]*", text, re.MULTILINE)
    assert len(entries) == len(LOCKED)
    assert all(re.search(r"--hash=sha256:[0-9a-f]{64}$", entry) for entry in entries)


def test_the_lock_is_of_the_requirements() -> None:
    assert {name: LOCKED.get(name) for name in ASKED} | {"torch": ASKED["torch"]} == ASKED
    assert f"TORCH ?= torch=={ASKED['torch']}\n" in MAKEFILE


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_conda_environments_have_the_versions_of_the_lock(env: str) -> None:
    content = yaml.safe_load((ENVS / env).read_text(encoding="utf-8"))
    assert set(content) == {"channels", "dependencies"}
    assert content["channels"] == ["conda-forge"]
    listed = packages(env)
    assert listed.pop("python") == CONDA_PYTHON
    listed.pop("pip", None)  # without conda, pip is the version that the venv was made with
    expected = {**LOCKED, "torch": ASKED["torch"]}
    assert listed == {name: expected[canonicalize_name(name)] for name in listed}


@pytest.mark.parametrize("env", PINNED)
def test_pins_have_what_their_environment_asks_for(env: str) -> None:
    pin = ENVS / f"{env}.linux-64.pin.txt"
    lines = pin.read_text("ascii").splitlines()
    urls = lines[lines.index("@EXPLICIT") + 1 :]
    pinned, listed = pins.packages(pin), packages(f"{env}.yaml")
    assert len(urls) == len(set(urls)) > 100 and all(map(pins.PACKAGE.fullmatch, urls))
    assert pinned["python"].startswith(f"{listed.pop('python')}.")
    assert {name: pinned.get(name.replace("_", "-")) for name in listed} == listed
    builds = {"torch": "cpu", "torch-cuda": "cuda"}
    if env in builds:
        (torch,) = [url for url in urls if "/pytorch-" in url]
        assert f"/pytorch-{listed['torch']}-{builds[env]}" in torch
        asked = f"pytorch ={listed['torch']}={builds[env]}*"
        assert f"  - {asked}\n" in (ENVS / f"{env}.yaml").read_text(encoding="utf-8")


def test_pins_have_the_versions_of_the_lock() -> None:
    each = {env: pins.packages(ENVS / f"{env}.linux-64.pin.txt") for env in PINNED}
    shared = {
        (env, name): version
        for env, found in each.items()
        for name, version in found.items()
        if name in LOCKED
    }
    assert len({name for _, name in shared}) > 40
    different = {name for (_, name), version in shared.items() if version != LOCKED[name]}
    assert different == set(pins.DIFFERENT)


def test_what_has_no_pin_is_told() -> None:
    told = (ENVS / "README.md").read_text(encoding="utf-8")
    assert {f"{name}.yaml" for name in PINNED} < set(ENVIRONMENTS)
    for env in set(ENVIRONMENTS) - {f"{name}.yaml" for name in PINNED}:
        assert re.search(rf"`{re.escape(env)}`[^|]*no pin", told), env


def test_the_same_pythons_are_named_everywhere(check: ModuleType) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["requires-python"] == ">=3.11,<3.15"
    named = [line.rsplit(" ", 1)[1] for line in project["classifiers"] if ":: 3." in line]
    matrix = yaml.safe_load((ROOT / ".github/workflows/test.yml").read_text(encoding="utf-8"))
    assert tuple(named) == PYTHONS
    assert tuple(matrix["jobs"]["test"]["strategy"]["matrix"]["python"]) == PYTHONS
    tried = re.search(r"for python in ([^;]+);", MAKEFILE)
    assert tried and tried[1].split() == [f"python{version}" for version in reversed(PYTHONS)]
    limits = [".".join(map(str, limit)) for limit in (check.OLDEST, check.NEWEST)]
    assert limits == [PYTHONS[0], PYTHONS[-1]]


@pytest.fixture
def check() -> ModuleType:
    spec = importlib.util.spec_from_file_location("check", ENVS / "check.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


HERE = {
    "python": (3, 13),
    "implementation": "CPython",
    "system": "Linux",
    "machine": "x86_64",
    "release": "2.36",
    "has": lambda name: True,
}
MAC = {"system": "Darwin", "machine": "arm64", "release": "15.1"}


@pytest.mark.parametrize(
    ("differs", "said"),
    [
        ({}, None),
        (MAC, None),
        ({"python": (3, 10)}, "Python 3.11 to 3.14 is needed, and this is CPython 3.10: make PY"),
        ({"python": (3, 15)}, "Python 3.11 to 3.14 is needed, and this is CPython 3.15: make PY"),
        ({"implementation": "PyPy"}, "Python 3.11 to 3.14 is needed, and this is PyPy 3.13"),
        ({"system": "Windows", "machine": "AMD64"}, "this is Windows (AMD64): use another machine"),
        (MAC | {"machine": "x86_64"}, "and this is Darwin (x86_64): use another machine"),
        (MAC | {"release": "13.7.1"}, "macOS 14.0 or newer is needed, and this is 13.7.1: use"),
        ({"release": "2.17"}, "glibc 2.28 or newer is needed, and this is 2.17: use a newer"),
        ({"release": ""}, "glibc 2.28 or newer is needed, and this is another C library: use"),
        ({"has": lambda name: name != "ensurepip"}, "apt install python3.13-venv, or make PYTHON="),
        ({"has": lambda name: name != "cc"}, None),
        (
            {"has": lambda name: name != "cc", "python": (3, 14)},
            "Python 3.14 needs a C compiler: apt install gcc libc6-dev, or make PYTHON=",
        ),
    ],
)
def test_what_cannot_be_installed_is_one_line(
    check: ModuleType, differs: dict[str, object], said: str | None
) -> None:
    line = check.fault(**(HERE | differs))
    assert line is None if said is None else said in line and "\n" not in line


def test_this_machine_can_install_the_lock() -> None:
    done = subprocess.run([sys.executable, ENVS / "check.py"], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("there", "taken"),
    [
        ({"python3.11", "python3.13"}, "python3.13"),
        ({"python3.12", "python3.11"}, "python3.12"),
        (set(), "python3"),
    ],
)
def test_make_takes_the_newest_python_that_runs(
    there: set[str], taken: str, tmp_path: Path, shim: Callable[[Path, bool], None]
) -> None:
    for version in PYTHONS:
        shim(tmp_path / f"python{version}", f"python{version}" in there)
    shim(tmp_path / "python3", True)
    done = subprocess.run(
        ["make", "--silent", "-f", ROOT / "Makefile", "-n", "lock"],
        cwd=tmp_path,
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
    )
    assert done.stdout.startswith(f"{taken} -m venv .venv-lock"), done.stdout + done.stderr


@pytest.fixture
def shim() -> Callable[[Path, bool], None]:
    """Return what writes a program that runs, or fails as pyenv's shims do."""

    def write(path: Path, runs: bool) -> None:
        path.write_text(f"#!/bin/sh\nexit {0 if runs else 127}\n", encoding="ascii")
        path.chmod(0o755)

    return write


def test_an_old_make_is_refused_in_one_line(tmp_path: Path) -> None:
    done = subprocess.run(
        ["make", "-f", ROOT / "Makefile", ".FEATURES=target-specific", "help"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode != 0 and "GNU make 3.82 or newer is needed" in done.stderr
    assert len(done.stderr.splitlines()) == 1
