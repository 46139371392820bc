"""Texts in a column of a table: comma- or tab-separated values."""

from __future__ import annotations

import csv
from collections.abc import Iterator

from mstar.files.writing import UserError
from mstar.texts.kinds import START
from mstar.texts.members import Stream
from mstar.texts.records import LONGEST, Tally, Without, nearest, numbered_lines

# Separators of tables called .csv; the one that the header has most of is taken.
_SEPARATORS = ",;\t|"
# Most lines that a quoted cell may span at the end of the lines that are known.
CUT = 100


def csv_texts(stream: Stream, field: str, tally: Tally) -> Iterator[bytes]:
    """Yield the cells of the column ``field`` of a table with a header, in UTF-8.

    Values are separated by commas, or by semicolons, tabs or bars if the header has more of them;
    quoted ones may hold separators and ends of lines.

    Raises:
        UserError: there is no such column, or a row has more cells than the header.
    """
    head = stream.start().partition(b"\n")[0].decode("utf-8", "replace")
    separator = max(_SEPARATORS, key=head.count)
    yield from _cells(stream, field, tally, separator, quoted=True)


def tsv_texts(stream: Stream, field: str, tally: Tally) -> Iterator[bytes]:
    """Yield the cells of the column ``field`` of a tab-separated table with a header, in UTF-8.

    Quotes are taken for those of a spreadsheet if the first rows are whole when read so, and
    else for characters of the text.

    Raises:
        UserError: there is no such column, or a row has more cells than the header.
    """
    start = stream.start()
    lines = start.decode("utf-8", "replace").splitlines()
    rows = csv.reader(lines, delimiter="\t", strict=True)
    lengths, whole = set(), 0
    try:
        for row in rows:
            lengths |= {len(row)} if row and rows.line_num < len(lines) else set()
            whole = rows.line_num
    except csv.Error:
        # The last row of those known may be cut within quotes.
        cut = len(start) >= START and len(lines) - whole < CUT
        lengths |= set() if cut else {0}
    yield from _cells(stream, field, tally, "\t", quoted=len(lengths) <= 1 and 0 not in lengths)


def _cells(
    stream: Stream, field: str, tally: Tally, separator: str, quoted: bool
) -> Iterator[bytes]:
    csv.field_size_limit(LONGEST)
    name = stream.name
    lines = (
        line.decode("utf-8", "surrogateescape").replace("\0", " ")
        for _, line in numbered_lines(stream, name)
    )
    rows = csv.reader(
        lines,
        delimiter=separator,
        quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE,
        strict=quoted,
    )
    begins = 1
    try:
        header = [each.strip() for each in next(rows, [])]
        if header:
            header[0] = header[0].removeprefix("\ufeff")
        if header.count(field) != 1:
            several = f"several columns {field!r}" if field in header else f"no column {field!r}"
            raise UserError(
                f"{name}: {several}{nearest(field, header)} (field: NAME, make FIELD=NAME)"
            )
        place = header.index(field)
        without = Without(name, field, tally, "column")
        while begins := rows.line_num + 1:
            row = next(rows, None)
            if row is None:
                break
            if len(row) > len(header):
                raise UserError(
                    f"{name}, line {begins:,}: {len(row):,} cells, but the header has "
                    f"{len(header):,}: expected quotes around a cell with {separator!r} in it"
                )
            if len(row) > place:
                without.found()
                yield row[place].encode("utf-8", "surrogateescape")
            elif row:
                without.lacks(f"{name}, line {begins:,}", header[: len(row)])
        without.end()
    except csv.Error as error:
        raise UserError(
            f"{name}, line {begins:,}: not a row of a table ({error}): expected quotes around a "
            f"cell that has quotes in it, which are doubled, and a whole file"
        ) from None
