"""``make bench``: time the project's main tasks against their alternatives in one run."""

from __future__ import annotations

import argparse
import importlib
import math
import platform
import sys
from pathlib import Path

import pandas as pd

from mstar.files.writing import UserError, atomic
from speed.harness import Context, Row

# In pipeline order; each module has ``rows(context)``.
PARTS = ("text", "counting", "spectra", "dynamics", "analogies", "vectors")
PARTS += ("large", "sampled", "population", "sparse")


def machine() -> str:
    """Return the processor, its number of cores and the memory of this machine."""
    model = platform.processor()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        for line in cpuinfo.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                model = line.partition(":")[2].strip()
                break
    return model or platform.machine()


def table(rows: list[Row]) -> pd.DataFrame:
    """Return the table of results, as printed and saved."""
    return pd.DataFrame(
        {
            "work": row.work,
            "baseline": row.baseline,
            "baseline_seconds": row.seconds[0],
            "seconds": row.seconds[1],
            "ratio": row.ratio,
            "target": row.target,
            "met": "" if math.isnan(row.target) else ("yes" if row.ratio >= row.target else "no"),
            "check": row.check,
            "note": row.note,
        }
        for row in rows
    )


def show(row: Row) -> str:
    target = "" if math.isnan(row.target) else f" (target {row.target:g})"
    beside = f", {row.baseline} {row.seconds[0]:.3g} s: {row.ratio:.3g} times{target}"
    lines = [
        f"{row.work}: {row.seconds[1]:.3g} s" + ("" if math.isnan(row.ratio) else beside),
        f"    check: {row.check}",
    ]
    return "\n".join([*lines, f"    {row.note}"] if row.note else lines)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m speed", description=__doc__)
    parser.add_argument("corpus", help="a corpus of config/corpora.yaml, or the path of a text")
    parser.add_argument("--only", choices=PARTS, nargs="+", default=PARTS, help="some parts")
    parser.add_argument("--documents", default=None, help="document rule of a text by path")
    parser.add_argument("--output", type=Path, help="a .tsv for the table")
    given = parser.parse_args(arguments)
    try:
        context = Context.of(given.corpus, given.documents)
        print(f"{context.corpus.title}; {context.threads} threads of {machine()}", flush=True)
        rows: list[Row] = []
        for part in given.only:
            for row in importlib.import_module(f"speed.{part}").rows(context):
                rows.append(row)
                print(show(row), flush=True)
                if given.output:
                    with atomic(given.output) as temporary:
                        table(rows).to_csv(temporary, sep="\t", index=False)
    except UserError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
