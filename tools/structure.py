"""Tabulate the folders of the package and the imports between them:  python -m tools.structure

Writes the table of folders into docs/extending.md and prints a table of imports: the row's folder
imports from the column's, and each number counts the imported modules. A module may import only
from its own folder and from those before it in `FOLDERS`.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from tools import pages

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "workflow" / "mstar"
FOLDERS = (
    "files",
    "machine",
    "statistics",
    "fetch",
    "texts",
    "running",
    "corpus",
    "counts",
    "spectra",
    "dynamics",
    "training",
    "evaluation",
    "features",
    "prediction",
    "claims",
    "figures.drawing",
    "figures",
    "settings",
    "report",
)
PAGE = ROOT / "docs" / "extending.md"
# The front doors, which stand in no folder and above all.
ABOVE = ("library", "command")


def modules() -> dict[str, Path]:
    """Return the file of each module by its name within the package, such as ``files.tables``."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        if parts[-1] != "__init__":
            found[".".join(parts)] = path
    return found


def folder(module: str) -> str:
    """Return the folder of a module, or the module itself where it stands in none."""
    return module.rpartition(".")[0] or module


def imports(files: Mapping[str, Path] | None = None) -> dict[str, set[str]]:
    """Return the modules of the package that each module imports, inside functions too."""
    files = modules() if files is None else files
    found = {}
    for module, path in files.items():
        named = set(_named(ast.parse(path.read_text(encoding="utf-8"))))
        found[module] = {name for name in named if name in files} - {module}
    return found


def _named(tree: ast.AST) -> Iterator[str]:
    """Yield what is imported of the package, and what may be a module or a name in one.

    What only a type checker imports is left out.
    """
    for node in ast.walk(_Loaded().visit(tree)):
        if isinstance(node, ast.Import):
            targets = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "imports within the package are absolute"
            base = node.module or ""
            targets = [base, *(f"{base}.{alias.name}" for alias in node.names)]
        else:
            continue
        yield from (name.removeprefix("mstar.") for name in targets if name.startswith("mstar."))


class _Loaded(ast.NodeTransformer):
    """Drop what stands under ``if TYPE_CHECKING``."""

    def visit_If(self, node: ast.If) -> ast.AST | list[ast.stmt]:
        """Keep the other branch alone."""
        self.generic_visit(node)
        return node.orelse if ast.unparse(node.test) == "TYPE_CHECKING" else node


def table(found: Mapping[str, set[str]]) -> Counter[tuple[str, str]]:
    """Count the imports from folder to folder."""
    return Counter(
        (folder(module), folder(other)) for module, others in found.items() for other in others
    )


def upward(found: Mapping[str, set[str]]) -> list[str]:
    """Return the imports that run against the order of `FOLDERS`, as "module -> module"."""
    places = {name: place for place, name in enumerate((*FOLDERS, *ABOVE))}
    return [
        f"{module} -> {other}"
        for module, others in sorted(found.items())
        for other in sorted(others)
        if places[folder(other)] > places[folder(module)]
    ]


def circle(graph: Mapping[str, set[str]]) -> list[str]:
    """Return the names along a circle of imports; none if there is no circle."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        names: list[str] = error.args[1]
        return names
    return []


def smk_functions() -> dict[str, int]:
    """Return the lines of each function in a ``.smk`` file, by "file: name", docstring aside."""
    found = {}
    for path in sorted((ROOT / "workflow").rglob("*.smk")):
        text = path.read_text(encoding="utf-8")
        for match in re.finditer(r"^( *)def (\w+)\(.*\n(?:\1[ )].*\n|\n)+", text, re.MULTILINE):
            (function,) = ast.parse(_unindented(match[0], len(match[1]))).body
            assert isinstance(function, ast.FunctionDef)
            body = function.body[1:] if ast.get_docstring(function) else function.body
            lines = (function.end_lineno or 0) - body[0].lineno + 1 if body else 0
            found[f"{path.relative_to(ROOT)}: {match[2]}"] = lines
    return found


def _unindented(text: str, by: int) -> str:
    return "\n".join(line[by:] for line in text.splitlines())


def markdown(found: Mapping[str, set[str]]) -> str:
    """Return the table of imports between folders as markdown."""
    counts = table(found)
    names = (*FOLDERS, *ABOVE)
    lines = [f"| imports from | {' | '.join(names)} |", "|---" * (len(names) + 1) + "|"]
    for row in names:
        cells = (str(counts.get((row, column), "")) for column in names)
        lines.append(f"| **{row}** | {' | '.join(cells)} |")
    return "\n".join(lines)


def sentences() -> str:
    """Return the folders in their order, each with its sentence, as markdown."""
    rows = []
    for name in FOLDERS:
        init = PACKAGE.joinpath(*name.split("."), "__init__.py").read_text(encoding="utf-8")
        rows.append(f"| `{name.replace('.', '/')}/` | {ast.get_docstring(ast.parse(init))} |")
    rows.append("| `library.py` | The front door for programs and notebooks. |")
    rows.append("| `command.py` | The front door for the command line without Snakemake. |")
    return "\n".join(["| folder | holds |", "|---|---|", *rows])


def filled(page: str) -> str:
    """Return docs/extending.md with the table of folders in its place."""
    return pages.filled(page, {"folders": sentences()})


if __name__ == "__main__":
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    print(markdown(imports()))
