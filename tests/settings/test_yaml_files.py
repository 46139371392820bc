"""YAML that would take for ever, end in a traceback, run code or lose a key is one line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from mstar.files.mistakes import shown
from mstar.files.writing import UserError
from mstar.files.yaml_files import MOST, check_files, main, mistakes_in, read_yaml
from mstar.settings.config import load
from tests.support.workflow import ROOT, SMOKE, run_snakemake

BOMB = "dynamics:\n  runs:\n    a: &a {x: 1, y: 2, z: 3}\n" + "".join(
    f"    {b}: &{b} {{{', '.join(f'{key}: *{a}' for key in 'pqrstuvw')}}}\n"
    for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)
BAD = {
    "bomb": (BOMB, f"line 7: more than {MOST:,} values, with aliases (*name) written out"),
    "list bomb": (
        "k0: &k0 [1, 2]\n" + "".join(f"k{i}: &k{i} [{f'*k{i - 1}, ' * 9}]\n" for i in range(1, 9)),
        f"line 5: more than {MOST:,} values, with aliases (*name) written out",
    ),
    "itself": ("dynamics: &d\n  runs: *d\n", "line 2: *d stands within &d, without end"),
    "list of itself": ("seeds: &s [1, *s]\n", "line 1: *s stands within &s, without end"),
    "nested": (
        f"seeds: {'[' * 5000}{']' * 5000}\n",
        "line 1: lists or mappings within each other, 50 deep",
    ),
    "twice": (
        "window: 4\ndim: 3\nwindow: 5\n",
        'line 3: the key "window" again, after line 1: expected it once',
    ),
    "twice below": (
        "dynamics:\n  runs: {a: {init: 1}, b: {init: 1},\n    a: {init: 2}}\n",
        'line 3: the key "a" again, after line 2: expected it once',
    ),
    "code": (
        '__use_yte__: true\nwindow:\n  ?if open("pwned", "w"):\n    4\n',
        "line 1: __use_yte__: code in a configuration, which is not run",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_each_is_one_line_that_names_the_file(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    text, line = BAD[name]
    monkeypatch.chdir(tmp_path)
    Path("a.yaml").write_text(text, encoding="utf-8")
    for read in (read_yaml, lambda path: check_files([path])):
        with pytest.raises(UserError) as error:
            read("a.yaml")
        assert str(error.value) == f"a.yaml, {line}"
    assert main(["a.yaml"]) == 1
    assert capsys.readouterr().err == f"CONFIG: a.yaml, {line}\n"
    assert not Path("pwned").exists()


def test_what_is_sound_passes(tmp_path: Path) -> None:
    files = [*(ROOT / "config").glob("*.yaml"), *(ROOT / "profiles").rglob("*.yaml")]
    check_files(files)
    for file in files:
        assert read_yaml(file) == yaml.safe_load(file.read_text(encoding="utf-8"))
    used = "a: &a {x: 1}\nb: *a\nc: [{x: 1}, {x: 2}, *a]\nd: {<<: *a, y: 2}\n"
    assert list(mistakes_in(used)) == []
    (tmp_path / "a.json").write_text(json.dumps({"a": {"b": 1}}, indent="\t"), encoding="utf-8")
    check_files([tmp_path / "a.json"])
    with pytest.raises(UserError, match=r"no\.yaml: no such file"):
        check_files([tmp_path / "no.yaml"])


def test_values_made_otherwise_end_too() -> None:
    """Snakemake's --config can hold what a file cannot."""
    endless: dict[str, object] = {}
    endless["dynamics"] = {"runs": endless}
    wide: object = [1, 2]
    for _ in range(12):
        wide = [wide] * 9
    for raw in (endless, {"seeds": wide}):
        with pytest.raises(UserError, match=f"config: expected at most {MOST:,} values"):
            load(raw)
        assert len(shown(raw)) <= 80


def test_a_key_that_is_there_twice_ends_a_run(sources: Path, tmp_path: Path) -> None:
    (tmp_path / "twice.yaml").write_text(BAD["twice"][0], encoding="utf-8")
    layers = (SMOKE, str(tmp_path / "twice.yaml"))
    done = run_snakemake(sources, "-n", configfiles=layers)
    assert done.returncode != 0 and "Traceback" not in done.stdout
    assert BAD["twice"][1] in done.stdout
