"""Normalisers, and reading the user's own text."""

from __future__ import annotations

import gzip
import lzma
from itertools import pairwise
from pathlib import Path

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mstar.corpus.corpora import local_corpus
from mstar.corpus.encode import CorpusText, encode_corpus
from mstar.corpus.words import COMPILED, DIGIT_NAMES, LATIN, check_convention, tokenise
from mstar.files.writing import UserError
from mstar.texts import readers
from mstar.texts.documents import parse_rule
from mstar.texts.places import text_files
from mstar.texts.readers import LocalText

LETTERS = "abcdefghijklmnopqrstuvwxyz"
TEXTS = st.text(st.one_of(st.characters(), st.sampled_from("aZé0 9\n\t-K’İß")), max_size=60)
CONVENTION = st.sampled_from(COMPILED)


def by_character(text: str, digits: bool) -> str:
    """Apply a convention by its definition, one character at a time."""
    out = []
    for character in text.lower():
        if character in LETTERS:
            out.append(character)
        elif digits and character in "0123456789":
            out.append(f" {DIGIT_NAMES[int(character)]} ")
        else:
            out.append(" ")
    return " ".join("".join(out).split())


@given(TEXTS)
def test_conventions_equal_their_description(text: str) -> None:
    assert " ".join(tokenise(text, "text8")) == by_character(text, digits=True)
    assert " ".join(tokenise(text, "paper")) == by_character(text, digits=False)


@given(TEXTS, CONVENTION)
def test_words_are_letters_and_normalising_twice_changes_nothing(text: str, name: str) -> None:
    words = tokenise(text, name)
    if name in LATIN:
        assert all(word and set(word) <= set(LETTERS) for word in words)
    assert tokenise(" ".join(words), name) == words


@given(TEXTS, TEXTS, CONVENTION, st.sampled_from([" ", "\n", "\t"]))
def test_text_may_be_cut_at_white_space(first: str, second: str, name: str, space: str) -> None:
    whole = tokenise(first + space + second, name)
    assert whole == tokenise(first + space, name) + tokenise(second, name)


def test_examples() -> None:
    text = "It doesn't cost €25,000 in Bogotá."
    words = "it doesn t cost two five zero zero zero in bogot"
    assert tokenise(text, "text8") == words.split()
    assert tokenise(text, "paper") == ["it", "doesn", "t", "cost", "in", "bogot"]
    assert tokenise(text, "whitespace") == ["It", "doesn't", "cost", "€25,000", "in", "Bogotá."]
    assert tokenise("3² ٣", "text8") == ["three"]
    with pytest.raises(UserError, match="text8, paper, unicode, whitespace, tokenizer"):
        check_convention("latin")


# --- documents of local files ---------------------------------------------------------------


def documents(path: str | Path, rule: str) -> list[list[str]]:
    """Return the decoded documents of a path that have a word."""
    # With `only`, a text may have no words.
    corpus = encode_corpus(CorpusText(local_corpus(path, rule), only=text_files(path)))
    words = [corpus.words[token] for token in corpus.tokens]
    return [words[a:b] for a, b in pairwise(corpus.document_offsets)]


def write(path: Path, text: str | bytes) -> Path:
    data = text.encode() if isinstance(text, str) else text
    pack = {".gz": gzip.compress, ".xz": lzma.compress, ".zst": zstandard.compress}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(pack.get(path.suffix, bytes)(data))
    return path


