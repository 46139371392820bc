"""Say in one line why requirements.lock cannot be installed here:  python envs/check.py

Any Python from 3.6 can run this, so that an old one says which is needed. README.md, beside this
file, tells how it was found which Pythons and platforms have wheels.
"""

import platform
import shutil
import sys

OLDEST, NEWEST = (3, 11), (3, 14)
MACHINES = {"Linux": ("x86_64", "aarch64"), "Darwin": ("arm64",)}
# Of the wheels of torch and numba.
LEAST = {"Linux": ("glibc", (2, 28)), "Darwin": ("macOS", (14, 0))}
# From here on two packages that snakemake and dumps need have no wheel, and are compiled.
COMPILED = (3, 14)
INSTALL = {"Linux": "apt install gcc libc6-dev", "Darwin": "xcode-select --install"}
CHOOSE = "make PYTHON=path/to/python3.13"


def fault(python, implementation, system, machine, release, has):
    """Return what is wrong and the way out; None if nothing is.

    Args:
        python: major and minor version.
        implementation: as `platform.python_implementation` names it.
        system, machine: as `platform` names them.
        release: the version of glibc on Linux, empty with another C library, or that of macOS.
        has: returns whether there is a program or module of that name.
    """
    this = ".".join(map(str, python))
    if implementation != "CPython" or not OLDEST <= python <= NEWEST:
        return f"Python 3.11 to 3.14 is needed, and this is {implementation} {this}: {CHOOSE}"
    if machine not in MACHINES.get(system, ()):
        return (
            f"Linux (x86_64, aarch64) or macOS (arm64) is needed, and this is {system} ({machine}):"
            " use another machine, a container (Dockerfile) or, on Windows, WSL"
        )
    library, least = LEAST[system]
    if tuple(int(part) for part in release.split(".")[:2] if part.isdigit()) < least:
        needed = ".".join(map(str, least))
        return (
            f"{library} {needed} or newer is needed, and this is {release or 'another C library'}:"
            " use a newer system or a container (Dockerfile)"
        )
    if not has("ensurepip"):
        return f"this Python cannot make a venv: apt install python{this}-venv, or {CHOOSE}"
    if python >= COMPILED and not has("cc"):
        return f"Python {this} needs a C compiler: {INSTALL[system]}, or {CHOOSE}"
    return None


def has(name):
    """Return whether there is a program or a module of that name."""
    try:
        return bool(shutil.which(name) or __import__(name))
    except ImportError:
        return False


def main():
    """Print what is wrong, and return the exit status."""
    system, (library, version) = platform.system(), platform.libc_ver()
    release = platform.mac_ver()[0] if system == "Darwin" else version if library == "glibc" else ""
    implementation, machine = platform.python_implementation(), platform.machine()
    line = fault(sys.version_info[:2], implementation, system, machine, release, has)
    if line:
        print(f"error: {line}", file=sys.stderr)
    return int(line is not None)


if __name__ == "__main__":
    sys.exit(main())
