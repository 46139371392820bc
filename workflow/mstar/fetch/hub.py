"""The parquet files of a data set on the Hugging Face hub, listed once.

Snakemake's own process lists them, since the jobs follow from it, so only Python's own client is
used; `mstar.fetch.sources` then fetches each file.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

from mstar.files.writing import UserError, atomic, printable

PREFIX = "hf:"
FORM = "hf:owner/name, hf:owner/name/folder or hf:owner/name@revision/folder"
_NAME = re.compile(
    r"hf:(?P<dataset>[\w.-]+/[\w.-]+)(?:@(?P<revision>[\w.-]+))?(?:/(?P<path>.+?))?/?"
)
# The branch to which the hub converts data sets of other formats.
_CONVERTED = "refs/convert/parquet"
# Seconds for an answer, and the largest one in bytes.
_TIMEOUT, _LARGEST = 30, 1 << 28


@dataclass(frozen=True)
class Listing:
    """Files of a data set at a commit.

    Attributes:
        dataset: owner/name.
        revision: the commit, so that the files cannot change.
        files: path and size in bytes of each.
    """

    dataset: str
    revision: str
    files: tuple[tuple[str, int], ...]


def is_hub_name(value: str) -> bool:
    """Return whether ``value`` means a data set of the hub."""
    return value.startswith(PREFIX)


def list_files(value: str, kept: str | Path) -> Listing:
    """Return the parquet files that ``value`` means, as listed now or by an earlier run.

    Args:
        value: hf:owner/name, with @revision, and a folder or the beginning of file names after
            another /. Without a revision that of the first listing counts.
        kept: file in which the listing is kept, so that later runs read the same files and need
            no network.

    Raises:
        UserError: ``value`` has another form, the hub does not answer or has no such data set, it
            holds no parquet file there, or ``kept`` is damaged.
    """
    found = _NAME.fullmatch(value)
    if found is None or ".." in value:
        raise UserError(f"corpus: {printable(value[:80])}: expected {FORM}")
    kept = Path(kept)
    if kept.is_file():
        try:
            held = json.loads(kept.read_text(encoding="utf-8"))
            files = tuple((str(path), int(size)) for path, size in held["files"])
            asked, listing = held["asked"], Listing(str(held["dataset"]), held["revision"], files)
        except (OSError, ValueError, LookupError, TypeError) as error:
            raise UserError(
                f"{kept}: not a readable list of files ({error}): remove it and run again"
            ) from None
        if asked != value:
            raise UserError(
                f"corpus: {printable(value)}: {kept} lists the files of {printable(str(asked))}: "
                f"give this one a name of its own (make NAME=..., --config name=...)"
            )
        return listing
    dataset, path = found["dataset"], found["path"] or ""
    listing = _ask(value, dataset, found["revision"], path)
    if not listing.files and found["revision"] is None:
        listing = _ask(value, dataset, _CONVERTED, path)
    if not listing.files:
        raise UserError(
            f"corpus: {value}: the data set has no .parquet file there: expected {FORM}, with a "
            f"folder that its page on the hub shows"
        )
    with atomic(kept) as temporary:
        temporary.write_text(
            json.dumps({"asked": value, **asdict(listing)}, indent=1) + "\n", encoding="utf-8"
        )
    return listing


def _ask(value: str, dataset: str, revision: str | None, path: str) -> Listing:
    endpoint = os.environ.get("HF_ENDPOINT", "").rstrip("/") or "https://huggingface.co"
    url = f"{endpoint}/api/datasets/{dataset}/revision/{quote(revision or 'main', safe='')}"
    token = os.environ.get("HF_TOKEN")
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        with urlopen(Request(f"{url}?blobs=true", headers=headers), timeout=_TIMEOUT) as reply:
            answer = json.loads(reply.read(_LARGEST))
        listed = {str(each["rfilename"]): int(each.get("size") or 0) for each in answer["siblings"]}
        commit = str(answer["sha"])
    except HTTPError as error:
        if error.code == 404 and revision == _CONVERTED:
            return Listing(dataset, "", ())
        raise _unlisted(value, f"the server answered {error.code}") from None
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise _unlisted(value, " ".join(f"{type(error).__name__}: {error}".split())) from None
    files = tuple(
        (name, size)
        for name, size in sorted(listed.items())
        if name.endswith(".parquet")
        and (not path or name == path or name.startswith((f"{path}/", f"{path}-")))
    )
    return Listing(dataset, commit, files)


def _unlisted(value: str, why: str) -> UserError:
    return UserError(
        f"corpus: {value}: the files of the data set cannot be listed ({why[:200]}): check the "
        f"name, the connection, HF_ENDPOINT and, for a data set with access control, HF_TOKEN"
    )
