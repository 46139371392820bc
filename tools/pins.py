"""Print the versions in the pins of the conda environments, as constraints:  python -m tools.pins

`make lock` gives them to the resolver, so that pip and conda install the same versions.
"""

from __future__ import annotations

import re
from pathlib import Path

ENVS = Path(__file__).resolve().parents[1] / "envs"
PACKAGE = re.compile(
    r"https://\S+/(?P<name>[^/\s]+)-(?P<version>[^-\s]+)-[^-\s]+\.(?:conda|tar\.bz2)#[0-9a-f]{32}"
)
# conda-forge's name: that of the package index.
NAMES = {"pytorch": "torch"}
# Packages of which the index has other versions than the pins, and why.
DIFFERENT = {
    "mpmath": "sympy 1.14.0 asks for a version below 1.4; conda-forge patched that out of its build",
    "packaging": "snakemake asks for a version below 26; it is in none of the conda environments",
    "setuptools": "two versions are pinned; both are parts of other packages' builds",
    "tzdata": "versions are numbered otherwise (2026c is 2026.3 on the index)",
}


def packages(pin: Path) -> dict[str, str]:
    """Return the version of each package in a pin file, by its name on the package index."""
    found = [PACKAGE.fullmatch(line) for line in pin.read_text("ascii").splitlines()]
    pairs = [(match["name"], match["version"]) for match in found if match]
    return {NAMES.get(name, name).replace("_", "-").lower(): version for name, version in pairs}


def constraints(locked: set[str]) -> dict[str, str]:
    """Return the pinned versions of those packages that the lock has too."""
    pinned = [packages(pin) for pin in sorted(ENVS.glob("*.pin.txt"))]
    return {
        name: version
        for each in pinned
        for name, version in each.items()
        if name in locked - set(DIFFERENT)
    }


if __name__ == "__main__":
    lock = (ENVS / "requirements.lock").read_text("utf-8")
    for name, version in constraints(
        set(re.findall(r"^([a-z0-9-]+)==", lock, re.MULTILINE))
    ).items():
        print(f"{name}=={version}")
