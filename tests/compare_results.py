"""Are the results of two runs the same, byte for byte?  python tests/compare_results.py ONE OTHER

ONE and OTHER are folders of results. Files of both are compared, except those that tell how long
jobs took; exit code 1 if any differs or is in one of them only.
"""

from __future__ import annotations

import argparse
import filecmp
import sys
from collections import Counter
from pathlib import Path

# Durations differ from run to run, and the report prints them.
OF_THE_RUN = ("benchmarks", "report")


def results(folder: Path) -> set[Path]:
    """Files below ``folder``, by their paths in it, without those about the run itself."""
    found = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return {path for path in found if path.parts[0] not in OF_THE_RUN}


def differing(one: Path, other: Path) -> list[Path]:
    """Files that are not the same in both folders."""
    both = results(one) | results(other)
    _, different, missing = filecmp.cmpfiles(one, other, [str(path) for path in both], False)
    return sorted(Path(path) for path in (*different, *missing))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("one", type=Path)
    parser.add_argument("other", type=Path)
    given = parser.parse_args()
    different = differing(given.one, given.other)
    for path in different:
        print(path)
    files = results(given.one) | results(given.other)
    kinds = ", ".join(f"{n} {kind}" for kind, n in Counter(f.suffix for f in files).most_common())
    print(f"{len(files)} files ({kinds}): {len(different)} differ")
    return int(bool(different) or not files)


if __name__ == "__main__":
    sys.exit(main())
