"""The time, memory and device of each job of a run, as measured by Snakemake."""

from __future__ import annotations

import re
from collections.abc import Set
from pathlib import Path

import pandas as pd

COLUMNS = ("job", "seconds", "peak_mb", "device")
SIZED = re.compile(r"(?:^|/)(v\d+-l\d+)(/d\d+)?(?=/|$)")
DEVICE = re.compile(r"^device: (.+)$", re.MULTILINE)


def cost_table(
    benchmarks: str | Path, logs: str | Path, corpus: str, folders: Set[str]
) -> pd.DataFrame:
    """Tabulate the jobs of a corpus and those that serve every corpus, longest first.

    Args:
        benchmarks: folder of the costs of one setting.
        logs: folder of its logs.
        corpus: name of the text.
        folders: folders, such as v1000-l16 and v1000-l16/d100, of the V, L and d of the study;
            jobs at others, which were made before its settings were changed, are left out.

    Returns:
        Columns: job (path below ``benchmarks``), seconds (wall clock), peak_mb (largest resident
        memory), device (from the last line "device: …" of the job's log, with the peak of GPU
        memory; else CPU). Unreadable files are skipped, since costs are informative only.
    """
    rows = []
    root = Path(benchmarks)
    for path in sorted([*(root / corpus).rglob("*.tsv"), *root.glob("*.tsv")]):
        try:
            measured = pd.read_csv(path, sep="\t").iloc[0]
            seconds, peak = float(measured["s"]), float(measured["max_rss"])
        except (OSError, ValueError, KeyError, IndexError):
            continue
        job = path.relative_to(root).with_suffix("")
        size = SIZED.search(job.as_posix())
        if size and not {size[1], size[1] + (size[2] or "")} <= folders:
            continue
        rows.append((str(job).removeprefix(f"{corpus}/"), seconds, peak, _device(logs, job)))
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return table.sort_values(["seconds", "job"], ascending=[False, True], ignore_index=True)


def _device(logs: str | Path, job: Path) -> str:
    try:
        text = (Path(logs) / job).with_suffix(".log").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return "CPU"
    named = DEVICE.findall(text)
    return named[-1] if named else "CPU"
