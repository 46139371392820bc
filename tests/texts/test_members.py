"""Untrusted archives: each hostile one gives a one-line error, and nothing is unpacked."""

from __future__ import annotations

import gzip
import io
import random
import stat
import struct
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mstar.corpus.corpora import local_corpus
from mstar.corpus.encode import CorpusText, encode_corpus
from mstar.files.writing import UserError
from mstar.texts import members
from mstar.texts.members import gunzip, open_members

TEXT = b"plain words of a text\n"


def read_members(path: Path, patterns: list[str]) -> list[tuple[str, bytes]]:
    return [(name, stream.read()) for name, stream in open_members(path, patterns)]


@pytest.fixture(autouse=True)
def low_floor(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lower the size limit, so that bombs can be small."""
    monkeypatch.setattr(members, "FLOOR", 1 << 17)


def zipped(path: Path, content: dict[str, bytes], **options: int) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, **options) as archive:  # type: ignore[call-overload]
        for name, data in content.items():
            archive.writestr(name, data)
    return path


def tarred(path: Path, entries: list[tuple[str, bytes, bytes]], mode: str = "w:gz") -> Path:
    """Return a tar of (name, type, data or target of a link)."""
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for name, kind, data in entries:
            entry = tarfile.TarInfo(name)
            entry.type = kind
            if kind == tarfile.REGTYPE:
                entry.size = len(data)
                archive.addfile(entry, io.BytesIO(data))
            else:
                entry.linkname = data.decode()
                archive.addfile(entry)
    return path


def linked_zip(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        entry = zipfile.ZipInfo("a.txt")
        entry.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(entry, "/etc/passwd")
    return path


def encrypted(path: Path) -> Path:
    data = bytearray(zipped(path, {"a.txt": TEXT}).read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + offset] |= 1
    path.write_bytes(data)
    return path


def bomb(path: Path) -> Path:
    return zipped(path, {"a.txt": b" " * (members.FLOOR + 1)})


def overlapping(path: Path) -> Path:
    """Return many members that share bytes of the file: each plausible, together absurd."""
    zipped(path, {"a.txt": bytes(random.Random(0).choices(bytes(range(97, 123)), k=1000)) * 400})
    with zipfile.ZipFile(path) as archive:
        (first,) = archive.infolist()
        start = archive.start_dir
    content = path.read_bytes()
    entry = content[start : start + 46]
    entries = [entry + name for name in (b"a.txt", b"b.txt", b"c.txt")]
    directory = b"".join(entries)
    counts = struct.pack("<HH", len(entries), len(entries))
    end = b"PK\x05\x06\0\0\0\0" + counts + struct.pack("<LLH", len(directory), start, 0)
    path.write_bytes(content[:start] + directory + end)
    ratio = first.file_size / len(content)
    assert ratio < members.EXPANSION < 2.9 * ratio
    return path


def lying(path: Path) -> Path:
    """Return a member that holds more than it declares."""
    zipped(path, {"a.txt": b"more " * 1000})
    data = bytearray(path.read_bytes())
    at = data.index(b"PK\x01\x02") + 24
    data[at : at + 4] = struct.pack("<L", 10)
    path.write_bytes(data)
    return path


def sparse(path: Path) -> Path:
    """Return a tar whose member is a hole of a terabyte."""
    entry = tarfile.TarInfo("a.txt")
    entry.type, entry.size = tarfile.GNUTYPE_SPARSE, 0
    header = bytearray(entry.tobuf(tarfile.GNU_FORMAT))
    header[386:410] = b"%011o\0%011o\0" % (0, 0)
    header[483:495] = b"\x80" + (1 << 40).to_bytes(11, "big")
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header[:512])
    path.write_bytes(bytes(header) + bytes(1024))
    return path


def absurd_tar(path: Path) -> Path:
    return tarred(path, [("a.txt", tarfile.REGTYPE, b" " * (members.FLOOR + 1))])


def regular(name: str) -> Callable[[Path], Path]:
    return lambda path: tarred(path, [("a.txt", tarfile.REGTYPE, TEXT), (name, b"0", TEXT)])


def link(kind: bytes, target: bytes) -> Callable[[Path], Path]:
    return lambda path: tarred(path, [("b.txt", b"0", TEXT), ("a.txt", kind, target)])


def within(name: str) -> Callable[[Path], Path]:
    return lambda path: zipped(path, {"a.txt": TEXT, name: TEXT})


HOSTILE: dict[str, tuple[Callable[[Path], Path], str]] = {
    "zip, up and out": (within("../../a.txt"), "leads out of the archive"),
    "zip, absolute": (within("/etc/a.txt"), "leads out of the archive"),
    "zip, backslashes": (within("..\\a.txt"), "leads out of the archive"),
    "zip, drive": (within("C:a.txt"), "leads out of the archive"),
    "tar, up and out": (regular("x/../../a.txt"), "leads out of the archive"),
    "tar, absolute": (regular("/etc/a.txt"), "leads out of the archive"),
    "zip, symbolic link": (linked_zip, "a link or a device"),
    "tar, symbolic link": (link(tarfile.SYMTYPE, b"/etc/passwd"), "a link or a device"),
    "tar, hard link": (link(tarfile.LNKTYPE, b"b.txt"), "a link or a device"),
    "tar, device": (link(tarfile.CHRTYPE, b""), "a link or a device"),
    "zip, encrypted": (encrypted, "is encrypted: expected an archive without a password"),
    "zip, bomb": (bomb, "bytes unpack to 131,073 or more: expected at most 200 times"),
    "zip, overlapping members": (overlapping, "or more: expected at most 200 times"),
    "zip, lying about a size": (lying, "damaged archive"),
    "tar, bomb": (absurd_tar, "or more: expected at most 200 times"),
    "tar, sparse": (sparse, "bytes unpack to 1,099,511,627,776 or more"),
    "no archive": (lambda path: (path.write_bytes(b"<html>no"), path)[1], "damaged archive"),
    "empty file": (lambda path: (path.write_bytes(b""), path)[1], "damaged archive"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_archives_are_refused_in_one_line(case: str, tmp_path: Path) -> None:
    make, message = HOSTILE[case]
    path = make(tmp_path / "x.archive")
    with pytest.raises(UserError) as error:
        read_members(path, ["*.txt"])
    assert message in str(error.value)
    assert str(path) in str(error.value) and "\n" not in str(error.value)
    assert [each.name for each in tmp_path.iterdir()] == ["x.archive"]


def test_links_among_what_is_not_asked_for_do_no_harm(tmp_path: Path) -> None:
    path = tarred(tmp_path / "x.tar.gz", [("a.txt", b"0", TEXT), ("l", tarfile.SYMTYPE, b"/")])
    assert read_members(path, ["*.txt"]) == [("a.txt", TEXT)]


def test_a_gzip_bomb_within_a_member() -> None:
    packed = gzip.compress(b" " * (members.FLOOR + 1))
    with pytest.raises(UserError, match=r"a\.gz: .* expected at most 200 times"):
        gunzip(packed, "a.gz")
    assert gunzip(gzip.compress(TEXT), "a.gz") == TEXT


@pytest.mark.parametrize("name", ["x.txt.gz", "x.jsonl.gz", "x.jsonl.zst", "wiki_00.gz"])
def test_a_compressed_bomb_of_ones_own(name: str, tmp_path: Path) -> None:
    """All bytes read are counted, used or not; the refusal comes long before the missing end."""
    line = b'{"other": "' + b"a " * 9000 + b'", "text": "a"}\n' if "json" in name else b"a " * 9000
    start = b"<doc >\n" if "wiki" in name else b""
    pack = zstandard.compress if name.endswith(".zst") else gzip.compress
    path = tmp_path / name
    path.write_bytes(pack(start + line * 900)[:-9])
    with pytest.raises(UserError, match=rf"{name}: .*expected at most 200 times as many for text"):
        encode_corpus(CorpusText(local_corpus(path)))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"a.zip": b"PK"}, "no text in it .*a.zip.* archives within archives are not read"),
        ({}, "no text in it .*nothing"),
        ({"a.txt": b"PK\x03\x04\0\0"}, r"x\.zip/a\.txt: an archive within an archive"),
        ({"__MACOSX/a.txt": TEXT, ".hidden.txt": TEXT}, "no text in it"),
        ({"a\n\x1b[2J.md": b""}, r"it holds 'a\\n\\x1b\[2J\.md'\)"),
        ({"a\n.jsonl": b"["}, r"x\.zip/'a\\n\.jsonl', line 1: not JSON"),
    ],
)
def test_nested_garbage(content: dict[str, bytes], message: str, tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", content)
    with pytest.raises(UserError, match=message):
        encode_corpus(CorpusText(local_corpus(path)))


def test_what_a_zip_leaves_out_is_reported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = zipped(tmp_path / "x.zip", {"a.txt": b"a", "B.TXT": b"b", "c.txt.gz": b"", "d.md": b""})
    corpus = encode_corpus(CorpusText(local_corpus(path)))
    assert corpus.words == ["a", "b"]
    assert set(capsys.readouterr().err.splitlines()) == {
        f"warning: {path}: left out c.txt.gz, d.md: expected files of one kind, such as .txt or"
        " .jsonl (not compressed), or else files without an ending"
    }


def test_members_of_ones_own_are_not_searched_by_patterns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pattern matching would take time quadratic in the number of members."""
    monkeypatch.setattr(members.fnmatch, "filter", None)
    path = zipped(tmp_path / "x.zip", {"a[1].txt": b"a", "*.txt": b"b"})
    assert encode_corpus(CorpusText(local_corpus(path))).words == ["a", "b"]


def test_a_name_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", {"\u00e9.txt": TEXT})
    path.write_bytes(path.read_bytes().replace("\u00e9".encode(), b"\xff\xff"))
    with pytest.raises(UserError, match="damaged archive"):
        encode_corpus(CorpusText(local_corpus(path)))


@pytest.mark.parametrize("sums", [True, False])
def test_a_tar_that_ends_with_a_zip_is_a_tar(sums: bool, tmp_path: Path) -> None:
    """A tar is recognised by its checksum, or, if that does not hold, by its magic."""
    inner = zipped(tmp_path / "b.zip", {"q.txt": b"inner"}).read_bytes()
    entries = [("a.txt", b"0", TEXT), ("b.zip", b"0", inner)]
    path = tarred(tmp_path / "x.tar", entries, "w")
    if not sums:
        path.write_bytes(b"c" + path.read_bytes()[1:])
        with pytest.raises(UserError, match="damaged archive"):
            read_members(path, ["*.txt"])
    else:
        assert read_members(path, ["*.txt"]) == [("a.txt", TEXT)]


@pytest.mark.parametrize("what", ["header", "end", "checksum"])
def test_a_tar_whose_rest_is_damaged_is_refused(what: str, tmp_path: Path) -> None:
    """tarfile would stop at the damage and silently omit later members."""
    entries = [(f"{name}.txt", b"0", name.encode() * 300) for name in "ab"]
    mode = "w:gz" if what == "checksum" else "w"
    path = tarred(tmp_path / "x.tar", entries, mode)
    content = bytearray(path.read_bytes())
    if what == "header":
        content[2 * tarfile.BLOCKSIZE + 1] ^= 1  # in the name of the second member
    elif what == "end":
        del content[4 * tarfile.BLOCKSIZE :]
    else:
        content[-8] ^= 1  # in the CRC-32
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"damaged archive"):
        read_members(path, ["a.txt"])


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60
)
@given(data=st.data(), kind=st.sampled_from(["zip", "tar"]))
def test_damage_is_read_rightly_or_refused(data: st.DataObject, kind: str, tmp_path: Path) -> None:
    path = tmp_path / "x.archive"
    texts = {f"{name}.txt": (name * 300).encode() for name in "abc"}
    if kind == "zip":
        zipped(path, texts)
    else:
        tarred(path, [(name, b"0", text) for name, text in texts.items()])
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at] = data.draw(st.integers(0, 255))
    path.write_bytes(content[: data.draw(st.integers(len(content) // 2, len(content)))])
    try:
        found = dict(read_members(path, ["*.txt"]))
    except UserError as error:
        assert str(error).startswith(f"{path}") and len(str(error).splitlines()) == 1
        return
    # Neither format checksums names; zip and gzip checksum contents.
    assert all(text in texts.values() for text in found.values())
