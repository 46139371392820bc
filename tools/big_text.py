"""Draw a text of any size from a smaller one, and check what the workflow counts in it.

python -m tools.big_text draw SOURCE FOLDER --times 46 --files 41 writes parquet files in the form
of those of English Wikipedia on the Hugging Face hub (columns id, url, title and text), in which
each document of SOURCE stands 46 times: all documents in random order, then all again in another.
python -m tools.big_text check FOLDER RESULTS compares the counts in RESULTS (a folder such as
results/NAME/v10000-l16) of the commonest pairs of words with those of a plain loop over the rows.
Given ``--once``, the same folder of the text with each document once, it also compares all cells.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from mstar.corpus.vocabulary import read_vocabulary
from mstar.corpus.words import tokenise
from mstar.counts import cooccurrence
from mstar.counts.cooccurrence import Cooccurrence
from mstar.files.writing import UserError
from mstar.texts.places import text_files
from mstar.texts.readers import LocalText

# Rows of a row group, and the type of the columns.
ROWS = 1000
SCHEMA = pa.schema([(name, pa.string()) for name in ("id", "url", "title", "text")])


def documents(path: str | Path, rule: str) -> list[str]:
    """Return the documents of a text by one of the rules line, paragraph and file."""
    found: list[bytes] = []
    rest = b""
    for piece in LocalText(path, rule):
        rest += piece.text
        if rule != "file":
            *ended, rest = rest.split(b"\n")
            found += ended
        if piece.ends:
            found.append(rest)
            rest = b""
    decoded = (document.decode("utf-8", "replace") for document in found)
    return [document for document in decoded if document.strip()]


def draw(texts: Sequence[str], folder: str | Path, times: int, files: int, seed: int) -> int:
    """Write each text ``times`` times, each time in another random order, to parquet files.

    Returns:
        The number of bytes of text written.

    Raises:
        UserError: there are more files than texts to write.
    """
    rows = times * len(texts)
    if files > rows:
        raise UserError(
            f"--files: {files:,} files of {rows:,} documents: expected {rows:,} at most"
        )
    rng = np.random.default_rng(seed)
    order = np.concatenate([rng.permutation(len(texts)) for _ in range(times)])
    Path(folder).mkdir(parents=True, exist_ok=True)
    written = 0
    for number, own in enumerate(np.array_split(order, files)):
        path = Path(folder) / f"train-{number:05d}-of-{files:05d}.parquet"
        with parquet.ParquetWriter(path, SCHEMA) as writer:
            for at in range(0, own.size, ROWS):
                drawn = own[at : at + ROWS].tolist()
                text = [texts[document] for document in drawn]
                written += sum(len(each.encode()) for each in text)
                ids = [str(document) for document in drawn]
                nothing = [""] * len(drawn)
                columns = [ids, nothing, nothing, text]
                writer.write_table(pa.table(columns, schema=SCHEMA))
    return written


def rows_of(folder: str | Path) -> Iterator[str]:
    """Yield the text of every row of the parquet files of a folder."""
    for path in text_files(folder):
        with parquet.ParquetFile(path) as file:
            for batch in file.iter_batches(ROWS, columns=["text"]):
                yield from batch.column(0).to_pylist()


def commonest(counts: Cooccurrence, number: int) -> list[tuple[int, int]]:
    """Return the pairs (i, j), i <= j, of the ``number`` largest counts."""
    top = np.argsort(-counts.counts, kind="stable")[:number]
    rows = counts.rows()
    return [(int(rows[at]), int(counts.indices[at])) for at in top]


def loop(
    folder: str | Path,
    words: Sequence[str],
    pairs: Sequence[tuple[int, int]],
    window: int,
    normaliser: str,
    least: int = 0,
) -> Counter[tuple[int, int]]:
    """Count pairs of words in a folder of parquet files by a plain loop, without the package's.

    Only ``words`` count, and windows are formed without others. A row that stands several times is
    counted once, and its counts multiplied.

    Args:
        folder: the files; each row is a document.
        words: the vocabulary.
        pairs: (i, j), i <= j, the pairs to count.
        window: L.
        normaliser: convention for words.
        least: rows with fewer words are left out.
    """
    ids = {word: number for number, word in enumerate(words)}
    wanted, involved = set(pairs), {word for pair in pairs for word in pair}
    total: Counter[tuple[int, int]] = Counter()
    for text, times in Counter(rows_of(folder)).items():
        found = tokenise(text, normaliser)
        if len(found) < least:
            continue
        document = [ids[word] for word in found if word in ids]
        for at, first in enumerate(document):
            if first not in involved:
                continue
            for distance, second in enumerate(document[at + 1 : at + 1 + window], 1):
                pair = (first, second) if first <= second else (second, first)
                if pair in wanted:
                    # Two equal words are neighbours of each other, in the same cell.
                    weight = (window + 1 - distance) * (2 if first == second else 1)
                    total[pair] += times * weight
    return total


def check(folder: str | Path, results: str | Path, pairs: int) -> str:
    """Compare the largest counts of a run with those of `loop`; return what was found.

    Raises:
        UserError: a count differs.
    """
    counts = cooccurrence.load(Path(results) / "cooccurrence.npz")
    corpus = Path(results).parent
    words = read_vocabulary(corpus / "vocabulary.tsv")[0][: counts.vocabulary_size]
    described = json.loads((corpus / "corpus.json").read_text(encoding="utf-8"))
    asked = commonest(counts, pairs)
    least = described.get("min_tokens", 0)
    found = loop(folder, words, asked, counts.window, described["normaliser"], least)
    for i, j in asked:
        if found[i, j] != counts.cell(i, j):
            raise UserError(
                f"{results}: {words[i]} {words[j]}: counted {counts.cell(i, j):,}, but a loop over"
                f" {folder} finds {found[i, j]:,}"
            )
    return f"the {len(asked)} largest counts are those of a loop over the rows"


def compare(results: str | Path, once: str | Path) -> str:
    """Compare all counts with a whole number of times those of another text; return what was found.

    Raises:
        UserError: a word or a count differs.
    """
    words = [read_vocabulary(Path(each).parent / "vocabulary.tsv") for each in (results, once)]
    many, one = (cooccurrence.load(Path(each) / "cooccurrence.npz") for each in (results, once))
    times = int(words[0][1][0] // words[1][1][0])
    if words[0][0] != words[1][0] or not np.array_equal(words[0][1], times * words[1][1]):
        raise UserError(f"{results}: its words are not {times} times those of {once}")
    same = (
        np.array_equal(many.indptr, one.indptr)
        and np.array_equal(many.indices, one.indices)
        and np.array_equal(many.counts, times * one.counts)
    )
    if not same:
        raise UserError(f"{results}: its counts are not {times} times those of {once}")
    return f"all {many.counts.size:,} counts are {times} times those of {once}"


def main() -> None:
    layout = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=layout)
    commands = parser.add_subparsers(dest="command", required=True)
    drawing = commands.add_parser("draw", help="write the text")
    drawing.add_argument("source", help="a text: a file, folder or glob")
    drawing.add_argument("folder", help="folder for the parquet files")
    drawing.add_argument("--documents", default="line", choices=("line", "paragraph", "file"))
    drawing.add_argument("--times", type=int, default=1, help="times that each document stands")
    drawing.add_argument("--files", type=int, default=1, help="parquet files")
    drawing.add_argument("--seed", type=int, default=0, help="of the random orders")
    checking = commands.add_parser("check", help="check counts of the text")
    checking.add_argument("folder", help="folder of the parquet files")
    checking.add_argument("results", help="folder of cooccurrence.npz, below that of the corpus")
    checking.add_argument("--pairs", type=int, default=200, help="commonest pairs to count")
    checking.add_argument("--once", help="the same folder of the text with each document once")
    given = parser.parse_args()
    try:
        if given.command == "draw":
            texts = documents(given.source, given.documents)
            size = draw(texts, given.folder, given.times, given.files, given.seed)
            print(f"{len(texts):,} documents {given.times} times, {size:,} bytes of text")
        else:
            print(check(given.folder, given.results, given.pairs))
            if given.once:
                print(compare(given.results, given.once))
    except UserError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
