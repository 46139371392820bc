"""The word benchmarks on which every embedding is scored, and their files.

An entry of `BENCHMARKS` is all that a benchmark needs: its file, its scores and, if no package
contains the file, its key ``benchmarks.NAME`` in the configuration follow from the entry.
"""

from __future__ import annotations

import hashlib
import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from mstar.files.writing import UserError


@dataclass(frozen=True)
class Benchmark:
    """A published file of questions for an embedding.

    Attributes:
        title: name in prose.
        kind: "analogies", read by `mstar.evaluation.analogies.parse_questions` and scored by the
            share answered; or "similarity", read by `mstar.evaluation.similarity.parse_judgements`
            and scored by the rank correlation with human judgements.
        file: name of the published file.
        sha256: of the published file.
        folder: folder of the file in an installed package, as "package/folder/of/package"; None if
            the configuration names the file.
    """

    title: str
    kind: Literal["analogies", "similarity"]
    file: str
    sha256: str
    folder: str | None = None


BENCHMARKS = {
    "google": Benchmark(
        title="Google's analogies",
        kind="analogies",
        file="questions-words.txt",
        sha256="8c29b3332afc46f3fb8be04cb5297bf96f39aa7131272dff57869b4485b22a36",
        folder="gensim/test/test_data",
    ),
    "wordsim353": Benchmark(
        title="WordSim-353",
        kind="similarity",
        file="wordsim353.tsv",
        sha256="f92a022fc2537793a15bc3a8c162ebcd74990e033a228bb6388cb71e4c0b1e1d",
        folder="gensim/test/test_data",
    ),
    "simlex999": Benchmark(
        title="SimLex-999",
        kind="similarity",
        file="simlex999.txt",
        sha256="d5e0501971478a511430ee880bd0121e94ac701ba86d90544d83e6d2ba3db05d",
        folder="gensim/test/test_data",
    ),
    "men": Benchmark(
        title="MEN",
        kind="similarity",
        file="MEN_dataset_natural_form_full",
        sha256="87a5b7229e6cf32426063da921e83031b9efeab3101d4413eaa3f44fcbce3a45",
    ),
}
PACKAGED = {name: entry for name, entry in BENCHMARKS.items() if entry.folder is not None}
GIVEN = {name: entry for name, entry in BENCHMARKS.items() if entry.folder is None}


def packaged_benchmark(name: str) -> Path:
    """Return the path of a benchmark of `PACKAGED` in its package, which is not imported.

    Raises:
        UserError: the package, or the file in it, is not installed.
    """
    if name not in PACKAGED:
        raise UserError(f"benchmark {name!r}: packages bring {', '.join(PACKAGED)}")
    entry = PACKAGED[name]
    package, *below = str(entry.folder).split("/")
    found = importlib.util.find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise UserError(f"benchmark {name}: needs the package {package}, which is not installed")
    path = Path(found.submodule_search_locations[0], *below, entry.file)
    if not path.is_file():
        raise UserError(f"benchmark {name}: {package} is installed without its file {path}")
    return path


def read_benchmark(name: str, path: str | Path, verify: bool = True) -> str:
    """Return the text of the benchmark ``name`` (a key of `BENCHMARKS`) from the file at ``path``.

    Raises:
        UserError: the file cannot be read or, with ``verify``, differs from the published one,
            which would make scores incomparable.
    """
    if name not in BENCHMARKS:
        raise UserError(f"benchmark {name!r}: expected one of {', '.join(BENCHMARKS)}")
    entry = BENCHMARKS[name]
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        reason = error.strerror or "unreadable"
        raise UserError(f"benchmark {name}: {path}: {reason}; expected {entry.file}") from None
    digest = hashlib.sha256(content).hexdigest()
    if verify and digest != entry.sha256:
        expected = f"sha256 {digest}, expected {entry.sha256}"
        raise UserError(f"benchmark {name}: {path} is not {entry.file} as published ({expected})")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise UserError(f"benchmark {name}: {path} is not UTF-8 text") from None
