"""Settings that make takes from its command line, and from no other place."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from mstar.training import word2vec_format
from tests.support.workflow import ROOT, copy_sources, offline

MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
VARIABLES = ("CORPUS", "DOCUMENTS", "NORMALISER", "V", "WINDOW", "DIM", "EXTRAS", "SETTING")
VARIABLES += ("CONFIG", "CORES")
STUB = """#!/usr/bin/env python3
import json, sys
from pathlib import Path
with Path("asked.txt").open("a") as file:
    print(json.dumps(sys.argv[1:]), file=file)
"""


def make(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run make in ``folder``, without the variables of a make that runs these tests."""
    inherited = {key: value for key, value in offline().items() if not key.startswith("MAKE")}
    return subprocess.run(
        ["make", "--silent", "--assume-old=.venv/ready", *arguments],
        cwd=folder,
        env=inherited | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def written(folder: Path) -> dict[str, Any]:
    """Return the settings that make wrote; there is one file of them."""
    (file,) = (folder / "results").iterdir()
    settings: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return settings


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with the Makefile and a Snakemake that records its arguments."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "ready").touch()
    (tmp_path / ".venv" / "bin" / "snakemake").write_text(STUB, encoding="utf-8")
    python = f'#!/bin/sh\nPYTHONPATH={ROOT}/workflow exec {sys.executable} "$@"\n'
    (tmp_path / ".venv" / "bin" / "python").write_text(python, encoding="utf-8")
    for program in ("snakemake", "python"):
        (tmp_path / ".venv" / "bin" / program).chmod(0o755)
    return tmp_path


def asked(folder: Path) -> list[str]:
    """Return the arguments of the first call of Snakemake."""
    lines = (folder / "asked.txt").read_text(encoding="utf-8").splitlines()
    arguments: list[str] = yaml.safe_load(lines[0])
    return arguments


def test_every_variable_arrives(folder: Path) -> None:
    given = {
        "CORPUS": ("corpus", "my text.txt"),
        "DOCUMENTS": ("documents", "fixed:500"),
        "NORMALISER": ("normaliser", "unicode"),
        "V": ("vocabulary", "300"),
        "WINDOW": ("window", "4"),
        "DIM": ("dim", "8"),
        "EXTRAS": ("extras", "[]"),
        "SETTING": ("setting", "k5"),
    }
    arguments = [f"{name}={value}" for name, (_, value) in given.items()]
    (folder / "my layer.yaml").touch()
    make(folder, "run", *arguments, "CONFIG=my layer.yaml", "CORES=2")
    # V is that of a comparison too.
    assert written(folder) == {**dict(given.values()), "comparison": {"vocabulary": "300"}}
    cores, two, option, layer, kept, *logger = asked(folder)
    assert logger == ["--logger", "progress"]
    assert (cores, two, option, layer) == ("--cores", "2", "--configfile", "my layer.yaml")
    assert re.fullmatch(r"results/\.settings-\d+\.yaml", kept)
    assert {*given, "CONFIG", "CORES"} == set(VARIABLES)
    for name in VARIABLES:
        assert re.search(rf"^#.*\b{name}=", MAKEFILE, re.MULTILINE), f"{name} is not documented"


def test_a_prediction_is_of_qwem_or_of_gensim(folder: Path) -> None:
    make(folder, "predict", "FOR=gensim", "V=300", "DIM=8")
    assert asked(folder)[-2:] == ["--", "predict_gensim"]
    own = {"vocabulary": "300", "dim": "8"}
    assert written(folder) == {**own, "comparison": {"vocabulary": "300"}, "dynamics": own}
    wrong = make(folder, "predict", "FOR=cbow")
    assert wrong.returncode != 0 and "FOR=cbow: expected qwem or gensim" in wrong.stdout
    assert len(wrong.stdout.splitlines()) == 1


def test_every_variable_is_planned_with(tmp_path: Path) -> None:
    copy_sources(tmp_path)
    shutil.copy(ROOT / "Makefile", tmp_path)
    given = ("DOCUMENTS=fixed:5000", "NORMALISER=unicode", "V=500", "WINDOW=4", "DIM=8")
    text = "CORPUS=tests/data/smoke.txt.xz"
    bin_ = f"BIN={Path(sys.executable).parent}"
    layer = "CONFIG=config/smoke.yaml"
    done = make(tmp_path, "plan", text, *given, "EXTRAS=[]", layer, "CORES=1", bin_)
    assert done.returncode == 0, done.stdout
    wrong = make(tmp_path, "plan", text, "V=few", layer, bin_)
    assert wrong.returncode != 0 and 'vocabulary: "few": expected an integer' in wrong.stdout


@pytest.mark.parametrize("more", [(), ("--environment-overrides",)])
def test_the_environment_decides_nothing(folder: Path, more: tuple[str, ...]) -> None:
    environment = dict.fromkeys((*VARIABLES, "PYTHON", "TORCH", "API", "BIN"), "2")
    make(folder, "run", "V=300", *more, **environment)
    assert written(folder) == {"vocabulary": "300", "comparison": {"vocabulary": "300"}}
    assert asked(folder)[0] == "--configfile" and asked(folder)[2:] == ["--logger", "progress"]
    shown = make(folder, "-n", "lock", "api", "--assume-new=envs/requirements.lock", **environment)
    assert re.search(r"^python3\S* -m venv .venv-lock", shown.stdout, re.MULTILINE)
    assert "'results/api'" in shown.stdout


@pytest.mark.parametrize(
    ("given", "line"),
    [
        ("corpus=a.txt", "unknown variable corpus: did you mean CORPUS?"),
        ("NORMALIZER=x", "unknown variable NORMALIZER: did you mean NORMALISER?"),
        ("K=5", "unknown variable K: expected one of CORPUS AGAINST FIELD READER NAME DOCUMENTS"),
        ("it's=5", "unknown variable it's: expected one of"),
        ("SETTINGS=k5", "unknown variable SETTINGS: did you mean SETTING?"),
        ("SETTING=", "SETTING is empty: expected a name, such as SETTING=k5"),
        ("NAME=", "NAME is empty: expected a name, such as NAME=mine"),
    ],
)
def test_an_unknown_or_empty_variable_is_refused_in_one_line(
    folder: Path, given: str, line: str
) -> None:
    done = make(folder, "run", "V=300", given)
    assert done.returncode != 0 and not (folder / "results").exists()
    assert line in done.stdout and len(done.stdout.splitlines()) == 1, done.stdout


def test_values_are_one_argument_each(folder: Path) -> None:
    (folder / "a b; touch ran").touch()
    make(folder, "run", "CORES=2; touch ran", "CONFIG=a b; touch ran")
    assert not (folder / "ran").exists()
    assert asked(folder)[:4] == ["--cores", "2; touch ran", "--configfile", "a b; touch ran"]
    (folder / ".venv" / "bin" / "python").write_text("#!/bin/sh\n", encoding="utf-8")
    assert make(folder, "api", "API=a b'c").stdout == "API pages: a b'c/index.html\n"


def test_settings_are_written_to_no_file_that_was_there(folder: Path) -> None:
    make(folder, "settings", "V=300")
    (kept,) = (folder / "results").iterdir()
    victim = folder / "victim"
    victim.write_text("mine", encoding="utf-8")
    kept.unlink()
    kept.symlink_to(victim)
    kept.with_name(f"{kept.name}.new").symlink_to(victim)
    make(folder, "settings", "V=300")
    assert not kept.is_symlink()
    kept.unlink()
    kept.symlink_to(folder)  # into which mv would move the settings
    make(folder, "settings", "V=300")
    assert victim.read_text(encoding="utf-8") == "mine"
    assert not kept.is_symlink() and "300" in kept.read_text(encoding="utf-8")


def test_results_that_are_a_link_are_cleaned(folder: Path) -> None:
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "README.md").touch()
    (elsewhere / "tokens.npy").touch()
    (folder / "results").symlink_to(elsewhere)
    assert make(folder, "clean-results").returncode == 0
    assert os.listdir(elsewhere) == ["README.md"]


