"""An encoded text is read whole, or the damaged file is named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mstar.corpus.corpora import local_corpus
from mstar.corpus.encode import CorpusText, encode_corpus
from mstar.corpus.encoded import load_encoded, write_corpus
from mstar.corpus.lost import of_lengths
from mstar.files.writing import UserError
from mstar.training import record

NAMES = ("tokens", "documents", "description")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return the files of an encoded text of three documents."""
    folder = tmp_path_factory.mktemp("text")
    (folder / "text.txt").write_text("one two\nthree\none two three four\n", encoding="utf-8")
    corpus = local_corpus(folder / "text.txt")
    names = ("tokens.npy", "documents.npy", "vocabulary.tsv", "corpus.json")
    tokens, documents, vocabulary, description = (folder / name for name in names)
    write_corpus(
        corpus,
        encode_corpus(CorpusText(corpus)),
        tokens=tokens,
        documents=documents,
        vocabulary=vocabulary,
        description=description,
    )
    return dict(zip(NAMES, (tokens, documents, description), strict=True))


def test_a_whole_text_is_read(files: dict[str, Path]) -> None:
    tokens, offsets = load_encoded(*(files[name] for name in NAMES))
    assert tokens.size == 7 and offsets.tolist() == [0, 2, 3, 7]


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(NAMES[:2]),
    place=st.floats(0, 1, exclude_max=True),
    bit=st.integers(0, 7),
    cut=st.booleans(),
)
def test_any_changed_bit_and_any_cut_is_noticed(
    files: dict[str, Path], tmp_path: Path, name: str, place: float, bit: int, cut: bool
) -> None:
    content = bytearray(files[name].read_bytes())
    at = int(place * len(content))
    if cut:
        del content[at:]
    else:
        content[at] ^= 1 << bit
    damaged = tmp_path / files[name].name
    damaged.write_bytes(content)
    given_files = {**files, name: damaged}
    try:
        read = load_encoded(*(given_files[each] for each in NAMES))
    except UserError as error:
        assert str(error).startswith(f"{damaged}: ") and len(str(error).splitlines()) == 1
    else:  # a bit without meaning, such as header padding
        whole = load_encoded(*(files[each] for each in NAMES))
        assert all(np.array_equal(one, other) for one, other in zip(read, whole, strict=True))


@pytest.mark.filterwarnings("ignore:Data type alias")
@pytest.mark.parametrize("described", [True, False])
@pytest.mark.parametrize("name", NAMES[:2])
def test_a_changed_bit_of_a_header_is_not_blamed_on_the_other_file(
    files: dict[str, Path], tmp_path: Path, name: str, described: bool
) -> None:
    """Every bit is tried, such as one that turns 7 tokens into 5, fewer than the documents hold."""
    keys = NAMES if described else NAMES[:2]
    whole = load_encoded(*(files[key] for key in keys))
    content = files[name].read_bytes()
    damaged = tmp_path / files[name].name
    given_files = {**files, name: damaged}
    noticed = 0
    for bit in range(8 * 128):  # numpy pads a header to 128 bytes
        changed = bytearray(content)
        changed[bit // 8] ^= 1 << bit % 8
        damaged.write_bytes(changed)
        try:
            read = load_encoded(*(given_files[key] for key in keys))
        except UserError as error:
            assert str(error).startswith(f"{damaged}: ") and len(str(error).splitlines()) == 1
            noticed += 1
        else:  # a bit without meaning, such as padding
            assert all(np.array_equal(one, other) for one, other in zip(read, whole, strict=True))
    assert noticed > 8 * 50


@pytest.mark.parametrize("offsets", [[], [1, 7], [0, 6], [0, 5, 3, 7], [0.0, 7.0], [[0, 7]]])
def test_offsets_that_would_read_beyond_the_text_are_refused(
    files: dict[str, Path], tmp_path: Path, offsets: list[int]
) -> None:
    np.save(tmp_path / "documents.npy", offsets)
    with pytest.raises(UserError, match=r"documents\.npy: not a readable list of documents"):
        load_encoded(files["tokens"], tmp_path / "documents.npy")


@pytest.fixture(scope="module")
def training(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return the embedding and trace of a run."""
    folder = tmp_path_factory.mktemp("run")
    rows = [[0.1 * i, 0.2 * i, 1 / (i + 1), 0.5, 3.0 + i, 2.0] for i in range(50)]
    arrays = (np.ones((3, 2)), np.ones((0, 3, 2), np.float32), np.empty(0), np.ones((50, 3, 2)))
    frame = record.trace_frame(rows, 2, 0)
    files = folder / "embedding.npz", folder / "trace.parquet"
    record.save(record.Training(*arrays, np.arange(50.0), np.ones(2), frame), *files)
    return files


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_a_changed_bit_of_an_embedding_or_the_pages_of_a_trace_is_noticed(
    training: tuple[Path, Path], tmp_path: Path, place: float, bit: int
) -> None:
    whole = record.load(*training)
    for number, path in enumerate(training):
        content = bytearray(path.read_bytes())
        # The footer, which locates the pages, has no checksum.
        footer = 8 + int.from_bytes(content[-8:-4], "little") if number else 0
        content[int(place * (len(content) - footer))] ^= 1 << bit
        files = list(training)
        files[number] = tmp_path / path.name
        files[number].write_bytes(content)
        try:
            read = record.load(*files)
        except UserError as error:
            assert str(error).startswith(f"{files[number]}: ")
            assert len(str(error).splitlines()) == 1
        else:
            assert read.trace.equals(whole.trace)
            assert all(
                np.array_equal(getattr(read, name), getattr(whole, name)) for name in record.ARRAYS
            )


@pytest.mark.parametrize(
    ("lengths", "rule", "said"),
    [
        ([9, 9, 40], "line", "no more than 9 words, fewer than the window of 16"),
        ([9, 9, 40], "paragraph", "documents: file or fixed:N"),
        ([9, 16, 40], "line", ""),
        ([9, 9, 40], "fixed:9", ""),
        ([9, 9, 40], "one article each", ""),
    ],
)
def test_documents_shorter_than_a_window_are_told(lengths: list[int], rule: str, said: str) -> None:
    found = of_lengths(np.cumsum([0, *lengths]), 16, rule)
    assert said in found and bool(said) == bool(found)
