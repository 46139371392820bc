"""Look up the address of a package file by the user's pip settings.

pip's settings include mirrors, private and offline indexes, certificates and proxies, so they are
used here. Nothing is resolved, built, installed or executed.
"""

from __future__ import annotations

import html.parser
import io
import json
import re
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urldefrag, urljoin, urlsplit
from urllib.request import url2pathname

import requests

from mstar.files.writing import UserError

# The JSON and the HTML forms of the simple repository API (PEP 691, PEP 503).
ACCEPT = (
    "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, "
    "text/html;q=0.1"
)


@dataclass(frozen=True)
class IndexSettings:
    """The settings of pip about package indexes.

    Attributes:
        indexes: roots of simple APIs, in order of preference.
        find_links: folders or pages of links, in order of preference.
        certificates: bundle of trusted authorities; None for the default one.
        client_certificate: file of the client's certificate, if any.
        proxy: address of the proxy, if any.
        trusted_hosts: hosts whose certificates are not verified.
        timeout: seconds.
    """

    indexes: tuple[str, ...] = ()
    find_links: tuple[str, ...] = ()
    certificates: str | None = None
    client_certificate: str | None = None
    proxy: str | None = None
    trusted_hosts: tuple[str, ...] = ()
    timeout: float = 15.0


@dataclass
class Location:
    """The address of a file (``url``), and answers of places without it (``missed``)."""

    url: str | None
    missed: list[str] = field(default_factory=list)
    unreachable: bool = False


def pip_settings() -> IndexSettings:
    """Return the index settings that ``pip download`` would use here.

    pip's option parser merges configuration files and ``PIP_*`` variables with its own precedence.
    The default index is that of pip.

    Raises:
        UserError: pip is not importable or rejects its settings, or the file of certificates does
            not exist.
    """
    try:
        from pip._internal.commands import create_command
        from pip._internal.models.index import PyPI
    except ImportError:
        raise UserError(
            "pip is not importable in this environment, and the package index is read from its "
            "settings: install pip, or place the files by hand"
        ) from None
    said = io.StringIO()
    try:
        with redirect_stdout(said), redirect_stderr(said):
            options, _ = create_command("download").parse_args([])
    except SystemExit:  # pip's way to refuse
        why = shown(" ".join(said.getvalue().split()))[:200]
        raise UserError(
            f"pip cannot read its own settings ({why}): correct the file or the PIP_* variable "
            f"that is wrong; `pip config debug` lists them"
        ) from None
    if options.cert and not Path(options.cert).exists():
        raise UserError(f"pip's setting cert names {options.cert}, which does not exist")
    indexes = [options.index_url or PyPI.simple_url, *(options.extra_index_urls or [])]
    return IndexSettings(
        indexes=() if options.no_index else tuple(indexes),
        find_links=tuple(options.find_links or ()),
        certificates=options.cert or None,
        client_certificate=options.client_cert or None,
        proxy=options.proxy or None,
        trusted_hosts=tuple(options.trusted_hosts or ()),
        timeout=float(options.timeout or 15),
    )


def request_options(settings: IndexSettings, url: str) -> dict[str, Any]:
    """Return the options of a request for ``url``: timeout, certificates, proxy.

    They are set for each request, since environment variables such as ``REQUESTS_CA_BUNDLE``
    override those of a session, whereas pip gives its own settings precedence.
    """
    options: dict[str, Any] = {"timeout": settings.timeout}
    parts = urlsplit(url)
    if {parts.hostname, f"{parts.hostname}:{parts.port}"} & set(settings.trusted_hosts):
        options["verify"] = False
    elif settings.certificates:
        options["verify"] = settings.certificates
    if settings.client_certificate:
        options["cert"] = settings.client_certificate
    if settings.proxy:
        options["proxies"] = {"http": settings.proxy, "https": settings.proxy}
    return options


