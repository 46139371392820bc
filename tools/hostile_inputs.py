"""Texts that are hardly texts, and what becomes of each; ``docs/hostile-input.md`` is made here.

``python -m tools.hostile_inputs > docs/hostile-input.md`` renews the page.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from mstar.corpus.corpora import local_corpus
from mstar.corpus.encode import CorpusText, encode_corpus
from mstar.corpus.encoded import totals
from mstar.corpus.lost import warnings
from mstar.corpus.words import Convention
from mstar.files.writing import UserError

INTRODUCTION = """\
# Hostile input

This page is generated (`python -m tools.hostile_inputs`); a test makes every
text, reads it, and keeps the page equal to what it finds.

A text of your own becomes words by `normaliser` (`make NORMALISER=...`):

- `text8`, the default: lower-case, the letters a to z, each digit spelled out as a word; every
  other character separates words.
- `paper`: lower-case, runs of the letters a to z; digits separate too.
- `unicode`: runs of letters of any script (Unicode category L), each with the marks (M) that follow
  it, case-folded (Straße becomes strasse); digits, punctuation, emoji and all else separate.
  Characters are not normalised, so composed and decomposed accents make different words: bring a
  text to NFC first. Chinese, Japanese, Thai and other text without spaces between words needs a
  segmenter first, which puts spaces in.

`corpus.json` counts the letters of the text (`letters`), those that the normaliser does not know
(`letters_dropped`), bytes that are not UTF-8 (`undecodable_bytes`; they separate words) and
documents without a word (`empty_documents`; they are left out). Where much is lost a warning says
so on the terminal and in the log. Benchmarks are English, so a text in another language has few
questions or none, and the figures drawn from them say so. A line may be of any length: one of
100 MB takes 0.3 GB of memory, and if it is a single word, 0.6 GB.

