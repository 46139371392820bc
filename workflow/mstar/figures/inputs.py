"""Kinds of inputs of figures, each with the function that loads it from its files.

A figure states the kind of each of its inputs. Loaders are imported only when they are called, so
that rules can name kinds without numpy, pandas or matplotlib.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib import import_module
from typing import Any, NamedTuple

# How files are passed to the loader: all in one call; each in its own call, which gives a list; or
# each in its own call under a label, which gives a mapping.
TOGETHER, EACH, LABELLED = "together", "each", "labelled"


class Kind(NamedTuple):
    """A kind of input.

    Attributes:
        loader: dotted name of the function that reads the files.
        handed: `TOGETHER`, `EACH` or `LABELLED`.
        what: the content of the file, as a further argument of the loader, if it takes one.
    """

    loader: str
    handed: str = TOGETHER
    what: str = ""


TRAINING = Kind("mstar.training.record.load")  # embedding.npz, then trace.parquet
EMBEDDING = Kind("mstar.training.record.load_embedding")
TRACE = Kind("mstar.training.record.read_trace")
TRACES = Kind("mstar.training.record.read_trace", EACH)
TABLE = Kind("mstar.files.tables.read_table")
TABLES = Kind("mstar.files.tables.read_table", EACH)
SCORES = Kind("mstar.files.tables.read_table", LABELLED)  # labels "model V d seed"
ANSWERS = Kind("mstar.files.tables.read_parquet", EACH, "table of answers")
NULLS = Kind("mstar.files.tables.read_parquet", TOGETHER, "table of null families")
WORDS = Kind("mstar.corpus.vocabulary.read_words")
VOCABULARY = Kind("mstar.corpus.vocabulary.read_vocabulary")  # words and their counts
SPECTRUM = Kind("mstar.spectra.spectrum.load")
SPECTRA = Kind("mstar.spectra.spectrum.load", EACH)
EIGENVALUES = Kind("mstar.spectra.spectrum.load_eigenvalues")


def modules(kinds: Iterable[Kind]) -> list[str]:
    """Return the dotted names of the modules that load inputs of these kinds, sorted."""
    return sorted({kind.loader.rpartition(".")[0] for kind in kinds})


def load(kind: Sequence[str], files: str | Sequence[str], labels: Sequence[str] = ()) -> Any:
    """Load one input of a figure.

    Args:
        kind: a `Kind`, or its values as a list.
        files: its file or files.
        labels: one for each file of a `LABELLED` kind.

    Raises:
        UserError: a file is missing or damaged.
    """
    loader, handed, what = kind
    module, _, function = loader.rpartition(".")
    read, rest = getattr(import_module(module), function), [what] if what else []
    paths = [files] if isinstance(files, str) else list(files)
    if handed == TOGETHER:
        return read(*paths, *rest)
    loaded = [read(path, *rest) for path in paths]
    return dict(zip(labels, loaded, strict=True)) if handed == LABELLED else loaded
