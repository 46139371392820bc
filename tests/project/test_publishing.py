"""What others read: the site, the manifest of figures, the catalogue's file, releases, citation."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from mstar.settings.figures import FIGURES
from tests.support.workflow import ROOT
from tools import release, site


def loaded(name: str) -> Any:
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


def entries(nav: Any) -> list[str]:
    """Return the pages of a menu of MkDocs."""
    if isinstance(nav, str):
        return [nav]
    below = nav.values() if isinstance(nav, dict) else nav
    return [page for part in below for page in entries(part)]


def test_the_menu_lists_every_page_and_every_folder_of_the_package() -> None:
    menu = entries(loaded("mkdocs.yml")["nav"])
    reference = [f"{site.REFERENCE}/{name}.md" for name in site.reference()]
    assert sorted(menu) == sorted([*site.written(), *reference])


def test_links_between_pages_of_the_site_hold(tmp_path: Path) -> None:
    """MkDocs checks them too, and anchors, where it is installed."""
    pages = site.gather(tmp_path)
    seen = 0
    for page in pages:
        text = (tmp_path / page).read_text(encoding="utf-8")
        if page in site.written():
            for found in site.LINK.finditer(text):
                assert (tmp_path / page).parent.joinpath(found["file"]).is_file(), (page, found[0])
                seen += 1
    assert seen > 150


def test_each_module_is_in_the_reference() -> None:
    named = re.findall(r"^::: (\S+)$", "".join(site.reference().values()), re.MULTILINE)
    package = ROOT / "workflow"
    files = {path for path in (package / "mstar").rglob("*.py") if path.name != "__init__.py"}
    assert {package.joinpath(*name.split(".")).with_suffix(".py") for name in named} == files
    assert len(named) == len(files)


def test_the_manifest_names_every_default_figure() -> None:
    text = (ROOT / "codecheck.yml").read_text(encoding="utf-8")
    assert text.startswith("---\n")
    found = yaml.safe_load(text)
    files = [each["file"] for each in found["manifest"]]
    pictures = [
        f"results/figures/encyclopedia/{name}.{figure.picture.lstrip('.')}"
        for name, figure in FIGURES.items()
        if figure.default
    ]
    assert files[: len(pictures)] == pictures and len(set(files)) == len(files)
    assert all(each["comment"] for each in found["manifest"])
    paper = loaded("CITATION.cff")["preferred-citation"]
    assert found["paper"]["title"] == paper["title"]
    names = [f"{each['given-names']} {each['family-names']}" for each in paper["authors"]]
    assert [each["name"] for each in found["paper"]["authors"]] == names


def test_the_catalogue_finds_the_workflow_where_it_looks() -> None:
    usage = loaded(".snakemake-workflow-catalog.yml")["usage"]
    assert set(usage) == {"mandatory-flags", "software-stack-deployment", "report"}
    assert (ROOT / "workflow" / "Snakefile").is_file() and (ROOT / "config" / "README.md").is_file()
    json.loads((ROOT / "config" / "schema.json").read_text(encoding="utf-8"))


def test_a_release_says_what_is_new(tmp_path: Path) -> None:
    for name in ("pyproject.toml", "CITATION.cff"):
        shutil.copy(ROOT / name, tmp_path)
    changes = tmp_path / "CHANGELOG.md"
    changes.write_text("# Changelog\n\n## 1.0, 2 May 2027\n\n- One.\n- Two.\n\n## 0.9\n\n- Old.\n")
    assert release.notes("v1.0", tmp_path) == "- One.\n- Two.\n"
    with pytest.raises(ValueError, match=r"pyproject.toml: version 1.0: expected 1.1, that of the"):
        release.notes("v1.1", tmp_path)
    changes.write_text("# Changelog\n\n## 1.0, unreleased\n\n- One.\n")
    with pytest.raises(ValueError, match=r"expected a section ## 1\.0 with the date"):
        release.notes("v1.0", tmp_path)
    (tmp_path / "CITATION.cff").write_text('version: "0.9"\n')
    with pytest.raises(ValueError, match=r"CITATION.cff: version 0.9"):
        release.notes("v1.0", tmp_path)
