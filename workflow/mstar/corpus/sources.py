"""Sources of the files of a corpus: one model for each kind of source in corpora.yaml."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator
from pydantic import model_validator as checked

from mstar.texts.readers import OWN, READERS

FileName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][^/\\\s]*$")]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]

# The type checker cannot know what the table of readers holds.
if TYPE_CHECKING:
    Reader = str
    OwnReader = str
else:
    Reader, OwnReader = Literal[tuple(READERS)], Literal[OWN]


class SourceFile(BaseModel):
    """Base of all kinds of source: content, licence and reader of the text."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str
    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$", description="short name, used in messages")
    title: str = Field(description="what the text is")
    licence: str = Field(description="the licence of the text")
    citation: str | None = Field(None, description="what to cite for it")
    reader: Reader = Field(description="how texts are found in it: an entry of mstar.texts.readers")
    field: str = Field("text", description="column or key of the text (tables, JSON)")
    members: tuple[str, ...] = Field((), description="patterns of members, of an archive")

    @checked(mode="after")
    def _reader_fits(self) -> SourceFile:
        reader = READERS[self.reader]
        if not (reader.files or self.members):
            raise ValueError(f"the reader {self.reader} needs members, patterns within an archive")
        if self.members and not reader.members:
            raise ValueError(f"members: {self.reader} files within archives are not read")
        return self

    @property
    def filenames(self) -> tuple[str, ...]:
        """Names of the files to fetch, in order."""
        raise NotImplementedError

    @property
    def sizes(self) -> tuple[int, ...]:
        """Bytes of each file, for planning; 0 if unknown before it is fetched."""
        raise NotImplementedError

    def described(self) -> dict[str, Any]:
        """Return what ``corpus.json`` records of the source."""
        return self.model_dump(
            mode="json",
            exclude={"source", "reader", "field", "members", "bytes", "shards", "why_no_sha256"},
            exclude_none=True,
        )

    def request(self, filename: str) -> dict[str, Any]:
        """Return exactly what `mstar.fetch.sources` needs to fetch one file.

        A change of anything else, such as a title, must not cause the file to be fetched again.
        """
        raise NotImplementedError


class PackageFile(SourceFile):
    """A package file on the index for which the user's pip is configured."""

    source: Literal["package"] = "package"
    package: str = Field(description="name of the package on the index")
    version: str = Field(description="its exact version")
    filename: FileName = Field(description="file name on the index")
    sha256: Sha256 = Field(description="sha256 of the file")
    bytes: int = Field(gt=0, description="size of the file")
    members: tuple[str, ...] = Field(min_length=1, description="patterns of members to read")

    @property
    def filenames(self) -> tuple[str, ...]:
        return (self.filename,)

    @property
    def sizes(self) -> tuple[int, ...]:
        return (self.bytes,)

    def request(self, filename: str) -> dict[str, Any]:
        kept = {"source", "package", "version", "filename", "sha256"}
        return {**self.model_dump(include=kept), "size": self.bytes}


class UrlFile(SourceFile):
    """A file at an address, with mirrors."""

    source: Literal["url"]
    urls: tuple[str, ...] = Field(description="its address, then those of mirrors")
    filename: FileName = Field(description="its name here")
    bytes: int | None = Field(None, gt=0, description="its size; null: not known")
    sha256: Sha256 | None = Field(description="sha256 of the file; null: none is known")
    why_no_sha256: str | None = Field(None, min_length=1, description="why not")

    @property
    def filenames(self) -> tuple[str, ...]:
        return (self.filename,)

    @property
    def sizes(self) -> tuple[int, ...]:
        return (self.bytes or 0,)

    def request(self, filename: str) -> dict[str, Any]:
        kept = {"source", "urls", "sha256"}
        return {**self.model_dump(mode="json", include=kept), "size": self.bytes}

    @field_validator("urls")
    @classmethod
    def _are_addresses(cls, urls: tuple[str, ...]) -> tuple[str, ...]:
        try:
            ports = [urlsplit(url).port for url in urls]  # raises if address or port is invalid
        except ValueError:
            ports = []
        if not ports or not all(re.fullmatch(r"(https?|file)://\S+", url) for url in urls):
            raise ValueError("expected one or more addresses, each http://, https:// or file://")
        return urls

    @checked(mode="after")
    def _absence_is_explained(self) -> UrlFile:
        if (self.sha256 is None) != (self.why_no_sha256 is not None):
            raise ValueError("sha256: null needs why_no_sha256, and a sha256 has no use for it")
        return self


class HubFiles(SourceFile):
    """Shards of one configuration of a data set on the Hugging Face hub."""

    source: Literal["huggingface"]
    dataset: str = Field(pattern=r"^[\w.-]+/[\w.-]+$", description="owner/name")
    revision: str = Field(pattern=r"^[\w.-]+$", description="a commit, so that it cannot change")
    pattern: str = Field(
        description="path of a shard in the data set, with {shard} and {shards}, five digits each"
    )
    shards: int = Field(gt=0, lt=100_000, description="how many there are")
    bytes: int = Field(gt=0, description="about the size of one; the hub knows each one's exactly")

    @field_validator("pattern")
    @classmethod
    def _names_shards(cls, pattern: str) -> str:
        try:
            different = pattern.format(shard="0", shards="9") != pattern.format(shard="1", shards=9)
        except (LookupError, ValueError, AttributeError, TypeError):
            different = False
        if not different or ".." in pattern or pattern.startswith("/"):
            raise ValueError(
                "expected a path with {shard}, such as "
                "20231101.en/train-{shard}-of-{shards}.parquet"
            )
        return pattern

    @property
    def paths(self) -> tuple[str, ...]:
        """Paths of the shards in the data set, in order."""
        total = f"{self.shards:05d}"
        return tuple(
            self.pattern.format(shard=f"{shard:05d}", shards=total) for shard in range(self.shards)
        )

    @property
    def filenames(self) -> tuple[str, ...]:
        return tuple(PurePosixPath(path).name for path in self.paths)

    @property
    def sizes(self) -> tuple[int, ...]:
        return (self.bytes,) * self.shards

    def request(self, filename: str) -> dict[str, Any]:
        path = self.paths[self.filenames.index(filename)]
        return {**self.model_dump(include={"source", "dataset", "revision"}), "path": path}


class HubFile(SourceFile):
    """One file of a data set on the Hugging Face hub."""

    source: Literal["hub"] = "hub"
    dataset: str = Field(pattern=r"^[\w.-]+/[\w.-]+$", description="owner/name")
    revision: str = Field(pattern=r"^[\w.-]+$", description="a commit, so that it cannot change")
    path: str = Field(min_length=1, description="path of the file in the data set")
    bytes: int = Field(ge=0, description="size of the file; 0 if unknown")

    @property
    def filenames(self) -> tuple[str, ...]:
        return (re.sub(r"[^\w.-]+", "-", self.path),)

    @property
    def sizes(self) -> tuple[int, ...]:
        return (self.bytes,)

    def request(self, filename: str) -> dict[str, Any]:
        kept = self.model_dump(include={"dataset", "revision", "path"})
        return {"source": "huggingface", **kept}


def _with_source(entry: object) -> object:
    """Return an entry of ``files`` with its kind of source, by default a package."""
    return {"source": "package", **entry} if isinstance(entry, Mapping) else entry


AnySource = Annotated[
    PackageFile | UrlFile | HubFiles | HubFile,
    Field(discriminator="source"),
    BeforeValidator(_with_source),
]
