"""The package's folders: imports run in one direction, and tests mirror the package."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from tests.support.rules import SMK
from tools import structure

TESTS = structure.ROOT / "tests"
FOUND = structure.imports()
# Folders of tests without a counterpart in the package.
OTHERS = {"project", "support", "slurm", "data"}
LONGEST_IN_RULES = 6


def test_imports_run_down_the_folders() -> None:
    print(f"\n{structure.markdown(FOUND)}")
    assert structure.upward(FOUND) == []


def test_no_imports_go_in_a_circle() -> None:
    assert structure.circle(FOUND) == []


def test_no_imports_between_folders_go_in_a_circle() -> None:
    folders: dict[str, set[str]] = {}
    for one, other in structure.table(FOUND):
        if one != other:
            folders.setdefault(one, set()).add(other)
    assert structure.circle(folders) == []


def test_a_circle_and_an_import_upward_are_seen(tmp_path: Path) -> None:
    texts = {
        "files.tables": "def read():\n    from mstar.report import page\n",
        "report.page": "import mstar.files.tables\nfrom mstar.files.tables import read\n",
    }
    files = {name: tmp_path / f"{name}.py" for name in texts}
    for name, text in texts.items():
        files[name].write_text(text, encoding="utf-8")
    found = structure.imports(files)
    assert found == {"files.tables": {"report.page"}, "report.page": {"files.tables"}}
    assert structure.upward(found) == ["files.tables -> report.page"]
    assert len(structure.circle(found)) == 3
    assert "| **report** | 1 |" in structure.markdown(found)


def test_the_order_names_every_folder_and_one_module_stands_alone() -> None:
    folders = {structure.folder(module) for module in FOUND}
    assert folders == {*structure.FOLDERS, *structure.ABOVE}


def test_each_init_is_one_sentence() -> None:
    inits = sorted(structure.PACKAGE.rglob("__init__.py"))
    assert len(inits) == len(structure.FOLDERS) + 1
    for path in inits:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        sentence = ast.get_docstring(tree)
        assert len(tree.body) == 1 and sentence, path
        assert sentence.endswith(".") and "\n" not in sentence, path


def test_tests_mirror_the_folders() -> None:
    packages = {
        path.name for path in structure.PACKAGE.iterdir() if (path / "__init__.py").is_file()
    }
    tested = {path.name for path in TESTS.iterdir() if path.is_dir() and path.name[0] not in "._"}
    assert tested <= packages | OTHERS
    assert {path.name for path in TESTS.glob("test_*.py")} == {"test_command.py", "test_library.py"}


def test_rules_hold_no_long_functions() -> None:
    lines = structure.smk_functions()
    print(f"\nfunctions in .smk files: {len(lines)}")
    assert {name: n for name, n in lines.items() if n > LONGEST_IN_RULES} == {}


def test_jobs_that_read_the_text_run_again_only_for_another_description() -> None:
    for file in SMK:
        calls = re.findall(r"(\S*)\s*TEXT\.files_of", file.read_text(encoding="utf-8"))
        assert all(before.endswith("encoded(") for before in calls), file


def test_the_page_lists_the_folders() -> None:
    page = structure.PAGE.read_text(encoding="utf-8")
    assert structure.filled(page) == page, "run: python -m tools.structure"
