"""Articles of a MediaWiki dump (pages-articles.xml), without its markup.

The XML is read by Python's own parser, page by page, and the markup by mwparserfromhell.
"""

from __future__ import annotations

import gc
import re
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import BrokenExecutor
from typing import Any, NamedTuple
from xml.etree import ElementTree

from mstar.files.writing import UserError
from mstar.texts.members import Stream
from mstar.texts.records import Tally

# Characters of wikitext that a process is given at once, and how many such batches wait.
BATCH, WAITING = 1 << 19, 4
# Numbers of the namespaces of articles, files and categories.
_ARTICLES, _FILE, _CATEGORY = "0", "6", "14"
_REDIRECT = re.compile(r"\s*#redirect", re.I)
# What is left out with its content: how it begins and how it ends. Tags are taken out here, in
# linear time, since the parser's time grows with the square of tags that are not closed.
_HIDDEN = (
    r"ref|math|chem|ce|gallery|timeline|score|graph|imagemap|templatedata|syntaxhighlight|source"
)
_LEFT_OUT = (
    (re.compile(r"<!--"), re.compile(r"-->")),
    (
        re.compile(rf"<(?:{_HIDDEN})\b(?:[^<>/]|/(?!>))*>", re.I),
        re.compile(rf"</(?:{_HIDDEN})\s*>", re.I),
    ),
)
_EMPTY = re.compile(rf"<(?:{_HIDDEN})\b[^<>]*/>", re.I)
# Tags that end a word; others, as in H<sub>2</sub>O, do not.
_BLOCK = re.compile(
    r"</?(?:br|p|div|li|ul|ol|dl|dt|dd|table|tr|td|th|caption|hr|h\d|blockquote|center|poem)\b[^<>]*>",
    re.I,
)
# Well-formed templates and links, most of the markup, which the parser takes much longer to read.
_TEMPLATE = re.compile(
    r"(?<!\{)\{\{[^{}\[\]<>|#\n]++\|"
    r"(?:[^{}\[\]]|\[\[[^\[\]{}\n]*+\]\]|\[[^\[\]{}\n]*+\])*+\}\}(?!\})"
)
_LINK = re.compile(r"(?<![\[{])\[\[(?:[^\[\]{}|:<>#\n]++\|)?([^\[\]{}|:<>#=*;\n]++)\]\](?![\]}])")
_INLINE = re.compile(r"</?[A-Za-z][^<>]*>")
# Addresses, with brackets or without; of the former the title is kept.
_ADDRESS = r"(?:https?:|ftp:)?//[^\s\[\]<>|{}]+"
_TITLED = re.compile(rf"\[{_ADDRESS}[ \t]*([^\[\]\n]*)\]")
_BARE = re.compile(r"(?:https?|ftp)://[^\s\[\]<>|{}]+")
# What the parser leaves: bold and italic type, switches, tables that are not well formed.
_REST = re.compile(r"''+|__[A-Z]+__|^[ \t]*(?:\{\||\|[-+}]).*$|^[ \t]*\|[^|\n\[\]]*\|(?!\|)", re.M)
# Links to the article in another language, which dumps before 2013 have.
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z]+)*|simple")


class Spaces(NamedTuple):
    """Names of namespaces of a wiki, in lower case, in its language and in English."""

    files: frozenset[str] = frozenset({"file", "image"})
    categories: frozenset[str] = frozenset({"category"})


def dump_texts(stream: Stream, field: str, tally: Tally) -> Iterator[bytes]:
    """Yield the articles of a dump without their titles, in UTF-8.

    Pages of other namespaces, redirects and pages that are not wikitext are counted and left out;
    of several revisions the last is read. Templates, footnotes, categories, galleries and formulae
    are left out; captions of images, cells of tables and texts of links are kept. With
    ``tally.pool``, several processes take out the markup; the order is that of the dump.

    Raises:
        UserError: the dump is damaged or ends within a page.
    """
    try:
        if tally.pool is None:
            for pages, spaces in _batches(stream, tally):
                yield from plain_texts(pages, spaces)
            return
        waiting: deque[Any] = deque()
        for pages, spaces in _batches(stream, tally):
            waiting.append(tally.pool.submit(plain_texts, pages, spaces))
            if len(waiting) > WAITING * _processes(tally.pool):
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()
    except ElementTree.ParseError as error:
        raise UserError(
            f"{stream.name}: a MediaWiki dump that is damaged, or not whole ({error}): copy or "
            f"download it again"
        ) from None
    except BrokenExecutor:
        raise UserError(
            f"{stream.name}: a process that read its articles was killed, as when memory is full: "
            f"run again with fewer cores"
        ) from None


def plain_texts(pages: Sequence[str], spaces: Spaces) -> list[bytes]:
    """Return the texts of pages of wikitext, in UTF-8 (see `plain_text`)."""
    # The parser makes many objects and few cycles: collecting them takes a third of the time.
    collecting = gc.isenabled()
    gc.disable()
    try:
        return [plain_text(page, spaces).encode("utf-8", "surrogatepass") for page in pages]
    finally:
        if collecting:
            gc.enable()


