"""Provenance of results: settings, inputs, code, versions, machine, durations, disk space."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

import pandas as pd

from mstar.corpus.folders import setting_folder
from mstar.files.writing import FOLDERS, atomic
from mstar.machine.cores import usable
from mstar.running.fingerprint import ROOT, code_of, code_of_script, digest_of_files

REQUIREMENT = re.compile(r"^([\w.-]+)==(\S+)$", re.MULTILINE)


def without_places(value: Any) -> Any:
    """Return a configuration with absolute paths reduced to file names, for privacy."""
    if isinstance(value, Mapping):
        return {key: without_places(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [without_places(item) for item in value]
    if isinstance(value, str) and value.startswith(("/", "~")):
        return f".../{Path(value).name}"
    return value


def inputs(paths: Iterable[str | Path]) -> list[dict[str, Any]]:
    """Return path, bytes and sha256 of each file; absolute paths are reduced to file names."""
    found = []
    for path in map(Path, paths):
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        size = path.stat().st_size
        found.append({"file": without_places(path.as_posix()), "bytes": size, "sha256": digest})
    return found


def code(root: Path = ROOT) -> dict[str, Any]:
    """Return fingerprints of scripts, figures and rules, each with what it imports, and of all.

    Code that differs in comments, docstrings or layout alone has the same fingerprint.

    Args:
        root: the folder ``workflow``.
    """
    scripts, figures = root / "scripts", root / "mstar" / "figures"
    parts = {
        "scripts": {path.stem: code_of_script(path, root) for path in sorted(scripts.glob("*.py"))},
        "figures": {
            path.stem: code_of(f"mstar.figures.{path.stem}", root)
            for path in sorted(figures.glob("[!_]*.py"))
        },
        "rules": digest_of_files(root.parent / "Snakefile", *sorted(root.rglob("*.smk"))),
    }
    together = json.dumps(parts).encode()
    return {"all": hashlib.sha256(together).hexdigest()[:12], **parts}


def versions(requirements: str) -> dict[str, dict[str, str | None]]:
    """Return the version required and the version installed of each pinned package.

    The installed version is None for a package missing from the environment of the current rule.
    """
    found = {}
    for name, asked in REQUIREMENT.findall(requirements):
        try:
            installed: str | None = metadata.version(name)
        except metadata.PackageNotFoundError:
            installed = None
        found[name] = {"asked": asked, "installed": installed}
    return found


def host() -> dict[str, Any]:
    """Describe this machine without names of machines or people."""
    pages, size = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "processor": _processor(Path("/proc/cpuinfo")),
        "cores": usable(),
        "memory_gb": round(pages * size / 2**30, 1),
        "python": platform.python_version(),
    }


def _processor(described: Path) -> str:
    try:
        named = re.search(r"^model name\s*:\s*(.+)$", described.read_text("utf-8"), re.MULTILINE)
    except OSError:
        named = None
    return named[1] if named else platform.processor() or "unknown"


def disk_use(
    results: str | Path, resources: str | Path, corpus: str, setting: str | None = None
) -> dict[str, int]:
    """Return the bytes of each existing folder of a corpus and of downloads, largest first.

    Args:
        results: folder of the results of one setting.
        resources: folder of downloads.
        corpus: name of the text.
        setting: name of the setting; None for the unnamed one.
    """
    root, downloads = Path(results), Path(resources)
    own, shown = root / corpus, setting_folder("results", setting)
    sizes = {f"{shown}/{corpus}/{place.name}/": _bytes(place) for place in _folders(own)}
    sizes[f"{shown}/{corpus}/ (its files)"] = sum(_size(path) for path in own.glob("*"))
    for kind in FOLDERS:
        sizes[f"{shown}/{kind}/{corpus}/"] = _bytes(root / kind / corpus)
    for place in (f"corpora/{corpus}", "benchmarks"):
        sizes[f"resources/{place}/"] = _bytes(downloads / place)
    ordered = sorted(sizes.items(), key=lambda item: (-item[1], item[0]))
    return {place: size for place, size in ordered if size}


def _folders(place: Path) -> list[Path]:
    return [path for path in place.glob("*") if path.is_dir()]


def _bytes(place: Path) -> int:
    return sum(_size(path) for path in place.rglob("*"))


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() and not path.is_symlink() else 0


def gather(
    corpus: Mapping[str, Any],
    config: Mapping[str, Any],
    read: Iterable[str | Path],
    requirements: str,
    jobs: pd.DataFrame,
    disk: Mapping[str, int],
) -> dict[str, Any]:
    """Collect the provenance of a run as values for JSON.

    Args:
        corpus: content of ``corpus.json``.
        config: the validated configuration.
        read: input files.
        requirements: pinned packages, one a line.
        jobs: columns of `mstar.report.job_costs.COLUMNS`.
        disk: from `disk_use`.
    """
    return {
        "corpus": dict(corpus),
        "recorded": datetime.now(UTC).isoformat(timespec="seconds"),
        "host": host(),
        "inputs": inputs(read),
        "code": code(),
        "versions": versions(requirements),
        "config": without_places(config),
        "disk": {"folders": dict(disk), "bytes": sum(disk.values())},
        "seconds": round(float(jobs["seconds"].sum()), 1),
        "jobs": jobs.to_dict("records"),
    }


def write(path: str | Path, record: Mapping[str, Any]) -> None:
    """Write the provenance record to ``path`` as JSON."""
    text = json.dumps(record, indent=1, ensure_ascii=False)
    with atomic(path) as temporary:
        temporary.write_text(f"{text}\n", encoding="utf-8")
