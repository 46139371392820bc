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
# Packages of which the lock has another version than the pins, and why.
DIFFERENT = {
    "mpmath": "sympy 1.14.0 asks for one below 1.4, but not in its build for conda",
    "packaging": "snakemake, which is not in these environments, asks for one below 26",
    "setuptools": "pins have two: pytorch and pip take different ones",
    "tzdata": "2026c is called 2026.3 on the index",
}


def packages(pin: Path) -> dict[str, str]:
    """Return the version of each package in a pin file, by its name on the package index."""
    found = [PACKAGE.fullmatch(line) for line in pin.read_text("ascii").splitlines()]
    pairs = [(match["name"], match["version"]) for match in found if match]
    return {NAMES.get(name, name).replace("_", "-").lower(): version for name, version in pairs}


def main() -> None:
    """Print the pinned version of each package that the lock has too."""
    lock = (ENVS / "requirements.lock").read_text("utf-8")
    locked = set(re.findall(r"^([a-z0-9-]+)==", lock, re.MULTILINE)) - set(DIFFERENT)
    pinned = [packages(pin) for pin in sorted(ENVS.glob("*.pin.txt"))]
    versions = {name: version for each in pinned for name, version in each.items()}
    for name in sorted(locked & set(versions)):
        print(f"{name}=={versions[name]}")


if __name__ == "__main__":
    main()