def local_path(address: str) -> Path | None:
    """Return the path that a ``file:`` URL or plain path means, or None for a remote address."""
    parts = urlsplit(address)
    if parts.scheme == "file":
        return Path(url2pathname(parts.path))
    return None if parts.scheme in {"http", "https"} else Path(address)


def shown(address: str) -> str:
    """Return ``address`` without user name and password, for messages and logs."""
    return re.sub(r"//[^/@]*@", "//", address)


class _Links(html.parser.HTMLParser):
    """Parser that collects the links of a PEP 503 page, honouring ``<base href>``."""

    def __init__(self, base: str) -> None:
        super().__init__()
        self.base = base
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        target = dict(attrs).get("href")
        if target and tag == "base":
            self.base = next(_joined(self.base, target), self.base)
        elif target and tag == "a":
            self.links += _joined(self.base, target)


def _joined(base: str, target: str) -> Iterator[str]:
    """Yield the address of a link, or nothing if it is malformed."""
    with suppress(ValueError):
        url = urljoin(base, target)
        _ = urlsplit(url).port  # raises ValueError for an invalid port
        yield url


def _links(text: str, content_type: str, base: str) -> list[str]:
    """Return the absolute links of an index page (JSON or HTML), with known sha256 as fragments."""
    if "json" in content_type:
        links = []
        for entry in json.loads(text)["files"]:
            with suppress(AttributeError, KeyError, TypeError):  # one entry may be malformed
                digest = (entry.get("hashes") or {}).get("sha256")
                known = f"#sha256={digest}" if digest else ""
                links += [url + known for url in _joined(base, entry["url"])]
        return links
    parser = _Links(base)
    parser.feed(text)
    return parser.links


def _local_links(path: Path) -> list[str]:
    """Return the links of a folder (those of its index.html, or its files) or of a local page."""
    if path.is_dir() and not (path / "index.html").is_file():
        return [entry.resolve().as_uri() for entry in sorted(path.iterdir()) if entry.is_file()]
    page = path / "index.html" if path.is_dir() else path
    base = page.resolve().as_uri()
    text = page.read_text(encoding="utf-8", errors="replace")
    return _links(text, "json" if page.suffix == ".json" else "html", base)


def _pages(settings: IndexSettings, package: str) -> Iterator[str]:
    """Yield the addresses that may list the package's files, local ones first."""
    project = re.sub(r"[-_.]+", "-", package).lower()
    pages = list(settings.find_links)
    pages += [f"{index.rstrip('/')}/{project}/" for index in settings.indexes]
    yield from sorted(pages, key=lambda page: local_path(page) is None)


def locate(
    package: str, filename: str, sha256: str, settings: IndexSettings, session: requests.Session
) -> Location:
    """Look for ``filename`` of ``package`` in all configured places, local ones first.

    Links with another sha256 are skipped. If no place has the file, ``Location.url`` is None and
    ``missed`` lists the answers.
    """
    result = Location(url=None)
    for page in _pages(settings, package):
        try:
            folder = local_path(page)
            if folder is not None:
                links = _local_links(folder.expanduser())
            else:
                options = request_options(settings, page)
                reply = session.get(page, headers={"Accept": ACCEPT}, **options)
                reply.raise_for_status()
                links = _links(reply.text, reply.headers.get("Content-Type", ""), reply.url)
        except requests.HTTPError as error:
            status = error.response.status_code if error.response is not None else "an error"
            result.missed.append(f"{shown(page)} answered {status}")
        except requests.RequestException as error:
            result.unreachable = True
            result.missed.append(f"{shown(page)} could not be reached ({type(error).__name__})")
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            result.missed.append(f"{shown(page)} has no such package")
        else:
            for link in links:
                url, fragment = urldefrag(link)
                if unquote(urlsplit(url).path.rsplit("/", 1)[-1]) != filename:
                    continue
                if fragment.startswith("sha256=") and fragment[7:].lower() != sha256.lower():
                    result.missed.append(f"{shown(page)} has it with another sha256")
                    continue
                result.url = url
                return result
            result.missed.append(f"{shown(page)} does not list it")
    return result
