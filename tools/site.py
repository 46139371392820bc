"""Gather the pages of the documentation site in build/pages:  python -m tools.site

The pages keep their places in the project, so that their links hold: README.md, docs and the README
of each folder. A file that one of them links to becomes a page of its text, and a folder one that
lists its files; pictures and notebooks are copied. Each folder of the package has a page of its
modules, filled from docstrings. ``mkdocs build --strict`` (`make site`) then checks every link.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from tools.structure import ABOVE, FOLDERS, PACKAGE, ROOT

PAGES = ROOT / "build" / "pages"
PATTERNS = ("README.md", "docs/*.md", "config/README.md", "envs/README.md", "results/README.md")
LINK = re.compile(r"(?<=\]\()(?![a-z]+:|#)(?P<file>[^)\s#]+)(?P<rest>#[^)\s]*)?(?=\))")
COPIED = {".png", ".gif", ".ipynb", ".svg"}
LANGUAGES = {".py": "python", ".yaml": "yaml", ".yml": "yaml", ".cff": "yaml", ".smk": "python"}
REFERENCE = "reference"


def written() -> list[str]:
    """Return the pages that people wrote, as paths in the project."""
    found = [path for pattern in PATTERNS for path in sorted(ROOT.glob(pattern))]
    return [path.relative_to(ROOT).as_posix() for path in found]


def links(page: str) -> Iterator[str]:
    """Yield the files and folders of the project that a page links to."""
    text = (ROOT / page).read_text(encoding="utf-8")
    for found in LINK.finditer(text):
        yield os.path.normpath(os.path.join(os.path.dirname(page), found["file"]))


def place(target: str) -> str:
    """Return where the site has a file or folder of the project."""
    shown = "/".join(part.lstrip(".") for part in Path(target).parts)  # MkDocs hides dotfiles
    path = ROOT / target
    if path.is_dir():
        return f"{shown}/README.md"
    return shown if path.suffix in {".md", *COPIED} else f"{shown}.md"


def moved(page: str) -> str:
    """Return the text of a page with links to where the site has what they are to."""

    def link(found: re.Match[str]) -> str:
        folder = os.path.dirname(page)
        target = os.path.normpath(os.path.join(folder, found["file"]))
        return os.path.relpath(place(target), folder or ".") + (found["rest"] or "")

    return LINK.sub(link, (ROOT / page).read_text(encoding="utf-8"))


def shown(target: str) -> str:
    """Return the page of a text file, or of a folder."""
    path = ROOT / target
    if path.is_dir():
        files = sorted(each.name for each in path.iterdir() if each.name[0] not in "._")
        return f"# {target}\n\n" + "".join(f"- `{name}`\n" for name in files)
    language = LANGUAGES.get(path.suffix, "")
    return f"# {target}\n\n````{language}\n{path.read_text(encoding='utf-8')}````\n"


def reference() -> dict[str, str]:
    """Return a page of modules for each folder of the package, and for those on top."""
    pages = {}
    for folder in FOLDERS:
        modules = sorted(
            path.stem for path in (PACKAGE / folder.replace(".", "/")).glob("[!_]*.py")
        )
        pages[folder] = [f"mstar.{folder}.{module}" for module in modules]
    pages["mstar"] = [f"mstar.{module}" for module in ABOVE]
    return {
        name: f"# {name}\n\n" + "".join(f"::: {module}\n\n" for module in modules)
        for name, modules in pages.items()
    }


def gather(into: Path = PAGES) -> list[str]:
    """Write all pages anew, and return their paths."""
    texts = {page: moved(page) for page in written()}
    for target in {target for page in texts for target in links(page)} - set(texts):
        path = ROOT / target
        if path.suffix not in COPIED:
            texts.setdefault(place(target), shown(target))
        else:
            (into / target).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, into / target)
    texts |= {f"{REFERENCE}/{name}.md": text for name, text in reference().items()}
    for name, text in texts.items():
        (into / name).parent.mkdir(parents=True, exist_ok=True)
        (into / name).write_text(text, encoding="utf-8")
    return sorted(texts)


if __name__ == "__main__":
    shutil.rmtree(PAGES, ignore_errors=True)
    print(f"{PAGES.relative_to(ROOT)}: {len(gather())} pages")
