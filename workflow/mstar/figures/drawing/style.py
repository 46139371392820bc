"""The style of all figures, and functions that make and write a figure."""

from __future__ import annotations

import functools
import inspect
import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any, ParamSpec, Protocol, TypeVar

import matplotlib.style
import numpy as np
import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager

from mstar.files.writing import UserError, atomic, printable, warn

CREAM = (1.0, 0.99, 0.95)
AZURE = "xkcd:azure"
TANGERINE = "xkcd:tangerine"
RASPBERRY = "xkcd:raspberry"
GREY = "#555555"
LIGHT_GREY = "#c8c8c8"

# Width of every figure in inches, so that type has one size on a page.
WIDTH = 9.0

SCHEME0 = ("#002676", "#76641C", "#D68C1D", "#F0B811", "#FFCD50")  # gold and navy: large init
SCHEME1 = ("#190933", "#19647E", "#6BB46D", "#A1CDF4", "#EDDEA4")  # teal: small init

# Fonts of other scripts, asked in this order for characters that those before them lack. DejaVu
# comes with matplotlib, the others with the machine.
SCRIPTS = (
    "DejaVu Sans", "Noto Sans CJK SC", "Noto Sans CJK JP", "Noto Serif CJK SC", "Noto Serif CJK JP",
    "Source Han Sans SC", "WenQuanYi Zen Hei", "WenQuanYi Micro Hei", "PingFang SC",
    "Hiragino Sans", "Microsoft YaHei", "Yu Gothic", "Malgun Gothic", "Noto Sans Devanagari",
    "Noto Sans Bengali", "Noto Sans Tamil", "Noto Sans Thai", "Arial Unicode MS",
)  # fmt: skip
MISSING = re.compile(r"Glyph (\d+) \(.*\) missing from font")

RC: dict[str, Any] = {
    "font.size": 12,
    "mathtext.fontset": "cm",
    "axes.facecolor": CREAM,
    "axes.formatter.use_mathtext": True,
    "axes.titlesize": 12,
    "axes.labelsize": 12,
    "axes.linewidth": 0.8,
    "xtick.labelsize": 10,
    "ytick.labelsize": 10,
    "legend.frameon": False,
    "legend.fontsize": 9,
    "figure.facecolor": "white",
    "figure.dpi": 200,
    "savefig.facecolor": "white",
    "savefig.dpi": 200,
    "lines.linewidth": 1.3,
    "svg.hashsalt": "mstar",
}

# Metadata of each format, without date and program.
METADATA: dict[str, dict[str, Any]] = {"pdf": {"CreationDate": None}, "png": {"Software": None}}

P = ParamSpec("P")
T = TypeVar("T")


class Animation(Protocol):
    """A moving picture that writes itself, to one path for each format."""

    def save(self, *, gif: str | Path, png: str | Path) -> None:
        """Write the animation and a still that represents it."""


def context() -> AbstractContextManager[None]:
    """Return a context with matplotlib's defaults and `RC`, whatever the user's matplotlibrc."""
    known = set(fontManager.get_font_names())
    fonts = ["STIXGeneral", *(name for name in SCRIPTS if name in known)]
    return matplotlib.style.context(["default", {**RC, "font.family": fonts}])


@contextmanager
def missing_characters_in_one_line() -> Iterator[None]:
    """Replace matplotlib's warnings of characters that no font has by one that says what to do."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    found: dict[str, None] = {}
    for warning in caught:
        if said := MISSING.match(str(warning.message)):
            found[chr(int(said[1]))] = None
        else:
            warnings.warn_explicit(
                warning.message, warning.category, warning.filename, warning.lineno
            )
    if found:
        shown = printable("".join(list(found)[:10]))
        warn(
            f"no font of this machine has {shown}{' …' * (len(found) > 10)}: the picture shows"
            " boxes in their place; install one that has them, such as Noto Sans CJK, and delete"
            f" {matplotlib.get_cachedir()}"
        )


def styled(draw: Callable[P, T]) -> Callable[P, T]:
    """Return ``draw``, run within `context`."""

    @functools.wraps(draw)
    def inside(*args: P.args, **kwargs: P.kwargs) -> T:
        with context():
            return draw(*args, **kwargs)

    return inside


def new_figure(height: float) -> Figure:
    """Return an empty figure of `WIDTH` × ``height`` inches on Agg's canvas, without pyplot."""
    figure = Figure(figsize=(WIDTH, height))
    FigureCanvasAgg(figure)
    return figure


