"""The inputs of a study: the files of its text, grouped into parts, and benchmarks."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any

from mstar.corpus.corpora import Corpus, find_corpus
from mstar.corpus.shards import shard_of_part, text_parts
from mstar.corpus.wording import check_files
from mstar.evaluation.benchmarks import (
    BENCHMARKS,
    FETCHED,
    GIVEN,
    PACKAGED,
    Package,
    in_package,
    read_benchmark,
)
from mstar.evaluation.question_files import decoded, parse
from mstar.files.formats import unpacked
from mstar.files.writing import UserError, printable, sha256_of
from mstar.running.fingerprint import digest_of_files
from mstar.settings.benchmarks import OwnBenchmark
from mstar.settings.config import Config
from mstar.texts.kinds import named_kind
from mstar.texts.places import outside, state_of, text_files

# Bytes of text in a byte of a compressed file.
PACKED = 4


def input_path(key: str, path: str) -> str:
    """Return ``path`` after checking that it can be an input of a rule.

    Args:
        key: the setting that names the file, for messages.
        path: path of the file.

    Raises:
        UserError: the file does not exist, or its name is not UTF-8, has control characters, or has
            a special meaning in Snakemake.
    """
    if any(unicodedata.category(character) in ("Cc", "Zl", "Zp") for character in path):
        raise UserError(
            f"{key}: {printable(path)}: a name with control characters, which would reach your"
            " terminal: rename or link the file"
        )
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
    """Return the files of the word benchmarks to score, by name.

    Published ones come first, in the order of `BENCHMARKS`, then those of the user.

    Raises:
        UserError: a file that the configuration names cannot be read by a rule, differs from the
            published one, or has no questions; or a benchmark is to be scored whose file is
            unknown.
    """
    benchmarks = config.benchmarks
    given = {name: path for name in GIVEN if (path := getattr(benchmarks, name)) is not None}
    for name, path in given.items():
        try:
            read_benchmark(name, input_path(f"benchmarks.{name}", path))
        except UserError as error:
            raise UserError(f"{error}: correct benchmarks.{name}, or leave it out") from None
    known = packaged_files() | fetched_files() | given
    for name in benchmarks.similarity:
        if name not in known:
            raise UserError(f"benchmarks.similarity: {name}: expected its file, benchmarks.{name}")
    wanted = {"google", *benchmarks.similarity, *given}
    published = {name: known[name] for name in BENCHMARKS if name in wanted}
    return published | {name: own_file(name, own) for name, own in benchmarks.own.items()}


def own_file(name: str, own: OwnBenchmark) -> str:
    """Return the path of a benchmark of the user, after parsing the file.

    Raises:
        UserError: the file is missing, or a line of it is no question.
    """
    key = f"benchmarks.own.{name}"
    path = own.file
    if own.package is not None:
        try:
            path = str(in_package(own.package, own.file))
        except UserError as error:
            raise UserError(f"{key}: {error}") from None
    input_path(f"{key}.file", path)
    try:
        parse(own.kind, decoded(Path(path).read_bytes(), path), path, own.layout)
    except OSError as error:
        raise UserError(f"{key}: {path}: {error.strerror or 'unreadable'}") from None
    except UserError as error:
        raise UserError(f"{key}: {error}") from None
    return path


def benchmark_requests(config: Config, files: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Return kind, layout and sha256 of each benchmark of ``files`` that is the user's, by name.

    The sha256 makes jobs run again when the content of a file changes, whatever its date.
    """
    return {
        name: {"kind": own.kind, **vars(own.layout), "sha256": sha256_of(files[name])}
        for name, own in config.benchmarks.own.items()
    }


def find_corpora(
    config: Config, corpora: Mapping[str, Corpus], resources: str
) -> tuple[Corpus, Corpus | None]:
    """Return the corpus of a configuration and, if it names one, the text to compare it with.

    Settings for texts given by path hold for both, and for one alone if the other is a named
    corpus, which has its own.

    Args:
        config: the configuration.
        corpora: corpora by name.
        resources: folder of downloads.

    Raises:
        UserError: see `mstar.corpus.corpora.find_corpus`; or both have the same name.
    """
    names = (config.corpus,) if config.against is None else (config.corpus, config.against)
    some_path = any(name not in corpora for name in names)
    found = []
    for key, value in zip(("corpus", "against"), names, strict=False):
        settings: dict[str, Any] = {
            "rule": config.documents,
            "normaliser": config.normaliser,
            "deduplicate": config.deduplicate,
            "words": config.words,
            "field": config.field,
            "reader": config.reader,
            "name": config.name if key == "corpus" else None,
        }
        if value in corpora and len(names) > 1 and some_path:
            settings = {}
        try:
            found.append(find_corpus(value, corpora, **settings, resources=resources))
        except UserError as error:
            raise UserError(re.sub("^corpus:", f"{key}:", f"{error}")) from None
    if len(found) == 1:
        return found[0], None
    if found[0].name == found[1].name:
        raise UserError(
            f"against: {config.against}: would have the same results folder as corpus,"
            f" {found[0].name}: expected another text, or for a corpus"
            " given by path a name of its own (name: NAME)"
        )
    return found[0], found[1]


