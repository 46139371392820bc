"""Compare the results of two runs byte for byte:  python -m tools.compare_results ONE OTHER

ONE and OTHER are folders in which the workflow has run. Files that record job times, the settings
given to make, and the README are not compared. The exit code is 1 if any other file differs or
exists in only one folder, or if a folder holds no results.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import sys
from collections.abc import Sequence
from pathlib import Path

# Telling time, these differ between runs; and these are no results.
LEFT_OUT = re.compile(
    r"^(?:settings/[^/]+/)?costs/|/(?:provenance\.json|report\.html)$|^\.settings|^README\.md$"
)


def results(folder: Path) -> dict[str, str]:
    """sha256 of each result by its path, without those that hold times of jobs."""
    root = folder / "results"
    files = sorted(path for path in root.rglob("*") if path.is_file())
    named = {path.relative_to(root).as_posix(): path for path in files}
    return {
        name: hashlib.sha256(path.read_bytes()).hexdigest()
        for name, path in named.items()
        if not LEFT_OUT.search(name)
    }


def differences(folder: Path, expected: dict[str, str]) -> list[str]:
    """What is missing, too much or different in ``folder``."""
    found = results(folder)
    names = sorted(set(found) | set(expected))
    words = {(True, False): "missing", (False, True): "left over"}
    return [
        f"{words.get((name in expected, name in found), 'different')}: {name}"
        for name in names
        if found.get(name) != expected.get(name)
    ]


def main(arguments: Sequence[str] | None = None) -> int | str:
    """Compare the two folders given; return an exit code, or the message of an error."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("one", type=Path)
    parser.add_argument("other", type=Path)
    given = parser.parse_args(arguments)
    expected = results(given.one)
    for folder, found in ((given.one, expected), (given.other, results(given.other))):
        if not found:
            return f"{folder}: no results there, expected a folder that the workflow ran in"
    different = differences(given.other, expected)
    for line in different:
        print(line)
    print(f"{len(expected)} files: {len(different)} differ")
    return int(bool(different))


if __name__ == "__main__":
    sys.exit(main())
