"""MediaWiki dumps: articles without markup, beside gensim's; damaged and hostile dumps."""

from __future__ import annotations

import bz2
import re
from concurrent.futures import ProcessPoolExecutor
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest

from mstar.corpus.corpora import local_corpus
from mstar.corpus.encode import CorpusText, encode_corpus
from mstar.files.writing import UserError
from mstar.texts import dumps
from mstar.texts.dumps import Spaces, dump_texts, plain_text
from mstar.texts.members import Stream
from mstar.texts.records import Tally

HEAD = """<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/" xml:lang="bg"><siteinfo>
<namespaces><namespace key="0" /><namespace key="6">Файл</namespace>
<namespace key="14">Категория</namespace></namespaces></siteinfo>
"""
SPACES = Spaces(frozenset({"file", "image", "файл"}), frozenset({"category", "категория"}))


def page(text: str, namespace: int = 0, more: str = "", model: str = "wikitext") -> str:
    text = text.replace("&", "&amp;").replace("<", "&lt;")
    return (
        f"<page><title>T</title><ns>{namespace}</ns><id>1</id>{more}<revision><id>2</id>"
        f'<model>{model}</model><text xml:space="preserve">{text}</text></revision></page>\n'
    )


def dump(*pages: str) -> bytes:
    return (HEAD + "".join(pages) + "</mediawiki>\n").encode()


def documents(path: Path) -> list[list[str]]:
    encoded = encode_corpus(CorpusText(local_corpus(path, normaliser="unicode")))
    words = [encoded.words[token] for token in encoded.tokens]
    return [words[a:b] for a, b in pairwise(encoded.document_offsets)]


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("'''Bold''' and ''italic'' ", "Bold and italic"),
        ("a [[link]], [[page|shown]], [[:Category:C|named]]", "a link, shown, named"),
        ("[[Категория:Х]][[Category:X|y]]a", "a"),
        ("[[Файл:x.jpg|мини|A [[b|c]] d]] e", "A c d e"),
        ("[[File:x.jpg|thumb|200px]] e", "e"),
        ("[[de:Seite]][[be-x-old:Х]]a", "a"),
        ("a{{infobox|x=[[y]]|z={{q}}}}b", "ab"),
        ("a<ref>note [[x]]</ref> b<ref name=q /> c<ref name=r>d</ref>", "a b c"),
        ("a<!-- hidden [[x]] -->b", "ab"),
        ("H<sub>2</sub>O<br/>x", "H2O x"),
        ("a <math>x^2</math> b <gallery>File:x|y</gallery>c", "a b c"),
        ("[http://x.org/a the title] http://y.org/b c", "the title c"),
        ("{|class=x\n! head\n|-\n| align=left | one || two\n|}", "head one two"),
        ("== Heading ==\n* item\n# other\n__NOTOC__", "Heading item other"),
        ("&amp; &eacute;t&eacute; &#1103;", "& été я"),
    ],
)
def test_markup_is_taken_out(markup: str, text: str) -> None:
    assert plain_text(markup, SPACES).split() == text.split()


def test_articles_are_read_and_the_rest_is_counted(tmp_path: Path) -> None:
    pages = (
        page("първа [[Файл:a.jpg|мини]] дума"),
        page("talk", 1),
        page("x", more='<redirect title="Y" />'),
        page("#REDIRECT [[Y]]"),
        page("return 1", model="Scribunto"),
        page("втора"),
    )
    path = tmp_path / "x.xml.bz2"
    # The streams of a multistream dump follow each other.
    content = dump(*pages)
    path.write_bytes(bz2.compress(content[:900]) + bz2.compress(content[900:]))
    assert documents(path) == [["първа", "дума"], ["втора"]]
    source = encode_corpus(CorpusText(local_corpus(path, normaliser="unicode"))).sources[0]
    assert source["left_out"] == {"not_wikitext": 1, "other_namespaces": 1, "redirects": 2}
    assert source["readers"] == {"dump": 1}
    old = page("earlier").replace("</page>", "") + page("later").partition("</id>")[2]
    path.write_bytes(bz2.compress(dump(old)))
    assert documents(path) == [["later"]]


