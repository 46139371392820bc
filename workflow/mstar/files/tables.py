"""Reading and writing the tables that one rule leaves for another."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from mstar.files.writing import UserError, atomic


def read_parquet(path: str | Path, what: str) -> pd.DataFrame:
    """Return the table of a parquet file, the checksums of its pages verified.

    Raises:
        UserError: the file is missing, damaged, or not ``what`` it should be.
    """
    try:
        return pd.read_parquet(path, page_checksum_verification=True)
    except (OSError, ValueError) as error:
        said = " ".join(str(error).split())
        raise UserError(
            f"{path}: not a readable {what} ({said}); delete it and run again"
        ) from error


def read_table(path: str | Path) -> pd.DataFrame:
    """Return a tab-separated table, its numbers exactly as they were written.

    Raises:
        UserError: the file is damaged.
    """
    try:
        return pd.read_csv(path, sep="\t", float_precision="round_trip")
    except (OSError, ValueError) as error:
        raise UserError(
            f"{path}: not a readable table ({error}); delete it and run again"
        ) from error


def write_table(table: pd.DataFrame, path: str | Path) -> None:
    """Write ``table`` as tab-separated text, whole or not at all; numbers in full precision."""
    with atomic(path) as temporary:
        table.to_csv(temporary, sep="\t", index=False, na_rep="nan", lineterminator="\n")


def write_answers(answers: pd.DataFrame, path: str | Path) -> None:
    """Write ``answers`` as parquet whose pages carry checksums, whole or not at all."""
    with atomic(path) as temporary:
        answers.to_parquet(temporary, index=False, write_page_checksum=True)
