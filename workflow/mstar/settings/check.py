"""Check the registries of figures and losses before anything is made."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from jinja2 import Environment, StrictUndefined, TemplateError

from mstar.dynamics.losses import Loss
from mstar.figures.inputs import Kind
from mstar.files.mistakes import Problem, choice, shown
from mstar.files.writing import UserError
from mstar.settings.figures import ENTRIES, SECTIONS, Figure, Reading
from mstar.settings.results import Results

FIGURES_FILE = "workflow/mstar/settings/figures.py"
LOSSES_FILE = "workflow/mstar/dynamics/losses.py"
PICTURES = ("png", "gif")


def check_registries(results: Results, captions: Mapping[str, Any], root: str | Path) -> None:
    """Check every figure and loss that there is.

    Args:
        results: those of the study.
        captions: the configuration as captions read it.
        root: the folder of the project.

    Raises:
        UserError: one line for each mistake: file, entry, key, what was expected.
    """
    folder = Path(root) / "workflow"
    lines = [
        f"{FIGURES_FILE}: figure {figure.name}: {line}"
        for figure in ENTRIES
        for line in mistakes_of_figure(figure, results, captions, folder)
    ]
    lines += [f"{FIGURES_FILE}: {line}" for line in _twice("figure", [f.name for f in ENTRIES])]
    lines += [f"{LOSSES_FILE}: {line}" for line in mistakes_of_losses(Loss.__subclasses__())]
    if lines:
        raise UserError("\n".join(lines))


def mistakes_of_losses(losses: Sequence[type[Loss]]) -> list[str]:
    """Return a line for each loss that lacks something, or has the name of another."""
    lines = []
    for loss in losses:
        absent = [key for key in ("name", "gain") if not hasattr(loss, key)]
        for key in (*absent, *sorted(loss.__abstractmethods__)):
            lines.append(f"loss {loss.__name__}: {key}: missing; see the class Loss")
    return lines + _twice("loss", [loss.name for loss in losses if hasattr(loss, "name")])


def mistakes_of_figure(
    figure: Figure, results: Results, captions: Mapping[str, Any], folder: Path
) -> Iterator[str]:
    """Yield a line for each mistake in an entry, its module or its caption.

    Args:
        folder: the folder ``workflow``.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]*", figure.name):
        words = "a name of lower-case letters, digits and _"
        yield Problem("name", figure.name, words).line()
    if figure.section is not None and figure.section not in SECTIONS:
        yield Problem("section", figure.section, choice(figure.section, SECTIONS)).line()
    if figure.picture not in PICTURES:
        yield Problem("picture", figure.picture, choice(figure.picture, PICTURES)).line()
    reads = yield from _called("reads", figure.reads, results)
    settings = yield from _called("settings", figure.settings, results)
    for name, reading in reads.items():
        if not (isinstance(reading, Reading) and isinstance(reading.kind, Kind)):
            yield f"reads.{name}: expected a Reading with a kind of mstar.figures.inputs"
    yield from _mistakes_of_module(figure, {**reads, **settings}, folder)
    yield from _mistakes_of_caption(folder / "report" / f"{figure.name}.rst", captions)


def _called(
    key: str, function: Callable[[Results], Any], results: Results
) -> Generator[str, None, Mapping[str, Any]]:
    """Yield what goes wrong in a function of an entry; return its result, else nothing."""
    try:
        found = function(results)
    except Exception as error:  # whatever an entry does, the line names it
        yield f"{key}: {type(error).__name__}: {' '.join(str(error).split())}"
        return {}
    if not isinstance(found, Mapping):
        yield f"{key}: {shown(str(found))}: expected a mapping of names to values"
        return {}
    return found


def _mistakes_of_module(figure: Figure, given: Mapping[str, Any], folder: Path) -> Iterator[str]:
    """Yield a line for each way in which ``table`` and ``draw`` do not take what they are given."""
    file = folder.joinpath(*figure.module.split(".")).with_suffix(".py")
    named = f"workflow/{file.relative_to(folder).as_posix()}"
    try:
        tree = ast.parse(file.read_text(encoding="utf-8"), filename=str(file))
    except (OSError, SyntaxError, UnicodeDecodeError) as error:
        yield f"module: {named}: cannot be read ({error})"
        return
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    wanted: dict[str, bool] = {}
    for name in ("table", "draw"):
        if name not in functions:
            yield f"module: {named}: no function {name}: expected table and draw"
            continue
        wanted |= _arguments(functions[name])
    if not {"table", "draw"} <= functions.keys():
        return
    for name in given:
        if name not in wanted:
            words = choice(name, tuple(wanted), "an argument of table or draw")
            yield f"{name}: {named} takes none of this name: expected {words}"
    for name, needed in wanted.items():
        if needed and name not in given:
            yield f"{name}: {named} needs it: expected it among reads or settings"


def _arguments(function: ast.FunctionDef) -> dict[str, bool]:
    """Return the keyword-only arguments of a function, and whether each must be given."""
    pairs = zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True)
    return {argument.arg: default is None for argument, default in pairs}


def _mistakes_of_caption(file: Path, captions: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with a caption."""
    named = f"workflow/report/{file.name}"
    try:
        text = file.read_text(encoding="utf-8")
        template = Environment(undefined=StrictUndefined, autoescape=False).from_string(text)
        rendered = template.render(snakemake=SimpleNamespace(config=captions))
    except OSError:
        yield f"caption: {named}: no such file"
    except (TemplateError, TypeError, ValueError) as error:
        yield f"caption: {named}: {' '.join(str(error).split())}"
    else:
        if not re.match(r"\*\*.+?\*\*", rendered.strip()):
            yield f"caption: {named}: expected a bold sentence, **...**, to begin with"


def _twice(what: str, names: Sequence[str]) -> list[str]:
    """Return a line for each name that more than one entry has."""
    return [
        f"{what} {name}: two entries have this name" for name, n in Counter(names).items() if n > 1
    ]
