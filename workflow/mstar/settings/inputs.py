"""What a study reads: the files of its text, by the parts they are read in, and benchmarks."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from typing import Any

from mstar.corpus.corpora import Corpus
from mstar.corpus.shards import text_parts
from mstar.evaluation.benchmarks import PACKAGED, read_benchmark
from mstar.files.writing import UserError, printable
from mstar.settings.config import Config
from mstar.texts.places import state_of, text_files


def input_path(key: str, path: str) -> str:
    """Return the path of a file that a setting names, once it can be an input of a rule.

    Args:
        key: the setting, for messages.

    Raises:
        UserError: there is no such file, or its name is one that Snakemake would read otherwise.
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
    """Return where the word benchmarks that packages bring are copied to, by name."""
    return {name: f"<resources>/benchmarks/{entry.file}" for name, entry in PACKAGED.items()}


def benchmark_files(config: Config) -> dict[str, str]:
    """Return the files of all word benchmarks that there are, by name.

    Raises:
        UserError: a file that the configuration names cannot be read by a rule, or is not the one
            published.
    """
    given = {name: path for name, path in config.benchmarks if path is not None}
    for name, path in given.items():
        try:
            read_benchmark(name, input_path(f"benchmarks.{name}", path))
        except UserError as error:
            raise UserError(f"{error}: correct benchmarks.{name}, or leave it out") from None
    return packaged_files() | given


class Text:
    """The files of a corpus, in order.

    Attributes:
        files: their paths, those to be fetched below ``<resources>``.
        sizes: bytes of each; 0 where that is not known before it is fetched.
        parts: consecutive files that are read by one job each.

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
        """Return the files of one part."""
        return [self.files[i] for i in self.parts[number]]

    def state(self, files: Sequence[str]) -> str:
        """Return what changes whenever one of these files of a text given by path does.

        It is empty for a text that is fetched, whose files are verified.
        """
        return "" if self.corpus.path is None else state_of(self.corpus.path, files)

    def encoded_parts(self, file: str) -> list[str]:
        """Return the paths of one kind of file that the parts give, in order."""
        folder, parts = f"<results>/{self.corpus.name}/parts", len(self.parts)
        return [f"{folder}/{part}-of-{parts}/{file}" for part in range(parts)]

    @property
    def tokens(self) -> float:
        """Words expected before they are counted: what the corpus says, or six bytes each."""
        return self.corpus.tokens or sum(self.sizes) / 6

    @property
    def fetched(self) -> str:
        """A regular expression for the names of the files to fetch."""
        return "|".join(map(re.escape, self.corpus.filenames)) or "(?!)"

    def request(self, name: str) -> dict[str, Any]:
        """Return where a file to fetch is, and what is known of it."""
        file = next(each for each in self.corpus.files if name in each.filenames)
        return file.request(name)

    def bytes_of(self, name: str) -> int:
        """Return the size of a file to fetch, 0 if that is not known before."""
        return dict(zip(self.corpus.filenames, self.corpus.sizes, strict=True))[name]