"""
LATIN_1 = "Il a été décidé que la forêt où l'âne dort sera protégée.\n".encode("latin-1")
UTF_8 = b"the cat sat on the mat\n"
CHINESE = "学而时习之不亦说乎，有朋自远方来不亦乐乎。\n"


class Case(NamedTuple):
    """A text, what ``text8`` makes of it, what ``unicode`` does if that differs, its documents."""

    name: str
    text: bytes
    text8: str
    unicode: str = ""
    rule: str = "line"


NO_WORDS = "error: the corpus has no words ({} empty documents): expected text with letters"
OTHERS = " a-z (its {} letters are others; normaliser: unicode keeps them)"
LOST = (
    "warning: {} of the letters of the text are lost, since normaliser text8 keeps a-z only:"
    " normaliser: unicode (make NORMALISER=unicode) keeps those of every script"
)
NUL = (
    "error: text.txt: has NUL bytes, so it is not plain UTF-8 text (UTF-16, or a binary file?):"
    " expected a .txt or .jsonl file, plain or .gz, .xz or .zst, a .parquet or .zip file, or a"
    " folder or glob of one of these kinds, or of WikiExtractor output"
)
BYTES = (
    "warning: {} bytes of the text are not UTF-8 and separate words: if it is in another encoding,"
    " convert it first, as by iconv -f LATIN1 -t UTF-8"
)
ENDLESS = "warning: words have {} letters on average: expected text with spaces between words"
SEGMENT = (
    "warning: {} of the words are in a script without spaces and have {} letters on average: run a"
    " segmenter over the text first, which puts spaces between words"
)


def lines(*several: str) -> str:
    return "\n".join(several)


CASES = [
    Case("plain ASCII", UTF_8, "6 tokens, 5 types, 1 document"),
    Case(
        "one document",
        UTF_8 * 3,
        "18 tokens, 5 types, 1 document",
        rule="file",
    ),
    Case("an empty file", b"", NO_WORDS.format(0) + " a-z", NO_WORDS.format(0)),
    Case(
        "white space only",
        b" \n\t\r\n" + "\u3000\n".encode(),
        NO_WORDS.format(0) + " a-z",
        NO_WORDS.format(0),
    ),
    Case(
        "punctuation only",
        b"... --- !!!\n" * 3,
        NO_WORDS.format(3) + " a-z",
        NO_WORDS.format(3),
    ),
    Case(
        "digits only",
        b"3.14159 26535\n89793\n",
        "16 tokens, 9 types, 2 documents",
        NO_WORDS.format(2),
    ),
    Case(
        "Windows line ends",
        b"one two\r\n\r\nthree\r\n",
        "3 tokens, 3 types, 2 documents",
    ),
    Case(
        "a byte order mark",
        "\ufeffone two\n".encode(),
        "2 tokens, 2 types, 1 document",
    ),
    Case(
        "Latin-1",
        LATIN_1 * 10,
        lines("170 tokens, 16 types, 10 documents, 90 bytes not UTF-8", BYTES.format(90)),
    ),
    Case("UTF-16", "the cat\n".encode("utf-16"), NUL),
    Case("NUL bytes", b"the \0cat\n", NUL),
    Case(
        "bytes of no encoding",
        bytes(range(1, 256)) * 4,
        lines("48 tokens, 11 types, 1 document, 512 bytes not UTF-8", BYTES.format(512)),
        lines("8 tokens, 1 type, 1 document, 512 bytes not UTF-8", BYTES.format(512)),
        rule="file",
    ),
    Case(
        "half characters, overlong forms, surrogates",
        b"a\xc3 b\xc0\xaf c\xed\xa0\x80 d\xf5\n",
        lines("4 tokens, 4 types, 1 document, 7 bytes not UTF-8", BYTES.format(7)),
    ),
    Case(
        "one line of 4 MB",
        b"the cat sat on the mat " * 180_000,
        "1,080,000 tokens, 5 types, 1 document",
    ),
    Case(
        "4 MB without a space",
        b"abcdefghij" * 400_000,
        lines("1 token, 1 type, 1 document", ENDLESS.format("4,000,000")),
    ),
    Case(
        "accents (NFC)",
        "Où est l'âne de la forêt d'Été\n".encode(),
        lines("10 tokens, 9 types, 1 document, 5 of 22 letters lost", LOST.format("23%")),
        "9 tokens, 9 types, 1 document",
    ),
    Case(
        "accents (NFD)",
        "la fore\u0302t\n".encode(),
        "3 tokens, 3 types, 1 document",
        "2 tokens, 2 types, 1 document",
    ),
    Case(
        "sharp s, ligatures, dotted I",
        "STRASSE Straße ﬁn İZMİR\n".encode(),
        "7 tokens, 7 types, 1 document, 2 of 20 letters lost",
        "4 tokens, 3 types, 1 document",
    ),
    Case(
        "Cyrillic",
        "Все счастливые семьи похожи друг на друга\n".encode(),
        NO_WORDS.format(1) + OTHERS.format(35),
        "7 tokens, 7 types, 1 document",
    ),
    Case(
        "half Greek",
        "the word λόγος and the word ψυχή\n".encode(),
        lines("5 tokens, 3 types, 1 document, 9 of 26 letters lost", LOST.format("35%")),
        "7 tokens, 5 types, 1 document",
    ),
    Case(
        "Hebrew, right to left",
        "בראשית ברא אלהים\n".encode(),
        NO_WORDS.format(1) + OTHERS.format(14),
        "3 tokens, 3 types, 1 document",
    ),
    Case(
        "Arabic with vowel signs and bidirectional marks",
        "\u202bبِسْمِ اللَّهِ\u202c\n".encode(),
        NO_WORDS.format(1) + OTHERS.format(7),
        "2 tokens, 2 types, 1 document",
    ),
    Case(
        "Devanagari",
        "हिन्दी में लिखा\n".encode(),
        NO_WORDS.format(1) + OTHERS.format(6),
        "3 tokens, 3 types, 1 document",
    ),
    Case(
        "Chinese",
        CHINESE.encode() * 5,
        NO_WORDS.format(5) + OTHERS.format(95),
        lines("10 tokens, 2 types, 5 documents", SEGMENT.format("100%", "9.5")),
    ),
    Case(
        "Chinese, segmented",
        "学 而 时 习 之 不亦 说 乎\n".encode(),
        NO_WORDS.format(1) + OTHERS.format(9),
        "8 tokens, 8 types, 1 document",
    ),
    Case(
        "Thai",
        "ภาษาไทยไม่มีช่องว่างระหว่างคำ\n".encode(),
        NO_WORDS.format(1) + OTHERS.format(24),
        lines("1 token, 1 type, 1 document", SEGMENT.format("100%", "29.0")),
    ),
    Case(
        "emoji",
        "I ❤\ufe0f 👩\u200d🚀 and 🇫🇷\n".encode(),
        "2 tokens, 2 types, 1 document",
    ),
    Case(
        "shell and markup",
        b"$(rm -rf x); `id` && <b>bold</b> '\"\\ %s {corpus}\n",
        "9 tokens, 8 types, 1 document",
    ),
]


def outcome(folder: Path, case: Case, convention: Convention) -> str:
    """What is read of a case's text, as lines: the counts, and what is warned of or wrong."""
    path = folder / "text.txt"
    path.write_bytes(case.text)
    try:
        corpus = encode_corpus(CorpusText(local_corpus(path, case.rule, convention)))
    except UserError as error:
        return f"error: {error}".replace(f"{folder}/", "")
    lost = totals(corpus)
    said = [
        f"{number:,} {what}{'' if number == 1 else 's'}"
        for number, what in (
            (len(corpus.tokens), "token"),
            (len(corpus.words), "type"),
            (corpus.documents, "document"),
            (corpus.empty_documents, "empty document"),
        )
        if number or what != "empty document"
    ]
    if lost["letters_dropped"]:
        said.append(f"{lost['letters_dropped']:,} of {lost['letters']:,} letters lost")
    if lost["undecodable_bytes"]:
        said.append(f"{lost['undecodable_bytes']:,} bytes not UTF-8")
    warned = [f"warning: {warning}" for warning in warnings(corpus, convention)]
    return "\n".join([", ".join(said), *warned])


def markdown() -> str:
    """The page."""
    rows = ["| text | `text8` | `unicode` |", "|---|---|---|"]
    for case in CASES:
        cells = (case.text8, case.unicode or "the same")
        shown = (cell.replace("|", "\\|").replace("\n", "<br>") for cell in cells)
        rows.append(f"| {case.name} | {' | '.join(shown)} |")
    return INTRODUCTION + "\n".join(rows) + "\n"


if __name__ == "__main__":
    print(markdown(), end="")
