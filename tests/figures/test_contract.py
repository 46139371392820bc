"""Every figure is made and drawn through one interface, from inputs and settings by name."""

from __future__ import annotations

import inspect
import pkgutil
import runpy
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from mstar import figures
from mstar.corpus.vocabulary import write_vocabulary
from mstar.figures import fig8, inputs
from mstar.figures.drawing.style import arguments, make
from mstar.settings.figures import Figures
from mstar.spectra.spectrum import Spectrum, save
from tests.support.figures import CURVE_DIMS, FAMILIES, curves, null_curves, null_families
from tests.support.workflow import ROOT

NAMES = sorted(
    {module.name for module in pkgutil.iter_modules(figures.__path__)} - {"inputs", "drawing"}
)
KINDS = {name: kind for name, kind in vars(inputs).items() if isinstance(kind, inputs.Kind)}


@pytest.mark.parametrize("name", NAMES)
def test_a_figure_has_a_table_and_a_drawing_of_it(name: str) -> None:
    module = import_module(f"mstar.figures.{name}")
    table, draw = (inspect.signature(each) for each in (module.table, module.draw))
    assert set(table.parameters) == arguments(module.table), "keyword arguments alone"
    assert table.return_annotation == "pd.DataFrame"
    first, *rest = draw.parameters
    assert first == "table" and set(rest) == arguments(module.draw)
    settings = getattr(Figures(), name, None)
    fields = set(type(settings).model_fields) if settings else set()
    assert set(rest) <= set(table.parameters) | fields


def test_inputs_and_settings_that_no_function_names_are_refused() -> None:
    nulls = {"null_curves": null_curves(["cosine"]), "null_families": null_families()}
    given, chosen = {"curves": curves(), **nulls}, {"families": FAMILIES, "dims": CURVE_DIMS}
    assert len(make(fig8, given, chosen)[1])
    with pytest.raises(TypeError, match="fig8: neither table nor draw has an argument modes"):
        make(fig8, given, {**chosen, "modes": 3})
    with pytest.raises(TypeError, match="families"):
        make(fig8, given, {"dims": CURVE_DIMS})
    with pytest.raises(TypeError, match="multiple values"):
        make(fig8, given, {**chosen, "curves": 1})


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_kind_of_input_names_a_function(kind: inputs.Kind) -> None:
    module, _, function = kind.loader.rpartition(".")
    read = getattr(import_module(module), function)
    paths = 2 if kind is inputs.TRAINING else 1
    inspect.signature(read).bind(*["file"] * paths, *([kind.what] if kind.what else []))
    assert inputs.modules([kind, kind]) == [module]


def test_kinds_are_known_without_what_loads_them() -> None:
    """A rule names kinds of input in a process without numpy and matplotlib."""
    heavy = "{'numpy', 'pandas', 'matplotlib'}"
    code = f"import sys, mstar.figures.inputs; print({heavy} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT / "workflow", capture_output=True, text=True
    )
    assert done.stdout.strip() == "set()", done.stderr


def test_files_reach_their_loader_as_the_kind_says(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("a.tsv", "b.tsv")]
    for k, path in enumerate(paths):
        path.write_text(f"x\n{k}\n")
    files = [str(path) for path in paths]
    assert inputs.load(inputs.TABLE, files[0])["x"].tolist() == [0]
    assert [table["x"][0] for table in inputs.load(inputs.TABLES, files)] == [0, 1]
    by_label = inputs.load(inputs.SCORES, files, ["first", "second"])
    assert {label: table["x"][0] for label, table in by_label.items()} == {"first": 0, "second": 1}
    with pytest.raises(ValueError, match="zip"):
        inputs.load(inputs.SCORES, files, ["first"])


def script(tmp_path: Path, reads: dict[str, Path], settings: dict[str, int]) -> None:
    """Return a runner of the figure script for the spectra figure."""
    snakemake = SimpleNamespace(
        log=[str(tmp_path / "log")],
        input={name: str(path) for name, path in reads.items()},
        output=SimpleNamespace(
            **{
                name: str(tmp_path / f"spectra.{ending}")
                for name, ending in (("picture", "png"), ("other", "pdf"), ("numbers", "csv"))
            }
        ),
        params=SimpleNamespace(
            module="mstar.figures.spectra",
            inputs={
                name: [list(inputs.VOCABULARY if name == "vocabulary" else inputs.EIGENVALUES), []]
                for name in reads
            },
            settings=settings,
        ),
    )
    file = ROOT / "workflow" / "scripts" / "draw.py"
    runpy.run_path(str(file), init_globals={"snakemake": snakemake})


def test_the_script_loads_makes_draws_and_writes(tmp_path: Path) -> None:
    values = 50 * np.arange(1, 21) ** -0.6
    reads = {name: tmp_path / f"{name}.npz" for name in ("mstar", "pmi", "ppmi", "shuffled")}
    for path in reads.values():
        save(path, Spectrum(values, np.eye(20), np.zeros(20), 1.0))
    reads["vocabulary"] = tmp_path / "vocabulary.tsv"
    write_vocabulary(reads["vocabulary"], list("abcd"), np.array([4000, 3000, 2000, 1000]))
    settings = {"modes": 15, "fit_from": 3, "size": 4, "window": 16}
    script(tmp_path, reads, settings)
    assert (tmp_path / "spectra.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "spectra.pdf").read_bytes().startswith(b"%PDF")
    panels = pd.read_csv(tmp_path / "spectra.csv").groupby("panel").size()
    assert (panels["eigenvalue"], panels["law"], panels["exponent"]) == (3 * 15, 3 * 2, 3)
    reads["pmi"].write_bytes(b"damaged")
    with pytest.raises(SystemExit):
        script(tmp_path, reads, settings)
    assert "pmi.npz" in (tmp_path / "log").read_text()
