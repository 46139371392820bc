"""Fingerprints of code, so that an edit to the package reruns only the jobs that it affects.

Snakemake checks only the text of a script. A rule with ``params: code=code_of_script(…)`` also
reruns when the syntax tree of a module of the package that the script imports, directly or
indirectly, changes. Comments, formatting and docstrings are not part of that tree.

What a module's text says is kept beside its compiled code, since parsing all modules would take
longer than everything else that Snakemake does before its first job.
"""

from __future__ import annotations

import ast
import atexit
import hashlib
import json
import sys
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from mstar.files.writing import UserError, atomic

ROOT = Path(__file__).resolve().parents[2]
KEPT = Path(__file__).parent / "__pycache__" / "fingerprints.json"


class Parsed(NamedTuple):
    """What a module's text says.

    Attributes:
        digest: of its syntax tree, without docstrings.
        imports: module, level and names of each import statement.
    """

    digest: str
    imports: list[tuple[str, int, list[str]]]


@cache
def code_of(module: str, root: Path = ROOT) -> str:
    """Return 12 hexadecimal digits that identify the code of ``module`` and its imports.

    ``root`` is the folder that contains the package. Modules are parsed, never imported; imports
    inside functions count.

    Raises:
        UserError: a module of the package does not exist or cannot be parsed.
    """
    digest = hashlib.sha256()
    for name in modules_of(module, root):
        digest.update(f"{name}\n{_parsed(_file(name, root)).digest}\n".encode())
    return digest.hexdigest()[:12]


@cache
def code_of_script(script: str | Path, root: Path = ROOT) -> str:
    """Return 12 hexadecimal digits for all code of the package that a script imports.

    The script's own text is left to Snakemake. ``mstar.running.job``, which keeps the log, does not
    count, since no result depends on it.

    Raises:
        UserError: a module of the package does not exist or cannot be parsed.
    """
    names = set(_imports("mstar.script", Path(script), root)) - {"mstar", "mstar.running.job"}
    return code_of_modules(*names, root=root)


def code_of_modules(*modules: str, root: Path = ROOT) -> str:
    """Return 12 hexadecimal digits for the code of modules, in any order, and their imports.

    Raises:
        UserError: a module of the package does not exist or cannot be parsed.
    """
    lines = "".join(f"{name} {code_of(name, root)}\n" for name in sorted(set(modules)))
    return hashlib.sha256(lines.encode()).hexdigest()[:12]


def digest_of_files(*files: str | Path) -> str:
    """Return 12 hexadecimal digits for the content of non-Python files, in this order."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(hashlib.sha256(Path(file).read_bytes()).digest())
    return digest.hexdigest()[:12]


@cache
def modules_of(module: str, root: Path = ROOT) -> tuple[str, ...]:
    """Return, sorted, ``module`` and all modules of its package that it can import."""
    found: set[str] = set()
    waiting = [(module, "")]
    while waiting:
        name, needed_by = waiting.pop()
        if name in found:
            continue
        file = _file(name, root)
        if not file.is_file():
            by = f", imported by {needed_by}" if needed_by else ""
            raise UserError(f"no module {name} in {root}{by}: expected {file.name} or a folder")
        found.add(name)
        # Importing a.b.c runs a/__init__.py and a/b/__init__.py first.
        parents = [name.rsplit(".", depth)[0] for depth in range(1, name.count(".") + 1)]
        waiting += [(other, name) for other in (*parents, *_imports(name, file, root))]
    return tuple(sorted(found))


def _file(name: str, root: Path) -> Path:
    """Return the path of a module, whether or not it exists."""
    path = root.joinpath(*name.split("."))
    package = path / "__init__.py"
    return package if package.is_file() else path.with_suffix(".py")


@cache
def _parsed(file: Path) -> Parsed:
    """Return what the text of a module says, from `KEPT` if it is there."""
    text = file.read_bytes()
    if not file.is_relative_to(ROOT):
        return _parse(text, file)
    key = hashlib.sha256(f"{sys.version_info} ".encode() + text).hexdigest()
    known, used = _known()
    used[key] = known[key] if key in known else _parse(text, file)
    return Parsed(*used[key])


def _parse(text: bytes, file: Path) -> Parsed:
    try:
        tree = ast.parse(text, filename=str(file))
    except SyntaxError as error:
        raise UserError(f"{file}, line {error.lineno}: not valid Python: {error.msg}") from None
    imports: list[tuple[str, int, list[str]]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imports += [(alias.name, 0, []) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            imports.append((node.module or "", node.level, [alias.name for alias in node.names]))
    shown = ast.dump(_WithoutDocstrings().visit(tree))
    return Parsed(hashlib.sha256(shown.encode()).hexdigest(), imports)


@cache
def _known() -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what `KEPT` holds, by the hash of a text, and what to write there on exit."""
    known: dict[str, Any] = {}
    with suppress(OSError, ValueError):
        known = dict(json.loads(KEPT.read_text(encoding="utf-8")))
    used: dict[str, Any] = {}

    def keep() -> None:
        if not used.keys() <= known.keys():
            with suppress(OSError, UserError), atomic(KEPT) as temporary:
                temporary.write_text(json.dumps(used), encoding="utf-8")

    atexit.register(keep)
    return known, used


class _WithoutDocstrings(ast.NodeTransformer):
    """Remove statements that are only a string: docstrings, and notes below an attribute."""

    def visit_Expr(self, node: ast.Expr) -> ast.AST | None:
        is_text = isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        return None if is_text else node


@cache
def _imports(name: str, file: Path, root: Path) -> tuple[str, ...]:
    """Return the modules of its own package that one module imports directly."""
    return tuple(_imported(name, file, root))


def _imported(name: str, file: Path, root: Path) -> Iterator[str]:
    package = name if file.name == "__init__.py" else name.rpartition(".")[0]
    top = name.partition(".")[0]
    for base, level, names in _parsed(file).imports:
        if level:
            above = package.split(".")[: package.count(".") + 2 - level]
            base = ".".join([*above, *filter(None, [base])])
        # An imported name is a module, or is defined by the module `base`.
        inside = [f"{base}.{one}" for one in names]
        targets = [base, *(other for other in inside if _file(other, root).is_file())]
        yield from (target for target in targets if target.partition(".")[0] == top)