def plain_text(wikitext: str, spaces: Spaces) -> str:
    """Return wikitext without its markup (see `dump_texts`).

    Args:
        wikitext: the source of a page.
        spaces: names of the namespaces whose links are not text.
    """
    import mwparserfromhell
    from mwparserfromhell.nodes import Wikilink

    text = _EMPTY.sub("", wikitext)
    for begin, end in _LEFT_OUT:
        text = _cut(text, begin, end)
    text = _INLINE.sub("", _BLOCK.sub(" ", text.replace("<!--", " ")))
    text = _BARE.sub(" ", _TITLED.sub(r"\1", text))
    # An empty template keeps its place in the caption of an image (see `_caption`).
    text = _TEMPLATE.sub(lambda found: "{{x x}}" if re.search(r"\s", found[0]) else "{{x}}", text)
    text = _LINK.sub(r"\1", text)
    code = mwparserfromhell.parse(text, skip_style_tags=True)
    for node in code.ifilter(forcetype=Wikilink):
        space, colon, _ = str(node.title).partition(":")
        space = space.strip().lower()
        if not colon or not space:
            continue
        if space in spaces.files:
            node.title, node.text = "", _caption(node.text)
        elif space in spaces.categories or (node.text is None and _LANGUAGE.fullmatch(space)):
            node.title = node.text = ""
    return _REST.sub("", str(code.strip_code()))


def _caption(options: Any) -> Any:
    """Return the caption among the options of an image: the last, if it has several words."""
    from mwparserfromhell.nodes import Text
    from mwparserfromhell.wikicode import Wikicode

    nodes = list(options.nodes) if options is not None else []
    for place in reversed(range(len(nodes))):
        if isinstance(nodes[place], Text) and "|" in nodes[place].value:
            last = nodes[place].value.rpartition("|")[2]
            nodes = [Text(last), *nodes[place + 1 :]]
            break
    caption = Wikicode(nodes)
    return caption if re.search(r"\S\s+\S", str(caption)) else ""


def _cut(text: str, begin: re.Pattern[str], end: re.Pattern[str]) -> str:
    """Return text without what lies from each ``begin`` to the next ``end``, in linear time."""
    kept, at = [], 0
    while found := begin.search(text, at):
        last = end.search(text, found.end())
        if last is None:
            break
        kept.append(text[at : found.start()])
        at = last.end()
    return "".join([*kept, text[at:]])


def _processes(pool: Any) -> int:
    return getattr(pool, "_max_workers", 1)


def _batches(stream: Stream, tally: Tally) -> Iterator[tuple[list[str], Spaces]]:
    """Yield the wikitexts of articles, about `BATCH` characters at a time, and the namespaces."""
    pages: list[str] = []
    size = 0
    spaces = Spaces()
    for page, spaces in _articles(stream, tally):
        pages.append(page)
        size += len(page)
        if size > BATCH:
            yield pages, spaces
            pages, size = [], 0
    if pages:
        yield pages, spaces


def _articles(stream: Stream, tally: Tally) -> Iterator[tuple[str, Spaces]]:
    """Yield the wikitext of each article and the namespaces, with one page in memory at a time."""
    spaces = Spaces()
    root = None
    text = None
    for event, element in ElementTree.iterparse(stream, events=("start", "end")):
        if event == "start":
            root = element if root is None else root
            continue
        tag = _name(element)
        if tag == "revision":
            text = _child(element, "text")
            model = _child(element, "model")
            if model not in ("", "wikitext"):
                text = None
            element.clear()
        elif tag == "siteinfo":
            spaces = _spaces(element)
        elif tag == "page":
            left = _left_out(element, text)
            if left:
                tally.left_out[left] += 1
            else:
                yield text or "", spaces
            text = None
            assert root is not None
            root.clear()


def _left_out(page: ElementTree.Element, text: str | None) -> str:
    """Return why a page is left out, or "" if it is an article."""
    if _child(page, "ns") not in ("", _ARTICLES):
        return "other_namespaces"
    redirect = any(_name(each) == "redirect" for each in page)
    if redirect or (text is not None and _REDIRECT.match(text)):
        return "redirects"
    return "not_wikitext" if text is None else ""


def _spaces(siteinfo: ElementTree.Element) -> Spaces:
    """Return the namespaces of files and categories that a dump says its wiki has."""
    names: dict[str, set[str]] = {_FILE: set(), _CATEGORY: set()}
    for element in siteinfo.iter():
        if _name(element) == "namespace" and element.get("key") in names:
            names[element.get("key", "")].add((element.text or "").lower())
    usual = Spaces()
    return Spaces(usual.files | names[_FILE], usual.categories | names[_CATEGORY])


def _name(element: ElementTree.Element) -> str:
    """Return the name of an element without that of the schema."""
    return element.tag.rpartition("}")[2]


def _child(element: ElementTree.Element, name: str) -> str:
    """Return the text of the first child of this name, or ""."""
    return next((each.text or "" for each in element if _name(each) == name), "")
