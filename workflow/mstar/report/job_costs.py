"""What a run cost: the time, memory and device of each job, from what Snakemake measured."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

COLUMNS = ("job", "seconds", "peak_mb", "device")
DEVICE = re.compile(r"^device: (.+)$", re.MULTILINE)


def cost_table(benchmarks: str | Path, logs: str | Path, corpus: str) -> pd.DataFrame:
    """One row for each job of a corpus, longest first, and those that serve every corpus.

    Columns: job (its path below ``benchmarks``), seconds (wall clock), peak_mb (largest
    resident memory), device: what the job's log names in its last line "device: …", with the
    most memory of a GPU that it held, else CPU.
    A file that cannot be read is left out: costs are told, not relied on.
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