LINES = st.lists(st.text(st.sampled_from("ab1 \té\r\f"), max_size=12), max_size=8)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    lines=LINES, chunk=st.integers(1, 9), ending=st.sampled_from(["", "\n"]), n=st.integers(1, 4)
)
def test_documents_do_not_depend_on_the_size_of_chunks(
    lines: list[str],
    chunk: int,
    ending: str,
    n: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = "\n".join(lines) + ending
    path = write(tmp_path / "x.txt", text)
    monkeypatch.setattr(readers, "CHUNK", chunk)
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    words = tokenise(text)
    expected = [tokenise(x) for x in plain.split("\n") if x.strip()]
    assert documents(path, "line") == [words for words in expected if words]
    by_line = encode_corpus(CorpusText(local_corpus(path), only=[path]))
    assert by_line.empty_documents == expected.count([])
    assert documents(path, "file") == ([words] if words else [])
    assert documents(path, f"fixed:{n}") == [words[i : i + n] for i in range(0, len(words), n)]


@pytest.mark.parametrize("ending", ["", ".gz", ".xz", ".zst"])
def test_compressed_files_read_alike(ending: str, tmp_path: Path) -> None:
    path = write(tmp_path / f"t.txt{ending}", "One two.\n\n  \nthree 4\n")
    assert documents(path, "line") == [["one", "two"], ["three", "four"]]


def test_folders_and_globs_are_read_in_order_of_name(tmp_path: Path) -> None:
    write(tmp_path / "b.txt", "c d e")
    write(tmp_path / "a.text.gz", "a b")
    write(tmp_path / "sub" / "c.txt.zst", "f")
    write(tmp_path / "notes.md", "no")
    write(tmp_path / ".hidden.txt", "no")
    assert documents(tmp_path, "file") == [["a", "b"], ["c", "d", "e"], ["f"]]
    assert documents(tmp_path, "line") == [["a", "b"], ["c", "d", "e"], ["f"]]
    # Pseudo-articles are cut from the whole stream, across files; the last one is shorter.
    assert documents(tmp_path, "fixed:4") == [["a", "b", "c", "d"], ["e", "f"]]
    assert documents(f"{tmp_path}/*.txt", "file") == [["c", "d", "e"]]
    assert [p.name for p in text_files(f"{tmp_path}/**/*.zst")] == ["c.txt.zst"]


def test_a_file_that_a_glob_names_often_is_read_once(tmp_path: Path) -> None:
    path = write(tmp_path / "x" / "y" / "a.txt", "a b")
    assert text_files(f"{tmp_path}/**/**/*.txt") == [path]


@pytest.mark.parametrize("name", ["a.pdf.txt", "a.csv.txt.gz", "a.tar.txt", "A.TXT", "b.Text.GZ"])
def test_the_last_ending_says_what_a_file_is(name: str, tmp_path: Path) -> None:
    path = write(tmp_path / name, "a b")
    if path.suffix == ".GZ":
        path.write_bytes(gzip.compress(b"a b"))
    assert documents(path, "line") == documents(tmp_path, "line") == [["a", "b"]]


def test_what_a_folder_or_glob_leaves_out_is_reported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "texts"
    files = [write(folder / name, "a") for name in ("a.txt", "b.TXT")]
    write(folder / ".hidden.md", "no")
    assert documents(folder, "file") == [["a"], ["a"]]
    assert capsys.readouterr().err == ""
    write(folder / "c\n.md", "no")
    write(tmp_path / "elsewhere" / "d.txt", "no")
    (folder / "linked").symlink_to(tmp_path / "elsewhere")
    (folder / "none.txt").symlink_to("nothing")
    LocalText(folder, "line", only=files[:1])
    (line,) = set(capsys.readouterr().err.splitlines())
    assert line.startswith(
        f"warning: {folder}: left out 'c\\n.md', linked (a link to a folder), none.txt (a link to "
        f"nothing): expected a .txt, .jsonl, "
    )
    # Other parts of the text leave it to the first.
    LocalText(folder, "line", only=files[1:])
    assert capsys.readouterr().err == ""
    LocalText(f"{folder}/*.txt", "line")
    assert "none.txt (a link to nothing): expected" in capsys.readouterr().err


def test_undecodable_bytes_are_counted_and_separate(tmp_path: Path) -> None:
    path = write(tmp_path / "x.txt", b"caf\xe9 na\xefve\xff\xfe caf\xc3\xa9")
    assert documents(path, "file") == [["caf", "na", "ve", "caf"]]
    corpus = encode_corpus(CorpusText(local_corpus(path, "file")))
    assert corpus.sources[0]["undecodable_bytes"] == 4


def test_output_of_pzstd_is_read(tmp_path: Path) -> None:
    """Each frame of pzstd follows a skippable frame that holds its size."""
    skipped = b"\x50\x2a\x4d\x18\4\0\0\0size"
    path = tmp_path / "x.txt.zst"
    path.write_bytes(b"".join(skipped + zstandard.compress(text) for text in (b"a b", b" c")))
    assert documents(path, "line") == [["a", "b", "c"]]


@pytest.mark.parametrize("ending", [".gz", ".xz", ".zst"])
def test_truncated_archive_is_one_clear_line(ending: str, tmp_path: Path) -> None:
    text = " ".join(str(i * i * 7919) for i in range(20_000))
    path = write(tmp_path / f"x.txt{ending}", text)
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(UserError, match=r"x\.txt.*damaged or incomplete.*download it again") as err:
        documents(path, "fixed:50")
    assert "\n" not in str(err.value)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("x.txt.gz", None, "damaged, or not a .gz file"),
        ("x.txt", b"t\0e\0x\0t\0", "NUL bytes"),
        ("x.json.gz", b"{}", "no key 'text'"),
        ("x.tar.gz", b"", "damaged archive"),
        ("x.PDF", b"%PDF-1.7", "a PDF file: convert it to text first"),
    ],
)
def test_files_that_are_not_text(
    name: str, content: bytes | None, message: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    if content is None:
        path.write_bytes(b"plain words")
    else:
        write(path, content)
    with pytest.raises(UserError, match=message):
        documents(path, "line")


def test_bad_paths(tmp_path: Path) -> None:
    write(tmp_path / "corpus.txt", "a")
    with pytest.raises(UserError, match=r"did you mean .*corpus\.txt"):
        LocalText(tmp_path / "corpsu.txt", "line")
    with pytest.raises(UserError, match="no folder"):
        LocalText(tmp_path / "none" / "x.txt", "line")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match="no text file there"):
        LocalText(tmp_path / "empty", "line")
    with pytest.raises(UserError, match="no text file there"):
        LocalText(f"{tmp_path}/*.gz", "line")


@pytest.mark.parametrize("rule", ["fixed", "fixed:0", "fixed:-1", "fixed:x", "lines", ""])
def test_bad_rules(rule: str) -> None:
    with pytest.raises(UserError, match="expected line"):
        parse_rule(rule)


def test_good_rules() -> None:
    assert [parse_rule(r) for r in ("line", "file", "fixed:50000")] == [
        ("line", 0),
        ("file", 0),
        ("fixed", 50_000),
    ]
