"""Print what is new in a release, for its page:  python -m tools.release v1.0

The version of the tag must be that of pyproject.toml and of CITATION.cff, and have a section in
CHANGELOG.md; a section still called unreleased is no release.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def notes(tag: str, root: Path = ROOT) -> str:
    """Return the section of CHANGELOG.md of the version that ``tag`` names.

    Raises:
        ValueError: a file has another version, or the section is missing or unreleased.
    """
    version = tag.removeprefix("v")
    with (root / "pyproject.toml").open("rb") as stream:
        packaged = tomllib.load(stream)["project"]["version"]
    cited = re.search(
        r'^version: "(\S+)"$', (root / "CITATION.cff").read_text("utf-8"), re.MULTILINE
    )
    for file, found in (("pyproject.toml", packaged), ("CITATION.cff", cited and cited[1])):
        if found != version:
            raise ValueError(f"{file}: version {found}: expected {version}, that of the tag {tag}")
    changes = (root / "CHANGELOG.md").read_text("utf-8")
    section = re.search(
        rf"^## {re.escape(version)}\b(.*)\n+((?:(?!## ).*\n)*)", changes, re.MULTILINE
    )
    if section is None or "unreleased" in section[1]:
        raise ValueError(
            f"CHANGELOG.md: expected a section ## {version} with the date of the release"
        )
    return section[2].strip() + "\n"


def main(arguments: Sequence[str]) -> int | str:
    """Print the notes; return an exit code, or the message of an error."""
    try:
        (tag,) = arguments
        print(notes(tag), end="")
    except ValueError as error:
        return f"error: {error}"
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
