"""The time, memory and device of each job of a run, as measured by Snakemake."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

COLUMNS = ("job", "seconds", "peak_mb", "device")
DEVICE = re.compile(r"^device: (.+)$", re.MULTILINE)


def cost_table(benchmarks: str | Path, logs: str | Path, corpus: str) -> pd.DataFrame:
    """Tabulate the jobs of a corpus and those that serve every corpus, longest first.

    Columns: job (path below ``benchmarks``), seconds (wall clock), peak_mb (largest resident
    memory), device (from the last line "device: …" of the job's log, with the peak of GPU memory;
    else CPU). Unreadable files are skipped, since costs are informative only.
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