def renderer(figure: Figure) -> RendererAgg:
    """Return the renderer that measures text of a `new_figure`, in pixels at its dpi."""
    canvas = figure.canvas
    if not isinstance(canvas, FigureCanvasAgg):
        raise TypeError("the figure was not made by new_figure")
    measure: RendererAgg = canvas.get_renderer()  # type: ignore[no-untyped-call]
    return measure


def mode_style(mode: int, scheme: Sequence[str]) -> dict[str, Any]:
    """Return the line style of singular value ``mode`` (from 0).

    Colours take turns; beyond the first ten modes all but every twentieth are faint.
    """
    prominent = mode < 10 or mode % 20 == 0
    return {
        "color": scheme[mode % len(scheme)],
        "alpha": 1.0 if prominent else 0.3,
        "linewidth": 1.3,
        "zorder": 2.5 if prominent else 2.0,
    }


def lighten(colour: str, amount: float = 0.4) -> str:
    """Return ``colour`` mixed with white: unchanged for ``amount`` 0, white for 1."""
    rgb = np.asarray(to_rgb(colour))
    return to_hex(tuple(rgb + amount * (1 - rgb)))


def within(trace: pd.DataFrame, start: float, stop: float, what: str) -> pd.DataFrame:
    """Return the rows of ``trace`` with start ≤ time_tau1 ≤ stop, in order of time.

    Raises:
        UserError: no row is left, so that a panel would silently be empty.
    """
    missing = [name for name in ("time_tau1", "singular_value_1") if name not in trace.columns]
    if missing:
        raise UserError(f"{what}: the trace has no column {missing[0]}; is it a trace.parquet?")
    slack = 1e-9 * stop
    time = trace["time_tau1"]
    inside = trace[(time >= start - slack) & (time <= stop + slack)].sort_values("time_tau1")
    if inside.empty:
        raise UserError(
            f"{what}: no time recorded between {start:g} and {stop:g} tau_1;"
            " widen dynamics.start and dynamics.horizon"
        )
    return inside


def rounded(table: pd.DataFrame, digits: int = 6) -> pd.DataFrame:
    """Return ``table`` with floats rounded to ``digits`` significant digits."""
    result = table.copy()
    for name in result.columns:
        if pd.api.types.is_float_dtype(result[name]):
            result[name] = [
                float(f"{x:.{digits}g}") for x in result[name].to_numpy(dtype=np.float64)
            ]
    return result


def arguments(function: Callable[..., Any]) -> set[str]:
    """Return the names of the keyword-only arguments of a function."""
    parameters = inspect.signature(function).parameters.values()
    return {one.name for one in parameters if one.kind is one.KEYWORD_ONLY}


def make(
    module: ModuleType, inputs: Mapping[str, Any], settings: Mapping[str, Any]
) -> tuple[Figure | Animation, pd.DataFrame]:
    """Return a figure and its table, from the module of the figure.

    ``module.table`` and ``module.draw`` are each called with the inputs and settings for which they
    have keyword arguments.

    Raises:
        TypeError: an input or setting is an argument of neither, a name is both that of an input
            and of a setting, or an argument without a default is not given.
    """
    given = dict(**inputs, **settings)
    wanted = arguments(module.table), arguments(module.draw)
    if unknown := given.keys() - set.union(*wanted):
        names = ", ".join(sorted(unknown))
        raise TypeError(f"{module.__name__}: neither table nor draw has an argument {names}")
    for_table, for_draw = ({name: given[name] for name in given if name in w} for w in wanted)
    table = module.table(**for_table)
    return module.draw(table, **for_draw), table


def save(
    figure: Figure | Animation, table: pd.DataFrame, *, csv: str | Path, **pictures: str | Path
) -> None:
    """Write a figure and its table, each file atomically.

    The bytes depend only on figure, table and library versions.

    Args:
        figure: written as ``pdf`` and ``png``; an `Animation` as ``gif`` and ``png``.
        csv: path of the table, tab-separated if its suffix is .tsv.
        pictures: path by format.
    """
    if isinstance(figure, Figure):
        with context():
            for kind, path in sorted(pictures.items()):
                with atomic(path) as temporary:
                    figure.savefig(temporary, format=kind, metadata=METADATA[kind])
    else:
        figure.save(**pictures)
    separator = "\t" if Path(csv).suffix == ".tsv" else ","
    with atomic(csv) as temporary:
        table.to_csv(temporary, index=False, sep=separator, lineterminator="\n")
