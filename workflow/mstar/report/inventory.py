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

from mstar.corpus.folders import named_settings, setting_folder
from mstar.files.writing import printable

COLUMNS = ("results", "setting", "text", "words", "V", "window", "d", "models", "MB", "changed")


def inventory(folder: str | Path) -> pd.DataFrame:
    """Return a row for each text, setting, V and window in a folder of results, with `COLUMNS`.

    d lists the dimensions of the models; MB is the size of all their files, and changed the time of
    the latest. Results of the unnamed setting have "-"; a text that is only encoded has one such
    row, without V.
    """
    rows = [
        {"results": text.name, "setting": setting or "-", **_described(text), **sizes}
        for text in sorted(Path(folder).glob("*"))
        if (text / "corpus.json").is_file()
        for setting in (None, *named_settings(folder))
        for sizes in _sizes(Path(setting_folder(str(folder), setting)) / text.name)
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _described(text: Path) -> dict[str, object]:
    try:
        known = json.loads((text / "corpus.json").read_text(encoding="utf-8"))
        return {"text": printable(str(known["title"])), "words": f"{int(known['tokens']):,}"}
    except (OSError, ValueError, LookupError, TypeError):
        return {"text": "corpus.json cannot be read", "words": "?"}


def _sizes(text: Path) -> Iterator[dict[str, object]]:
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
    if not found and (text / "corpus.json").is_file():
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
    """Return the paths of the pages of all texts and settings in a folder of results."""
    kinds = ("report/*/*.html", "comparisons/*/*/*.html")
    settings = (setting_folder(str(folder), each) for each in (None, *named_settings(folder)))
    return [
        str(page) for place in settings for kind in kinds for page in sorted(Path(place).glob(kind))
    ]


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