def _sample(name: str) -> Path:
    gensim = pytest.importorskip("gensim")
    return Path(gensim.__file__).parent / "test" / "test_data" / name


def _words(texts: list[bytes]) -> list[list[str]]:
    return [re.findall(r"[^\W\d_]{2,15}", text.decode().lower()) for text in texts]


def test_several_processes_read_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    path = _sample("enwiki-table-markup.xml.bz2")
    monkeypatch.setattr(dumps, "BATCH", 1000)  # a page a task
    monkeypatch.setattr(dumps, "WAITING", 1)
    with bz2.open(path) as stream:
        alone = list(dump_texts(Stream(stream, "x", path), "", Tally()))
    with bz2.open(path) as stream, ProcessPoolExecutor(2, get_context("fork")) as pool:
        together = list(dump_texts(Stream(stream, "x", path), "", Tally(pool=pool)))
    assert alone == together and len(alone) == 5 == len(set(alone))
    corpus = local_corpus(path)
    one, two = (encode_corpus(CorpusText(corpus, processes=n)) for n in (1, 2))
    assert np.array_equal(one.tokens, two.tokens) and one.words == two.words


def test_words_are_those_that_gensim_finds() -> None:
    """The vocabulary of a real dump agrees with that of gensim's regular expressions."""
    path = _sample("enwiki-table-markup.xml.bz2")
    from gensim.corpora.wikicorpus import extract_pages, filter_wiki, tokenize

    with bz2.open(path) as stream:
        theirs = [
            tokenize(filter_wiki(text), 2, 15, True) for _, text, _ in extract_pages(stream, ())
        ]
    with bz2.open(path) as stream:
        ours = _words(list(dump_texts(Stream(stream, "x", path), "", Tally())))
    assert len(ours) == len(theirs)
    for own, other in zip(ours, theirs, strict=True):
        assert len(set(own) & set(other)) > 0.95 * len(set(other))
        assert abs(len(own) - len(other)) < 0.1 * len(other)


def test_a_dump_in_utf_16() -> None:
    path = _sample("bgwiki-latest-pages-articles-shortened.xml.bz2")
    corpus = encode_corpus(CorpusText(local_corpus(path, normaliser="unicode")))
    assert corpus.documents == 1 and corpus.sources[0]["left_out"] == {"other_namespaces": 2}
    assert corpus.sources[0]["undecodable_bytes"] == 0 and "България".lower() in corpus.words


WHOLE = dump(*(page("some words of an article " * 20) for _ in range(9)))
BAD = [
    ("cut.xml", WHOLE[: len(WHOLE) // 2], "a MediaWiki dump that is damaged, or not whole"),
    ("cut.xml.bz2", bz2.compress(WHOLE)[:-20], "damaged or incomplete archive"),
    ("x.xml", WHOLE.replace(b"</page>", b"</oage>", 1), r"damaged.*mismatched tag"),
    ("x.xml", b"<mediawiki>" + b"<a>" * 20_000, "not whole"),
    (
        "x.xml",
        b'<?xml version="1.0"?><!DOCTYPE m [<!ENTITY a "aaaaaaaaaa">'
        + b"".join(b'<!ENTITY %c "%s">' % (98 + i, b"&%c;" % (97 + i) * 10) for i in range(9))
        + b"]><mediawiki><page><ns>0</ns><revision><text>&j;</text></revision></page></mediawiki>",
        "damaged.*amplification",
    ),
]


@pytest.mark.parametrize(("name", "content", "message"), BAD, ids=[each[2] for each in BAD])
def test_what_is_wrong_is_one_line(name: str, content: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(UserError, match=message) as error:
        encode_corpus(CorpusText(local_corpus(path, reader="dump")))
    assert "\n" not in str(error.value) and len(str(error.value)) < 300


@pytest.mark.parametrize(
    "markup",
    ["{{", "[[", "'''", "<div>", "{|\n|", "<ref>", "<!--", "[http://a ", "[[File:a|", "<", "\n|-"],
)
def test_markup_that_never_closes_is_read(markup: str) -> None:
    """It ends, and makes nothing longer; a time that grew with the cube would be hours."""
    text = f"first {markup * 1000} last"
    assert plain_text("first", SPACES) == "first"
    assert len(plain_text(text, SPACES)) <= len(text)
