"""Read and write tables."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from mstar.files.writing import UserError, atomic


def read_parquet(path: str | Path, what: str) -> pd.DataFrame:
    """Read a parquet file and verify the checksums of its pages.

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
    """Read a tab-separated table, with numbers exactly as written.

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
    """Write ``table`` atomically as tab-separated text, with numbers in full precision."""
    with atomic(path) as temporary:
        table.to_csv(temporary, sep="\t", index=False, na_rep="nan", lineterminator="\n")


def write_parquet(table: pd.DataFrame, path: str | Path) -> None:
    """Write ``table`` atomically as parquet, with checksums of pages."""
    with atomic(path) as temporary:
        table.to_parquet(temporary, index=False, write_page_checksum=True)