def test_a_configuration_is_checked_before_snakemake_reads_it(folder: Path) -> None:
    (folder / "mine.yaml").write_text("__use_yte__: true\nwindow: 4\n", encoding="utf-8")
    done = make(folder, "plan", "CONFIG=mine.yaml")
    assert done.returncode != 0 and not (folder / "asked.txt").exists()
    assert "CONFIG: mine.yaml, line 1: __use_yte__: code in a configuration" in done.stdout


def test_a_configuration_that_is_not_there_is_one_line(folder: Path) -> None:
    done = make(folder, "plan", "CONFIG=no such.yaml")
    assert done.returncode != 0
    assert "CONFIG: no such.yaml: no such file\n" in done.stdout
    assert "Traceback" not in done.stdout and not (folder / "asked.txt").exists()


SUMMARY = """#!/bin/sh
case "$*" in *--summary*) printf '%s\\tok\\n' output_file "$MADE" "${MADE%bin}txt" ;; esac
"""


def test_vectors_are_loaded_by_the_line_that_make_prints(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / ".venv" / "bin" / "snakemake").write_text(SUMMARY, encoding="utf-8")
    made = "results/x/v3-l2/d2/svd_mstar/seed0/embedding.word2vec.bin"
    words = ["the", "cat", "sat"]
    (folder / made).parent.mkdir(parents=True)
    word2vec_format.write(folder / made, words, np.arange(6.0).reshape(3, 2))
    done = make(folder, "vectors", "V=3", "DIM=2", MADE=made)
    assert f"\n{made}\n{made[:-3]}txt\n" in done.stdout
    line = done.stdout.splitlines()[-1]
    monkeypatch.chdir(folder)
    found: dict[str, Any] = {}
    exec(line, found)
    assert found["vectors"].index_to_key == words and found["vectors"]["sat"].tolist() == [4, 5]


def test_the_explorer_is_found_and_commands_are_listed(folder: Path) -> None:
    (folder / ".venv" / "bin" / "snakemake").write_text(SUMMARY, encoding="utf-8")
    done = make(folder, "explorer", MADE="results/report/x/explorer.html")
    assert done.stdout == "\nExplorer: results/report/x/explorer.html\n"
    shown = make(folder, "help").stdout
    targets = re.findall(r"^([a-z][a-z-]+):", MAKEFILE, re.MULTILINE)
    assert {"vectors", "explorer", "list", "plan"} <= set(targets)
    for target in set(targets) - {"run", "settings"}:
        assert re.search(rf"^make {target} ", shown, re.MULTILINE), target


def test_a_vocabulary_of_the_factorisations_is_said_to_be_theirs(folder: Path) -> None:
    for given, said in (("V=300", True), ("DIM=9", True), ("WINDOW=3", False)):
        done = make(folder, "-n", "run", given)
        assert ("dynamics: {vocabulary: ..., dim: ...}" in done.stdout) == said
