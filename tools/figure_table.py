"""Write the README's table of figures from the registry:  python -m tools.figure_table"""

from __future__ import annotations

from pathlib import Path

from mstar.settings.config import Config
from mstar.settings.figures import FIGURES, Figure
from tools import pages

README = Path(__file__).resolve().parents[1] / "README.md"


def kind(figure: Figure) -> str:
    """When a figure is made: by default, if it is asked for, or by a command of its own."""
    if figure.section is None:
        return "`make predict FOR=gensim`" if "gensim" in figure.name else "`make predict`"
    return "default" if figure.default or figure.name in Config().extras else "extra"


def _name(figure: Figure) -> str:
    """Return the name of a figure, with a link if docs/ has its picture."""
    name, picture = figure.name.removeprefix("fig"), f"docs/{figure.name}.{figure.picture}"
    return f"[{name}]({picture})" if (README.parent / picture).is_file() else name


def table() -> str:
    """The table in Markdown, in the order of the figures' numbers, then of the report."""
    numbered = sorted(FIGURES.values(), key=lambda f: f.name if f.name.startswith("fig") else "x")
    rows = [f"| {_name(figure)} | {figure.shows} | {kind(figure)} |" for figure in numbered]
    return "\n".join(["| figure | shows | kind |", "|---|---|---|", *rows])


def filled(page: str) -> str:
    """Return the README with the table in its place."""
    return pages.filled(page, {"figures": table()})


if __name__ == "__main__":
    README.write_text(filled(README.read_text(encoding="utf-8")), encoding="utf-8")
