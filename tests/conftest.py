"""Fixtures that run the workflow in copies of its sources: never where the user runs it."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.properties import pytest_runtest_makereport as pytest_runtest_makereport
from tests.support.workflow import SMOKE, copy_sources, run_snakemake


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what needs the smoke run, so that other workers have the rest to do meanwhile."""
    items.sort(key=lambda item: "smoke" not in getattr(item, "fixturenames", ()))


@pytest.fixture(scope="session")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sources in which nothing is ever made."""
    return copy_sources(tmp_path_factory.mktemp("sources"))


@pytest.fixture(scope="session")
def smoke(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy in which the smoke workflow has run; do not change it.

    It runs once, whichever of pytest's workers asks first.
    """
    base = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent  # each worker has a folder of its own in it
    directory, record = base / "smoke", base / "smoke.json"
    with (base / "smoke.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not record.exists():
            copy_sources(directory)
            done = run_snakemake(directory, "--benchmark-extended", configfiles=(SMOKE,))
            record.write_text(json.dumps([done.returncode, done.stdout]), encoding="utf-8")
    code, output = json.loads(record.read_text(encoding="utf-8"))
    assert code == 0, output
    return directory


@pytest.fixture
def smoke_copy(smoke: Path, tmp_path: Path) -> Iterator[Path]:
    """The finished smoke workflow, to be changed at will."""
    directory = tmp_path / "copy"
    shutil.copytree(smoke, directory)
    yield directory
    shutil.rmtree(directory)
