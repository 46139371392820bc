"""Files of benchmark questions: formats, languages, mistakes, and words as a text has them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mstar.corpus.wording import WordRules
from mstar.evaluation.benchmarks import packaged_benchmark, read_benchmark
from mstar.evaluation.coverage import COLUMNS, as_in_text, check_covered, coverage, told
from mstar.evaluation.question_files import (
    Judgements,
    Kind,
    Layout,
    decoded,
    parse,
    parse_judgements,
    parse_questions,
    read_asked,
    read_sections,
    write_asked,
)
from mstar.files.writing import UserError
from tools.config_mistakes import QUESTION_FILES

KINGS = ("man", "woman", "king", "queen")
# Small files in the forms in which analogies of these languages are published, of our own making.
LANGUAGES = {
    "German": (": Länder\nAthen Griechenland Straßburg Frankreich\n", "straßburg"),
    "French": (": gram3-comparatif\nétudiant étudiante père mère\n", "étudiant"),
    "Polish": (": stolice\nŁódź Łodzi Kraków Krakowa\n", "łódź"),
    "Portuguese": (": família\navô avó irmão irmã\n", "avô"),
    "Czech": (": Protikladne\nmuž žena král královna\n", "král"),
    "Norwegian": (": hovedsteder\nOslo Norge København Danmark\n", "københavn"),
    "Chinese": (": 首都\n雅典 希腊 巴格达 伊拉克\n", "巴格达"),
}


@pytest.mark.parametrize(
    ("text", "layout"),
    [
        (": family\nman woman king queen\n", Layout()),
        (": family\r\nman\twoman  king queen \r\n", Layout("google")),
        ("\ufeff: family\nman\twoman\tking\tqueen\n", Layout("tab")),
        ("man\twoman\tking\tqueen\tfamily\n", Layout()),
        ("# words\nman,woman,king,queen,family\n", Layout()),
        ('"man", "woman", "king", "queen", "family"\n', Layout("comma")),
        ("man;woman;king;queen;family\n", Layout()),
        ("Word1,Word2,Word3,Word4,Category\nman,woman,king,queen,family\n", Layout()),
        ("family,x,man,woman,king,queen\n", Layout("comma", None, ("3", "4", "5", "6", "1"))),
        (
            "x y c a b d s\nq man king woman x queen family\n",
            Layout("google", True, ("Y", "a", "c", "d", "s")),
        ),
        ("man woman king family queen\n", Layout("msr")),
        ("category\ta\tb\tc\td\nfamily\tman\twoman\tking\tqueen\n", Layout()),
    ],
)
def test_formats(text: str, layout: Layout) -> None:
    found = parse("analogies", decoded(text.encode(), "mine.txt"), "mine.txt", layout)
    assert found == {"family": [KINGS]}


def test_questions_without_a_section() -> None:
    assert parse_questions("a b c d\n: x\ne f g h\n") == {
        "questions": [("a", "b", "c", "d")],
        "x": [("e", "f", "g", "h")],
    }


@pytest.mark.parametrize(
    ("text", "layout"),
    [
        (
            "# Word 1\tWord 2\tMean\nWord 1\tWord 2\tMean\nman\twoman\t8.3\n",
            Layout(),
        ),
        ("man woman 8.3\n", Layout()),
        ("man,woman,8.3\n", Layout()),
        ("man;woman;8.3\n", Layout("semicolon")),
        (
            "word1\tPOS\tword2\tx\tSimLex\nman\tN\twoman\t1\t8.3\n",
            Layout("tab", None, ("word1", "word2", "simlex")),
        ),
        ("1,man,woman,8.3\n", Layout("comma", False, ("2", "3", "4"))),
    ],
)
def test_formats_of_judgements(text: str, layout: Layout) -> None:
    found = parse_judgements(text, "mine", layout)
    assert found.pairs == (("man", "woman"),) and found.scores.tolist() == [8.3]


@pytest.mark.parametrize("language", LANGUAGES)
def test_languages(language: str) -> None:
    text, word = LANGUAGES[language]
    (questions,) = parse_questions(text).values()
    assert len(questions) == 1
    assert word in [each.lower() for each in questions[0]]
    # Words are folded as those of a text are: Straßburg becomes strassburg.
    asked = as_in_text({"x": questions}, "unicode")
    expected = as_in_text({"x": [tuple(each.upper() for each in questions[0])]}, "unicode")  # type: ignore[misc]
    assert asked == expected and word.casefold() in asked["x"][0]


def test_spanish_words_of_several_parts_need_columns() -> None:
    text = ": capitales\nMadrid España Nueva York Estados Unidos\n"
    with pytest.raises(UserError, match=r"mine.txt, line 2: expected four words, found 6: 'Madrid"):
        parse_questions(text, "mine.txt")
    rows = "Madrid\tEspaña\tNueva York\tEstados Unidos\nniño\tniña\tél\tella\n"
    found = parse_questions(rows)
    assert found["questions"][0] == ("Madrid", "España", "Nueva York", "Estados Unidos")
    asked = as_in_text(found, "unicode")["questions"]
    assert asked == [("madrid", "españa", "", ""), ("niño", "niña", "él", "ella")]


def test_words_follow_the_settings_of_words() -> None:
    written = {"x": [("New York", "USA", "Zürich", "Schweiz")]}
    vocabulary = {"new_york", "Zürich"}
    kept = WordRules(case="keep")
    assert as_in_text(written, "unicode", kept, vocabulary)["x"] == [
        ("", "USA", "Zürich", "Schweiz")
    ]
    folded = as_in_text(written, "unicode", WordRules(), vocabulary)["x"]
    assert folded == [("new_york", "usa", "Zürich", "schweiz")]


@pytest.mark.parametrize("convention", ["text8", "paper", "unicode"])
def test_english_words_are_those_of_a_text_of_lower_case(convention: str) -> None:
    """The published files have only the letters a to z, so folding is lower-casing."""
    for name, kind in (("google", "analogies"), ("wordsim353", "similarity")):
        text = read_benchmark(name, packaged_benchmark(name))
        written = parse(kind, text, name)  # type: ignore[arg-type]
        lower = parse(kind, text.lower(), name)  # type: ignore[arg-type]
        asked = as_in_text(written, convention)  # type: ignore[arg-type]
        if isinstance(asked, Judgements) and isinstance(lower, Judgements):
            assert asked.pairs == lower.pairs
        else:
            assert asked == lower


@pytest.mark.parametrize(
    ("kind", "text", "layout", "message"),
    [
        ("analogies", "", Layout(), "mine.txt: no line of four words, so not a file of analogy"),
        ("analogies", ": x\n: y\n", Layout(), "no line of four words"),
        ("analogies", ": x\na b c\n", Layout(), "line 2: expected four words, found 3: 'a b c'"),
        ("analogies", ": x\na b c d e\n", Layout(), "line 2: expected four words, found 5"),
        ("analogies", ":\n", Layout(), "line 1: a section ':' without a name"),
        ("analogies", ": total\na b c d\n", Layout(), "line 1: a section named 'total'"),
        ("analogies", "a,b,c,d,total\n", Layout(), "line 1: a section named 'total'"),
        ("analogies", "a,,c,d\n", Layout(), "line 1: expected four words, found an empty one"),
        ("analogies", "a b c d\n", Layout("msr"), "line 1: expected a b c CATEGORY d"),
        ("analogies", "a b c d\n", Layout("tab"), "line 1: expected four words, found 1"),
        ("analogies", "p,q,r,s\na,b,c,d\n", Layout("comma", True, ("p", "q", "r", "z")),
         "line 1: no column 'z'; the first line has: p, q, r, s"),
        ("analogies", "a,b,c,d\na,b\n", Layout("comma", False, ("1", "2", "3", "4")),
         "line 2: expected at least 4 columns, found 2"),
        ("similarity", "", Layout(), "mine.txt: no line of 'word word score'"),
        ("similarity", "# only a comment\n", Layout(), "no line of"),
        ("similarity", "a b 1\nword1 word2 score\n", Layout(), "line 2: expected 'word word"),
        ("similarity", "w1 w2 score\na b 1\nc d\n", Layout(), "line 3: .* found 'c d'"),
        ("similarity", "a b nan\nc d nan\n", Layout(), "line 2"),
        ("similarity", "a\tN\tb\t3\n", Layout(), "columns: says which columns of a table to take"),
        ("similarity", "a b inf\na b 1e999\n", Layout(), "line 2"),
    ],
)  # fmt: skip
def test_bad_files_are_named(kind: Kind, text: str, layout: Layout, message: str) -> None:
    with pytest.raises(UserError, match=message) as caught:
        parse(kind, text, "mine.txt", layout)
    assert "\n" not in str(caught.value) and str(caught.value).startswith("mine.txt")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a b c\nÄpfel b c d\n".encode("latin-1"), "mine.txt, line 2: not UTF-8 text"),
        (b"a b\0 c d\n", "line 1: a NUL byte"),
        ("a b c d\n".encode("utf-16"), "line 1: not UTF-8 text"),
        (b"\x1f\x8b\x08\x00", "not UTF-8 text"),
        (b"a" * (2**26 + 1), "67,108,865 bytes: expected a file of questions"),
    ],
)
def test_what_is_no_text_is_named(content: bytes, message: str) -> None:
    with pytest.raises(UserError, match=message):
        decoded(content, "mine.txt")


@pytest.mark.parametrize(("content", "kind", "message"), QUESTION_FILES)
def test_the_page_of_mistakes_says_what_is_said(content: bytes, kind: Kind, message: str) -> None:
    with pytest.raises(UserError) as caught:
        parse(kind, decoded(content, "q.txt"), "q.txt")
    assert str(caught.value) == message


def test_a_field_without_end_is_named() -> None:
    with pytest.raises(UserError, match=r"mine.txt, line 1: field larger than field limit"):
        parse_questions(f"{'a' * 200_000},b,c,d\n", "mine.txt")


def test_questions_are_read_as_written(tmp_path: Path) -> None:
    sections = {"x": [("a", "b", "", "d")], "y z": [("人", "C++", '"', ":")]}
    judged = Judgements((("a", ""), ("nan", "null")), np.array([1 / 3, -2.0]))
    path = tmp_path / "questions.tsv"
    write_asked(sections, path)
    assert read_asked(path) == sections == read_sections(path)
    write_asked(judged, path)
    found = read_asked(path)
    assert isinstance(found, Judgements) and found.pairs == judged.pairs
    assert found.scores.tolist() == judged.scores.tolist()
    with pytest.raises(UserError, match="judged pairs of words: expected analogies"):
        read_sections(path)
    path.write_text("category\ta\tb\tc\td\nx\ta\n")
    with pytest.raises(UserError, match="delete it and run again"):
        read_asked(path)


def test_coverage_is_the_share_of_questions_asked() -> None:
    written = {
        "mine": {
            "x": [("New York", "b", "c", "d"), ("A", "b", "c", "d")],
            "y": [("a", "b", "c", "e")],
        },
        "pairs": Judgements((("a", "B"), ("a", "z")), np.array([1.0, 2.0])),
    }
    asked = {name: as_in_text(one, "text8") for name, one in written.items()}  # type: ignore[arg-type]
    table = coverage(written, asked, ["a", "b", "c", "d", "e"], [4, 5])  # type: ignore[arg-type]
    assert list(table.columns) == list(COLUMNS)
    assert table["questions"].tolist() == [3, 3, 2, 2] and table["covered"].tolist() == [1, 2, 1, 1]
    assert table["share"].tolist() == pytest.approx([1 / 3, 2 / 3, 1 / 2, 1 / 2])
    assert table["missing"].tolist() == ["New_York e", "New_York", "z", "z"]
    questions, pairs = told(table)
    covers = "the vocabulary covers 1 (33.3 %) at V = 4, 2 (66.7 %) at V = 5"
    assert questions == f"benchmark mine: of 3 questions {covers}"
    assert pairs.startswith("benchmark pairs: of 2 pairs the vocabulary covers 1 (50.0 %) at V = 4")
    check_covered(table, {"mine": "mine.txt", "pairs": "pairs.tsv"}, "text8")


def test_a_benchmark_without_a_question_in_the_vocabulary_is_refused() -> None:
    written = {"mine": {"x": [("Mann", "Frau", "König", "Königin")]}}
    asked = {"mine": as_in_text(written["mine"], "text8")}
    table = coverage(written, asked, ["mann", "man"], [1, 2])  # type: ignore[arg-type]
    with pytest.raises(UserError) as caught:
        check_covered(table, {"mine": "fragen.txt"}, "text8")
    assert str(caught.value) == (
        "benchmarks.own.mine: fragen.txt: no question has all its words among the 2 of the"
        " vocabulary (1 of 4 words are, not Frau, König, Königin): expected questions in the"
        " language and spelling of the text, whose normaliser is text8, or a larger vocabulary"
    )
    check_covered(table, {}, "text8")