class Text:
    """The files of a corpus, in order.

    Attributes:
        files: paths; files to fetch are below ``<resources>``.
        sizes: bytes of each file; 0 if unknown before it is fetched.
        parts: numbers of the consecutive files that one job reads, for each job.
        shards: number of jobs that count pairs, each in a part or some of its documents.
        word_files: paths of the files that its settings of words name.

    Raises:
        UserError: a file of a text given by path cannot be read by a rule, or a file that its
            settings of words name is not what it should be.
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
        self.parts, self.shards = text_parts(self.sizes, shards), shards
        named = corpus.words.files()
        self.word_files = [input_path(f"words.{key}", path) for key, path in named.items()]
        check_files(corpus.words)

    def warnings(self) -> list[str]:
        """Return a line if files of a folder or glob are links to files outside it."""
        path, files = self.corpus.path, [Path(file) for file in self.files]
        if path is None or not (linked := outside(path, files)):
            return []
        more = f" and {len(linked) - 3:,} more" if len(linked) > 3 else ""
        return [
            f"corpus: {path}: these are links to files elsewhere, and are read:"
            f" {', '.join(linked[:3])}{more}: remove those that are not of your text"
        ]

    def part(self, number: int) -> list[str]:
        """Return the paths of the files of one part."""
        return [self.files[i] for i in self.parts[number]]

    def state(self, files: Sequence[str]) -> str:
        """Return text that changes whenever one of ``files`` of a text given by path changes.

        It is empty for a text that is fetched, since its files are verified.
        """
        return "" if self.corpus.path is None else state_of(self.corpus.path, files)

    def state_of_words(self) -> str:
        """Return text that changes whenever the content of one of ``word_files`` changes."""
        return digest_of_files(*self.word_files) if self.word_files else ""

    @property
    def is_dump(self) -> bool:
        """Whether the text is a MediaWiki dump by name, which several processes read."""
        first = self.files[0] if self.files else ""
        return self.corpus.reader == "dump" or named_kind(first) == "dump"

    # --- the encoded text ---

    @property
    def is_revised(self) -> bool:
        """Whether parts depend on all others, as `mstar.corpus.revise` makes them."""
        return len(self.parts) > 1 and (self.corpus.deduplicate or self.corpus.rewords)

    def of_parts(self, file: str) -> list[str]:
        """Return the path of ``file`` of each of several parts, in order."""
        folder = f"<shared>/{{corpus}}/parts/{{part}}-of-{len(self.parts)}"
        return [f"{folder}/{file}".replace("{part}", str(n)) for n in range(len(self.parts))]

    @property
    def continued(self) -> list[str]:
        """Paths of the tokens of all parts if documents may go on in the next; else none."""
        return self.of_parts("tokens.npy") if self.corpus.rule[0] == "fixed" else []

    def files_of(self, corpus: str, wanted: bool = True) -> list[str]:
        """Return the files of an encoded text, as `mstar.corpus.encoded_text.open_text` has them.

        Args:
            corpus: this corpus, or a subset of it, which is always one part.
            wanted: whether a job reads the text at all; if not, there are none.
        """
        if not wanted:
            return []
        if len(self.parts) == 1 or corpus != self.corpus.name:
            names = ("tokens.npy", "documents.npy", "corpus.json")
            return [f"<shared>/{corpus}/{name}" for name in names]
        parts = [self._files_of_part(number) for number in range(len(self.parts))]
        return [*chain(*parts), f"<shared>/{corpus}/corpus.json"]

    def files_of_shard(self, shard: int) -> list[str]:
        """Return the files of the encoded text that the job which counts a shard reads."""
        part, _, _ = self.shard(shard)
        name = self.corpus.name
        if part is None:
            return self.files_of(name)
        return [*self._files_of_part(part), f"<shared>/{name}/corpus.json"]

    def shard(self, shard: int) -> tuple[int | None, int, int]:
        """Return the part of the text that a shard is of, its number there, and the number there.

        The part is None for a text in one part.
        """
        if len(self.parts) == 1:
            return None, shard, self.shards
        return shard_of_part(shard, self.shards, len(self.parts))

    def largest(self, part: int | None, shard: int | None) -> float:
        """Return how many times as many bytes of text the largest part, or shard, has as one.

        It is 1 if no part or shard is given, or sizes are unknown.
        """
        if part is None and shard is None:
            return 1
        parts, shards = self._bytes_of_parts
        sizes, own = (parts, part) if shard is None else (shards, shard)
        return max(sizes) / sizes[own or 0] if sizes[own or 0] else 1

    @cached_property
    def _bytes_of_parts(self) -> tuple[list[float], list[float]]:
        """Bytes of text of each part, and of each shard."""
        parts = [float(sum(self.sizes[i] for i in own)) for own in self.parts]
        shards = (self.shard(number) for number in range(self.shards))
        return parts, [parts[part or 0] / of for part, _, of in shards]

    def _files_of_part(self, part: int) -> list[str]:
        """Return the files of one of several parts, as `mstar.corpus.encoded_text` has them."""
        names = ("tokens.npy", "documents.npy", "place.npz")
        name = self.corpus.name
        return [self.of_parts(file)[part].replace("{corpus}", name) for file in names]

    @property
    def tokens(self) -> float:
        """Expected number of words: that of the corpus's entry, or one for six bytes of text."""
        text = 0
        for name, size in zip(self.files, self.sizes, strict=True):
            packed = named_kind(name) in ("parquet", "zip") or unpacked(Path(name)) != Path(name)
            text += size * (PACKED if packed else 1)
        return self.corpus.tokens or text / 6

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
