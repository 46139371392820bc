"""Tables that one rule leaves for another."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from mstar.files.writing import UserError


def read_parquet(path: str | Path, what: str) -> pd.DataFrame:
    """A parquet file whose pages carry checksums, which are verified.

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
    """A tab-separated table, its numbers exactly as they were written.

    Raises:
        UserError: the file is damaged.
    """
    try:
        return pd.read_csv(path, sep="\t", float_precision="round_trip")
    except (OSError, ValueError) as error:
        raise UserError(
            f"{path}: not a readable table ({error}); delete it and run again"
        ) from error
