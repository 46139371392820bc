"""The corpora known by name, and the user's own text by path."""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from mstar.corpus.sources import KINDS, AnySource
from mstar.corpus.words import Convention, check_convention
from mstar.files.formats import COMPRESSED, FORMATS
from mstar.files.writing import FOLDERS, UserError
from mstar.texts.places import is_glob, text_files
from mstar.texts.readers import parse_rule

# File systems take names of 255 bytes; `find_corpus` may add to one.
LONGEST_NAME = 200


class Corpus(BaseModel):
    """A text, and how it becomes documents of words: of files to fetch, or of a local path."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$", description="name of the results folder")
    title: str
    normaliser: Convention = "text8"
    document_rule: str = Field(
        description="line, file or fixed:N, or a word on what the reader takes for documents"
    )
    min_tokens: int = Field(0, ge=0, description="documents with fewer words are dropped")
    files: tuple[AnySource, ...] = ()
    path: str | None = Field(None, description="a text of one's own, in place of files")
    field: str = Field("text", description="column or key of its text (parquet, jsonl)")
    tokens: int | None = Field(
        None, gt=0, exclude=True, description="words that it has, about, to plan a run by"
    )

    @property
    def rule(self) -> tuple[str, int]:
        """The rule as of `parse_rule`, or ("given", 0): documents are those of the reader."""
        if self.path is None and not re.match(r"(line|file|fixed:\S*)$", self.document_rule):
            return "given", 0
        return parse_rule(self.document_rule)

    @property
    def filenames(self) -> tuple[str, ...]:
        """Names of all files to fetch, in order."""
        return tuple(name for file in self.files for name in file.filenames)

    @property
    def sizes(self) -> tuple[int, ...]:
        """Bytes of each, to plan by; 0 where that is not known before it is fetched."""
        return tuple(size for file in self.files for size in file.sizes)

    @model_validator(mode="after")
    def _is_sound(self) -> Corpus:
        for names in ([file.name for file in self.files], self.filenames):
            if len(set(names)) < len(names):
                raise ValueError("each file needs a name of its own")
        if bool(self.files) == (self.path is not None):
            raise ValueError("expected either files to fetch or the path of a text")
        try:
            kind, _ = self.rule
        except UserError as error:
            raise ValueError(str(error)) from None
        if self.min_tokens and kind == "fixed":
            raise ValueError("min_tokens: documents of fixed:N words are never short")
        return self


def load_corpora(path: str | Path) -> dict[str, Corpus]:
    """Return the corpora of ``corpora.yaml``, by name.

    Raises ``UserError`` with one line for each thing wrong in the file.
    """
    try:
        entries = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror})") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: not YAML: {' '.join(str(error).split())}") from None
    if not isinstance(entries, dict) or not entries:
        raise UserError(f"{path}: expected a name and its settings for each corpus")
    corpora, wrong = {}, []
    for name, settings in entries.items():
        if not isinstance(settings, dict):
            wrong.append(f"{path}: {name}: expected settings (title, files, ...)")
            continue
        try:
            corpora[str(name)] = Corpus.model_validate({**settings, "name": str(name)})
        except ValidationError as error:
            wrong += [f"{path}: {_problem(str(name), each)}" for each in error.errors()]
    if wrong:
        raise UserError("\n".join(wrong))
    return corpora


def _problem(name: str, error: Any) -> str:
    """What pydantic says is wrong with the corpus ``name``: key, problem, value."""
    where = list(error["loc"])
    if where[:1] == ["files"] and where[2:3] and where[2] in KINDS:
        del where[2]  # pydantic names the kind of source that it tried
    message, value = error["msg"].removeprefix("Value error, "), error["input"]
    if error["type"] == "source":
        where.append("source")
        value = value.get("source") if isinstance(value, Mapping) else value
        near = difflib.get_close_matches(str(value), KINDS, n=1)
        message = f"expected one of {', '.join(KINDS)}{_hint(near)}"
    got = "" if isinstance(value, Mapping) else f", got {value!r:.80}"
    return f"{'.'.join(str(part) for part in (name, *where))}: {message}{got}"


def _hint(near: list[str]) -> str:
    return f"; did you mean {near[0]}?" if near else ""


def slug(path: str | Path) -> str:
    """Return a name for results made from ``path``: of its last part, lower-case, a-z, 0-9, "-".

    One too long for a folder is cut, and ends in what tells it from others that begin alike.
    """
    place = Path(path)
    if is_glob(path):
        stem = str(path)
    else:
        stem = place.name or place.resolve().name
        for endings in (COMPRESSED, FORMATS):
            stem = next((stem.removesuffix(end) for end in endings if stem.endswith(end)), stem)
    name = re.sub(r"[^a-z0-9]+", "-", stem.lower()).strip("-") or "text"
    if len(name) <= LONGEST_NAME:
        return name
    digest = hashlib.sha256(stem.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{name[:100].strip('-')}-{digest}"


def local_corpus(
    path: str | Path, rule: str | None = "line", normaliser: Convention = "text8"
) -> Corpus:
    """Return the corpus of the user's own text at ``path`` (a file, a folder or a glob).

    ``rule`` is ``line`` (the default, also for None), ``file`` or ``fixed:N``. Raises ``UserError``
    if path, rule or normaliser is wrong.
    """
    rule = rule or "line"
    kind, length = parse_rule(rule)
    check_convention(normaliser)
    text_files(path)  # refuses a wrong path now
    return Corpus(
        name=slug(path),
        title=Path(path).name or str(path),
        normaliser=normaliser,
        document_rule=f"{kind}:{length}" if length else kind,
        path=str(path),
    )


def find_corpus(
    value: str,
    corpora: Mapping[str, Corpus],
    rule: str | None = None,
    normaliser: Convention | None = None,
) -> Corpus:
    """Return the corpus that the config's ``corpus`` means: a name in ``corpora``, or a path.

    Raises ``UserError`` if it is neither, or if a document rule or a normaliser is given for a
    named corpus, which has its own.
    """
    if value in corpora and normaliser is not None:
        raise UserError(
            f"normaliser: {normaliser!r} is for text given by path; the corpus {value} has its own "
            f"({corpora[value].normaliser}): leave it null"
        )
    if value in corpora:
        if rule is not None:
            raise UserError(
                f"documents: {rule!r} is for text given by path; the corpus {value} has its own "
                f"documents ({corpora[value].document_rule}): leave it null"
            )
        known = corpora[value]
        if known.path is not None:
            text_files(known.path)  # refuses a wrong path now
        return known
    try:
        there = Path(value).exists()
    except OSError as error:
        raise UserError(f"corpus: {value:.60}: cannot be read ({error.strerror})") from None
    if not there and re.fullmatch(r"[\w-]+", value):
        near = difflib.get_close_matches(value, corpora, n=1)
        raise UserError(
            f"corpus: {value!r} is neither a known corpus ({', '.join(corpora)}) nor a path to "
            f"text{_hint(near)}"
        )
    corpus = local_corpus(value, rule, normaliser or "text8")
    if corpus.name in corpora or corpus.name in FOLDERS:
        # Its results must not mix with those of the corpus of that name, or of all corpora.
        corpus = corpus.model_copy(update={"name": f"{corpus.name}-file"})
    return corpus
