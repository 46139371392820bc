"""Code fingerprints: which edits change them, and which do not."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mstar.files.writing import UserError
from mstar.running.fingerprint import code_of, modules_of
from tests.support.workflow import ROOT

PACKAGE = {
    "pkg/__init__.py": '"""A package."""\n',
    "pkg/top.py": (
        '"""Top."""\nimport numpy\nfrom pkg import direct\nfrom pkg.sub.inner import value\n\n\n'
        'def late():\n    """Late."""\n    import pkg.late as other\n    return other, value\n'
    ),
    "pkg/direct.py": "from . import sibling\n\nX = sibling.Y  # why\n",
    "pkg/sibling.py": "Y = 1\n",
    "pkg/late.py": "from .sub import inner\n",
    "pkg/sub/__init__.py": "",
    "pkg/sub/inner.py": "from ..cousin import z\nfrom .deep import w\n\nvalue = z + w\n",
    "pkg/sub/deep.py": "import pkg.top\n\nw = 1\n",
    "pkg/cousin.py": "z = 1\n",
    "pkg/unrelated.py": "import pkg.sibling\n\nq = 1\n",
}
REACHED = ["direct", "sibling", "late", "sub/__init__", "sub/inner", "sub/deep", "cousin", "top"]


def write(root: Path, **changes: str) -> Path:
    """Write the package below a new root (a root is parsed once per process)."""
    for name, text in {**PACKAGE, **changes}.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return root


@pytest.fixture
def before(tmp_path: Path) -> str:
    return code_of("pkg.top", write(tmp_path / "before"))


def test_every_kind_of_import_is_followed(tmp_path: Path) -> None:
    found = modules_of("pkg.top", write(tmp_path))
    names = [name.removesuffix("/__init__").replace("/", ".") for name in REACHED]
    assert set(found) == {"pkg", *(f"pkg.{name}" for name in names)}


@pytest.mark.parametrize("name", ["__init__", *REACHED])
def test_code_changes_it(tmp_path: Path, before: str, name: str) -> None:
    file = f"pkg/{name}.py"
    after = write(tmp_path / "after", **{file: PACKAGE[file] + "\nNEW = 2\n"})
    assert code_of("pkg.top", after) != before


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("pkg/sibling.py", "# a comment\nY   =  (1)\n"),
        ("pkg/sibling.py", '"""A docstring."""\n\nY = 1\n"""What Y is."""\n'),
        ("pkg/top.py", PACKAGE["pkg/top.py"].replace("Late.", "Much later.")),
        ("pkg/top.py", PACKAGE["pkg/top.py"].replace('"""Top."""\n', "")),
        ("pkg/unrelated.py", "q = 2\n"),
    ],
)
def test_comments_layout_docstrings_and_strangers_do_not(
    tmp_path: Path, before: str, file: str, text: str
) -> None:
    assert code_of("pkg.top", write(tmp_path / "after", **{file: text})) == before


def test_a_string_that_is_used_counts(tmp_path: Path) -> None:
    one = write(tmp_path / "one", **{"pkg/sibling.py": 'Y = "a"\n'})
    two = write(tmp_path / "two", **{"pkg/sibling.py": 'Y = "b"\n'})
    assert code_of("pkg.top", one) != code_of("pkg.top", two)


def test_modules_are_parsed_and_not_imported(tmp_path: Path) -> None:
    trap = write(tmp_path, **{"pkg/sibling.py": 'raise RuntimeError("imported")\n'})
    assert len(code_of("pkg.top", trap)) == 12


@pytest.mark.parametrize(
    ("module", "changes", "message"),
    [
        ("pkg.tpo", {}, "no module pkg.tpo in .*"),
        ("pkg.late", {"pkg/late.py": "import pkg.typo\n"}, "pkg.typo .* imported by pkg.late"),
        ("pkg.late", {"pkg/late.py": "x = 1\ny = (\n"}, r"late\.py, line 2: not valid Python"),
    ],
)
def test_mistakes_are_one_clear_line(
    tmp_path: Path, module: str, changes: dict[str, str], message: str
) -> None:
    with pytest.raises(UserError, match=message) as error:
        code_of(module, write(tmp_path, **changes))
    assert "\n" not in str(error.value)


def test_the_real_package() -> None:
    assert "mstar.files.writing" in modules_of("mstar.running.fingerprint")
    assert (
        code_of("mstar.running.fingerprint")
        == code_of("mstar.running.fingerprint")
        != code_of("mstar.files.writing")
    )


def test_what_is_kept_says_the_same_and_damage_is_ignored(tmp_path: Path) -> None:
    copy = tmp_path / "workflow" / "mstar"
    shutil.copytree(ROOT / "workflow" / "mstar", copy, ignore=shutil.ignore_patterns("__pycache__"))
    kept = copy / "running" / "__pycache__" / "fingerprints.json"
    shown = "from mstar.running import fingerprint as f; print(f.code_of('mstar.training.sgd'))"

    def said() -> str:
        return subprocess.run(
            [sys.executable, "-c", shown],
            cwd=copy.parent,
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    fresh = said()
    assert json.loads(kept.read_text(encoding="utf-8")) and said() == fresh
    kept.write_text("[1, 2", encoding="utf-8")
    assert said() == fresh and json.loads(kept.read_text(encoding="utf-8"))
    with (copy / "training" / "sgd.py").open("a", encoding="utf-8") as file:
        file.write("UNUSED = 1\n")
    assert said() != fresh
