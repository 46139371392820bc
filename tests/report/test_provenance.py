"""The record of a result's origin, and what `make clean` and `make clean-results` remove."""

from __future__ import annotations

import getpass
import hashlib
import json
import platform
import re
import shutil
import subprocess
from pathlib import Path

import pandas as pd
import pytest

from mstar.report import provenance
from mstar.report.job_costs import COLUMNS
from mstar.settings.config import Config
from mstar.settings.figures import FIGURES
from tests.support.workflow import ROOT


def test_absolute_paths_lose_their_folders() -> None:
    config = {"corpus": "/home/me/t.txt", "benchmarks": {"men": "~/MEN"}, "pairs": [["/a/b", "c"]]}
    assert provenance.without_places(config) == {
        "corpus": ".../t.txt",
        "benchmarks": {"men": ".../MEN"},
        "pairs": [[".../b", "c"]],
    }
    assert provenance.without_places({"corpus": "texts/t.txt"}) == {"corpus": "texts/t.txt"}
    config = Config().model_dump(mode="json")
    assert provenance.without_places(config) == config


def test_inputs_are_hashed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.txt").write_bytes(b"words")
    monkeypatch.chdir(tmp_path)
    digest = hashlib.sha256(b"words").hexdigest()
    assert provenance.inputs(["a.txt", tmp_path / "a.txt"]) == [
        {"file": file, "bytes": 5, "sha256": digest} for file in ("a.txt", ".../a.txt")
    ]


def test_the_code_has_a_fingerprint_by_script_and_figure(tmp_path: Path) -> None:
    whole = provenance.code()
    scripts = (ROOT / "workflow" / "scripts").glob("*.py")
    assert set(whole["scripts"]) == {path.stem for path in scripts}

    root = tmp_path / "workflow"
    shutil.copytree(ROOT / "workflow", root, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "Snakefile", tmp_path)
    with (root / "mstar" / "figures" / "fig2.py").open("a", encoding="utf-8") as module:
        module.write("UNUSED = 1\n")
    changed = provenance.code(root)
    assert changed["all"] != whole["all"] and changed["rules"] == whole["rules"]
    assert changed["scripts"] == whole["scripts"] and set(FIGURES) < set(whole["figures"])
    edited = changed["figures"].items() - whole["figures"].items()
    assert {name for name, _ in edited} == {"fig2"}


def test_versions_are_those_asked_for_and_those_here() -> None:
    found = provenance.versions("# none\nnumpy==1.0\nno-such-package==2.0\n")
    assert list(found) == ["numpy", "no-such-package"]
    assert found["numpy"]["asked"] == "1.0" and found["numpy"]["installed"] not in (None, "1.0")
    assert found["no-such-package"] == {"asked": "2.0", "installed": None}


def test_disk_use_is_that_of_the_corpus(tmp_path: Path) -> None:
    sizes = {
        "results/mine/tokens.npy": 10,
        "results/mine/v5-l2/mstar/spectrum.npz": 300,
        "results/mine/v5-l2/counts.npz": 50,
        "results/figures/mine/fig1.png": 7,
        "results/figures/other/fig1.png": 1000,
        "results/other/tokens.npy": 1000,
        "resources/corpora/mine/text.whl": 20,
        "resources/benchmarks/questions.txt": 3,
    }
    for name, size in sizes.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x" * size)
    assert provenance.disk_use(tmp_path / "results", tmp_path / "resources", "mine") == {
        "results/mine/v5-l2/": 350,
        "resources/corpora/mine/": 20,
        "results/mine/ (its files)": 10,
        "results/figures/mine/": 7,
        "resources/benchmarks/": 3,
    }
    assert provenance.disk_use(tmp_path / "none", tmp_path / "none", "mine") == {}
    own = tmp_path / "results/settings/k5"
    (own / "report/mine").mkdir(parents=True)
    (own / "report/mine/report.html").write_bytes(b"12")
    found = provenance.disk_use(own, tmp_path / "none", "mine", "k5")
    assert found == {"results/settings/k5/report/mine/": 2}


def test_the_record_is_plain_json(tmp_path: Path) -> None:
    jobs = pd.DataFrame([("draw", 1.5, 90.0, "CPU")], columns=list(COLUMNS))
    config = Config().model_dump(mode="json")
    record = provenance.gather({"name": "mine"}, config, [], "numpy==1.0\n", jobs, {"a/": 2})
    provenance.write(tmp_path / "p.json", record)
    assert json.loads((tmp_path / "p.json").read_text(encoding="utf-8")) == record
    assert record["host"]["cores"] >= 1 and record["host"]["memory_gb"] > 0
    assert (record["seconds"], record["disk"]) == (1.5, {"folders": {"a/": 2}, "bytes": 2})


def test_the_smoke_run_says_where_it_comes_from(smoke: Path) -> None:
    text = (smoke / "results/report/smoke/provenance.json").read_text(encoding="utf-8")
    record = json.loads(text)
    source = ROOT / "tests/data/smoke.txt.xz"
    assert record["inputs"][0] == {
        "file": "tests/data/smoke.txt.xz",
        "bytes": source.stat().st_size,
        "sha256": hashlib.sha256(source.read_bytes()).hexdigest(),
    }
    assert record["code"] == provenance.code()
    assert (record["corpus"]["name"], record["config"]["documents"]) == ("smoke", "line")
    assert {"encode_corpus", "v800-l16/decompose/mstar", "fig1", "movie", "explorer"} <= {
        job["job"] for job in record["jobs"]
    }
    assert record["disk"]["folders"]["results/smoke/v800-l16/"] > 1e6
    page = (smoke / "results/report/smoke/report.html").read_text(encoding="utf-8")
    assert record["code"]["all"] in page and record["inputs"][0]["sha256"] in page
    assert str(smoke) not in text and str(smoke) not in page
    assert not re.search(rf"\b({platform.node()}|{getpass.getuser()})\b", text)


def test_cleaning_takes_what_it_says_and_nothing_else(tmp_path: Path) -> None:
    shutil.copy(ROOT / "Makefile", tmp_path)
    kept = ["results/README.md", "resources/corpora/x/text.whl", "my texts/t.txt"]
    tools = [".venv/bin/x", ".pytest_cache/x", ".hypothesis/x"]
    made = ["results/.settings-1.yaml", "results/x/tokens.npy", "logs/a.log", ".snakemake/log/x"]
    for name in (*kept, *tools, *made):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name, encoding="utf-8")

    def after(target: str) -> set[str]:
        subprocess.run(["make", "-s", target], cwd=tmp_path, check=True)
        files = (path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file())
        return {str(path) for path in files} - {"Makefile"}

    assert after("clean-results") == {*kept, *tools}
    assert after("clean-results") == {*kept, *tools}
    assert after("clean") == set(kept)
    shutil.rmtree(tmp_path / "results")
    assert after("clean") == {*kept} - {"results/README.md"}
