"""Find the measures that claims may name, and their arguments, without importing them.

A measure is a public function in a module of this folder that returns a `Measurement`. Its first
parameter is the evidence; the others are arguments that a claim may give. Snakemake checks
``claims.yaml`` at the start, in an environment without the packages for measuring, so measures are
read from their source.
"""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, create_model

TYPES: dict[str, Any] = {"int": int, "float": float, "str": str}


@cache
def arguments_of_measures(folder: Path = Path(__file__).parent) -> dict[str, type[BaseModel]]:
    """Return the pydantic model of the arguments of each measure in a folder, by name.

    The types of arguments are checked if they are annotated ``int``, ``float``, ``str``,
    ``Literal[...]`` or with a name that a module of the folder assigns to a ``Literal[...]``. Of
    other arguments only the names are checked.
    """
    files = sorted(folder.glob("*.py"))
    types = {**TYPES}
    for file in files:
        for node in _body(file):
            if isinstance(node, ast.Assign) and (values := _literal(node.value)) is not None:
                types |= {ast.unparse(target): values for target in node.targets}
    return {
        name: _model(function, types)
        for file in files
        for name, function in measures_in(file).items()
    }


def measures_in(file: str | Path) -> dict[str, ast.FunctionDef]:
    """Return the definitions of the measures in one module, by name, in order."""
    return {
        node.name: node
        for node in _body(Path(file))
        if isinstance(node, ast.FunctionDef)
        and not node.name.startswith("_")
        and node.returns is not None
        and ast.unparse(node.returns) == "Measurement"
    }


@cache
def _body(file: Path) -> list[ast.stmt]:
    return ast.parse(file.read_text(encoding="utf-8"), filename=str(file)).body


def _literal(node: ast.expr) -> Any:
    """Return the type of a ``Literal[...]`` expression; None for any other expression."""
    if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "Literal":
        return Literal.__getitem__(ast.literal_eval(node.slice))
    return None


def _model(function: ast.FunctionDef, types: dict[str, Any]) -> type[BaseModel]:
    """Return the model of a measure's arguments without the evidence."""
    every = function.args
    needed = [None] * (len(every.args) - len(every.defaults))
    defaults = [*needed, *every.defaults, *every.kw_defaults]
    fields: dict[str, Any] = {}
    for parameter, default in list(zip([*every.args, *every.kwonlyargs], defaults, strict=True))[
        1:
    ]:
        written = parameter.annotation or ast.Constant(None)
        kind = _literal(written) or types.get(ast.unparse(written), Any)
        fields[parameter.arg] = (kind, ... if default is None else None)
    return create_model(
        function.name,
        __config__=ConfigDict(extra="forbid", strict=True, allow_inf_nan=False),
        **fields,
    )
