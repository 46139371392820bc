"""The corpora known by name, and the user's own text by path."""

from __future__ import annotations

import difflib
import os
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from mstar.corpus.folders import folder_name, slug
from mstar.corpus.sources import AnySource, OwnReader
from mstar.corpus.wording import WordRules, problems
from mstar.corpus.words import Convention, check_convention
from mstar.fetch.hub import PREFIX, is_hub_name, list_files
from mstar.files.writing import FOLDERS, SETTINGS, UserError, warn
from mstar.texts.documents import parse_rule
from mstar.texts.places import text_files


class Corpus(BaseModel):
    """A text, in files to fetch or at a local path, and its division into documents and words."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1, description="name of the results folder")
    title: str
    normaliser: Convention = "text8"
    words: WordRules = Field(WordRules(), description="settings of words, as in the configuration")
    document_rule: str = Field(
        description="line, paragraph, file or fixed:N, or a word on the documents of the reader"
    )
    min_tokens: int = Field(0, ge=0, description="documents with fewer words are dropped")
    deduplicate: bool = Field(
        False, description="whether sentences that repeat an earlier one are dropped"
    )
    files: tuple[AnySource, ...] = ()
    path: str | None = Field(None, description="a text of one's own, in place of files")
    field: str = Field("text", description="column or key of its text (tables, JSON)")
    reader: OwnReader | None = Field(
        None, description="how its files are read; null: as what they are"
    )
    tokens: int | None = Field(
        None, gt=0, exclude=True, description="words that it has, about, to plan a run by"
    )

    @property
    def rule(self) -> tuple[str, int]:
        """The document rule (see `parse_rule`), or ("given", 0) for documents of the reader."""
        if self.path is None and not re.match(
            r"(line|paragraph|file|fixed:\S*)$", self.document_rule
        ):
            return "given", 0
        return parse_rule(self.document_rule)

    @property
    def rewords(self) -> bool:
        """Whether phrases are joined or words left out."""
        return self.words.phrases is not None or self.words.chooses

    @property
    def needs_sentences(self) -> bool:
        """Whether the ends of sentences matter."""
        return self.deduplicate or self.words.phrases is not None

    @property
    def filenames(self) -> tuple[str, ...]:
        """Names of all files to fetch, in order."""
        return tuple(name for file in self.files for name in file.filenames)

    @property
    def sizes(self) -> tuple[int, ...]:
        """Bytes of each file to fetch, for planning; 0 if unknown before it is fetched."""
        return tuple(size for file in self.files for size in file.sizes)

    @field_validator("files")
    @classmethod
    def _names_differ(cls, files: tuple[AnySource, ...]) -> tuple[AnySource, ...]:
        for key, names in (
            ("name", [file.name for file in files]),
            ("filename", [name for file in files for name in file.filenames]),
        ):
            (most, times), *_ = Counter(names).most_common(1) or [("", 0)]
            if times > 1:
                raise ValueError(f"expected files that differ in {key}, not {times} of {most}")
        return files

    @field_validator("name")
    @classmethod
    def _names_a_folder(cls, name: str) -> str:
        if name != folder_name(name):
            raise ValueError("expected lower-case letters and digits, with single - between them")
        return name

    @model_validator(mode="after")
    def _is_sound(self) -> Corpus:
        if bool(self.files) == (self.path is not None):
            raise ValueError("expected either files to fetch or the path of a text")
        try:
            kind, _ = self.rule
        except UserError as error:
            raise ValueError(str(error)) from None
        if self.min_tokens and kind == "fixed":
            raise ValueError("min_tokens: documents of fixed:N words are never short")
        for problem in problems(self.words, self.normaliser):
            raise ValueError(problem.line())
        return self


def local_corpus(
    path: str | Path,
    rule: str | None = "line",
    normaliser: Convention = "text8",
    deduplicate: bool = False,
    words: WordRules | None = None,
    *,
    field: str = "text",
    reader: str | None = None,
    name: str | None = None,
) -> Corpus:
    """Return the corpus of the user's own text.

    Args:
        path: a file, a folder or a glob; ~ is the home folder.
        rule: ``line`` (also for None), ``paragraph``, ``file`` or ``fixed:N``.
        normaliser: convention for words.
        deduplicate: whether sentences that repeat an earlier one are dropped.
        words: settings of words.
        field: column or key of the text.
        reader: how files are read (`mstar.texts.readers.OWN`); None: as what they are.
        name: name of the results folder; None: from the path.

    Raises:
        UserError: path, rule or normaliser is wrong, or a setting does not go with the normaliser.
    """
    rule = rule or "line"
    kind, length = parse_rule(rule)
    check_convention(normaliser)
    words = words or WordRules()
    for problem in problems(words, normaliser):
        raise UserError(problem.line())
    path = _expanded(path)
    text_files(path)  # raises here rather than in a job if the path is wrong
    return Corpus(
        name=name or slug(path),
        title=Path(path).name or str(path),
        normaliser=normaliser,
        words=words,
        document_rule=f"{kind}:{length}" if length else kind,
        deduplicate=deduplicate,
        path=str(path),
        field=field,
        reader=reader,
    )


def _expanded(path: str | Path) -> str:
    """Return a path with ~ as the home folder, unless there is a file of that name."""
    return str(path) if Path(path).exists() else os.path.expanduser(path)


def hub_corpus(
    value: str,
    rule: str | None,
    normaliser: Convention,
    deduplicate: bool,
    words: WordRules | None,
    *,
    field: str,
    name: str | None,
    resources: str | Path,
) -> Corpus:
    """Return the corpus of the parquet files of a data set on the Hugging Face hub.

    Args:
        value: see `mstar.fetch.hub.list_files`.
        rule, normaliser, deduplicate, words, field, name: see `local_corpus`.
        resources: folder of downloads, where the list of files is kept.

    Raises:
        UserError: the files cannot be listed, or a setting does not go with the normaliser.
    """
    words = words or WordRules()
    for problem in problems(words, normaliser):
        raise UserError(problem.line())
    name = name or folder_name(value.removeprefix(PREFIX))
    listing = list_files(value, Path(resources) / "corpora" / name / "hub.json")
    files = [
        {
            "source": "hub",
            "name": f"file-{number}",
            "title": listing.dataset,
            "licence": f"that of https://huggingface.co/datasets/{listing.dataset}",
            "reader": "parquet",
            "field": field,
            "dataset": listing.dataset,
            "revision": listing.revision,
            "path": path,
            "bytes": size,
        }
        for number, (path, size) in enumerate(listing.files)
    ]
    return Corpus.model_validate(
        {
            "name": name,
            "title": value.removeprefix(PREFIX),
            "normaliser": normaliser,
            "words": words,
            "document_rule": rule or "line",
            "deduplicate": deduplicate,
            "files": files,
        }
    )


def find_corpus(
    value: str,
    corpora: Mapping[str, Corpus],
    rule: str | None = None,
    normaliser: Convention | None = None,
    deduplicate: bool | None = None,
    words: WordRules | None = None,
    *,
    field: str | None = None,
    reader: str | None = None,
    name: str | None = None,
    resources: str | Path = "resources",
) -> Corpus:
    """Return the corpus that the configuration's ``corpus`` names.

    Args:
        value: a name in ``corpora``, a path, or a data set of the hub (`mstar.fetch.hub`).
        corpora: corpora by name.
        rule, normaliser, deduplicate, words, field, reader, name: for a text that is not in
            ``corpora``.
        resources: folder of downloads.

    Raises:
        UserError: ``value`` is neither a name nor a path, or one of these settings is given for a
            named corpus, which has its own.
    """
    if value in corpora and words is not None and words.changed():
        raise UserError(
            f"words: {', '.join(words.changed())}: for text given by path; the corpus {value} has"
            " its own settings of words: leave them out"
        )
    if value in corpora:
        known = corpora[value]
        _check_own(
            known,
            {
                "normaliser": (normaliser, f"its own ({known.normaliser})"),
                "deduplicate": (deduplicate, f"its own ({'yes' if known.deduplicate else 'no'})"),
                "documents": (rule, f"its own documents ({known.document_rule})"),
                "field": (field, "its own"),
                "reader": (reader, "its own"),
                "name": (
                    name,
                    "its own, and setting (make SETTING=...) names results of other settings",
                ),
            },
        )
        if Path(value).exists():
            warn(f"corpus: {value} is that of config/corpora.yaml; ./{value} is the file here")
        if known.path is not None:
            text_files(known.path)  # raises here if the path is wrong
        return known
    try:
        there = Path(_expanded(value)).exists()
    except OSError as error:
        raise UserError(f"corpus: {value:.60}: cannot be read ({error.strerror})") from None
    if not there and not is_hub_name(value) and re.fullmatch(r"[\w-]+", value):
        near = difflib.get_close_matches(value, corpora, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise UserError(
            f"corpus: {value!r} is neither a known corpus ({', '.join(corpora)}) nor a path to "
            f"text{hint}"
        )
    if is_hub_name(value):
        if reader not in (None, "parquet"):
            raise UserError(
                f"reader: {reader!r}: files of the hub are read as parquet: leave it null"
            )
        corpus = hub_corpus(
            value,
            rule,
            normaliser or "text8",
            bool(deduplicate),
            words,
            field=field or "text",
            name=name,
            resources=resources,
        )
    else:
        corpus = local_corpus(
            value,
            rule,
            normaliser or "text8",
            bool(deduplicate),
            words,
            field=field or "text",
            reader=reader,
            name=name,
        )
    if corpus.name in corpora or corpus.name in (*FOLDERS, SETTINGS):
        # Its results must not mix with those of the named corpus, or of all corpora.
        corpus = corpus.model_copy(update={"name": f"{corpus.name}-file"})
    return corpus


def _check_own(corpus: Corpus, settings: Mapping[str, tuple[Any, str]]) -> None:
    """Raise ``UserError`` if a setting for the user's own texts is given for a named corpus.

    Args:
        corpus: the named corpus.
        settings: by key, the value given, or None, and what the corpus has in its place.
    """
    here = f"; ./{corpus.name} is the file here" if Path(corpus.name).exists() else ""
    for key, (value, own) in settings.items():
        if value is not None:
            shown = str(value).lower() if isinstance(value, bool) else repr(value)
            raise UserError(
                f"{key}: {shown} is for text given by path; the corpus {corpus.name} has {own}: "
                f"leave it null{here}"
            )
