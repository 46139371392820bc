"""List the results that there are: texts, settings, sizes and dates.

python -m mstar.report.inventory [FOLDER]
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

import pandas as pd

from mstar.files.writing import printable

COLUMNS = ("results", "text", "words", "V", "window", "d", "models", "MB", "changed")


def inventory(folder: str | Path) -> pd.DataFrame:
    """Return a row for each V and window of each text in a folder of results, with `COLUMNS`.

    d lists the dimensions of the models; MB is the size of all their files, and changed the time of
    the latest. A text that is only encoded has one row, without settings.
    """
    rows = [
        {"results": text.name, **_described(text), **settings}
        for text in sorted(Path(folder).glob("*"))
        if (text / "corpus.json").is_file()
        for settings in _settings(text)
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _described(text: Path) -> dict[str, object]:
    try:
        known = json.loads((text / "corpus.json").read_text(encoding="utf-8"))
        return {"text": printable(str(known["title"])), "words": f"{int(known['tokens']):,}"}
    except (OSError, ValueError, LookupError, TypeError):
        return {"text": "corpus.json cannot be read", "words": "?"}


def _settings(text: Path) -> Iterator[dict[str, object]]:
    found = [
        (place, match)
        for place in text.glob("v*-l*")
        if (match := re.fullmatch(r"v(\d+)-l(\d+)", place.name))
    ]
    for place, match in sorted(found, key=lambda each: tuple(map(int, each[1].groups()))):
        models = list(place.glob("d*/*/seed*/embedding.npz"))
        dims = sorted({int(model.parents[2].name[1:]) for model in models})
        yield {
            "V": match[1],
            "window": match[2],
            "d": ", ".join(map(str, dims)) or "-",
            "models": len({model.parents[1] for model in models}),
            **_disk(place),
        }
    if not found:
        yield {"V": "-", "window": "-", "d": "-", "models": 0, **_disk(text)}


def _disk(folder: Path) -> dict[str, object]:
    """Return the size of a folder and the time of its latest file."""
    size, latest = 0, 0.0
    for place, _, names in os.walk(folder):
        for name in names:
            status = os.lstat(os.path.join(place, name))
            size, latest = size + status.st_size, max(latest, status.st_mtime)
    when = datetime.fromtimestamp(latest).strftime("%Y-%m-%d %H:%M") if latest else "-"
    return {"MB": f"{size / 1e6:,.1f}", "changed": when}


def pages(folder: str | Path) -> list[str]:
    """Return the paths of the pages of all texts in a folder of results."""
    kinds = ("report/*/*.html", "comparisons/*/*/*.html")
    return [str(page) for kind in kinds for page in sorted(Path(folder).glob(kind))]


def main(arguments: Sequence[str]) -> int:
    (folder,) = arguments or ("results",)
    found = inventory(folder)
    if found.empty:
        print(f"no results in {folder}: make, or make CORPUS=path/to/text.txt, makes some")
        return 0
    print(found.to_string(index=False))
    if found_pages := pages(folder):
        print("\n".join(("", "Pages:", *found_pages)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
