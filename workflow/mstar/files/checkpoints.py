"""Checkpoints from which a killed run continues, kept beside its outputs until these exist."""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mstar.files.writing import UserError, atomic, load_arrays


def key_of(settings: Mapping[str, Any], *arrays: NDArray[Any]) -> str:
    """Return a sha256 of ``settings`` (plain values) and ``arrays``, as 64 hexadecimal digits."""
    digest = hashlib.sha256(json.dumps(settings, sort_keys=True).encode())
    for array in arrays:
        digest.update(array.tobytes())
    return digest.hexdigest()


class Checkpoints:
    """Named npz files in a folder, each with the key of the run that wrote it."""

    def __init__(self, folder: str | Path, key: str) -> None:
        self.folder, self.key = Path(folder), key

    def save(self, name: str, **arrays: Any) -> None:
        """Write ``arrays`` atomically to the checkpoint ``name``."""
        path = self.folder / f"{name}.npz"
        with atomic(path) as temporary, open(temporary, "wb") as stream:
            np.savez(stream, key=self.key, **arrays)

    def load(self, name: str, *arrays: str) -> tuple[NDArray[Any], ...] | None:
        """Return arrays of the checkpoint ``name``, or None if it is missing or unusable."""
        path = self.folder / f"{name}.npz"
        if not path.is_file():
            return None
        try:
            stored = load_arrays(path, ("key", *arrays), "checkpoint")
        except UserError:
            print(f"{path}: damaged, ignored", file=sys.stderr)
            return None
        if str(stored["key"]) != self.key:
            print(f"{path}: of other settings, counts or code, ignored", file=sys.stderr)
            return None
        return tuple(stored[name] for name in arrays)

    def stored(self, name: str, array: str) -> Stored:
        """Return an array of the checkpoint ``name`` that stays on disk until it is used."""
        return Stored(self, name, array)

    def remove(self) -> None:
        """Delete the folder at the end of the run."""
        shutil.rmtree(self.folder, ignore_errors=True)


@dataclass(frozen=True)
class Stored:
    """An array of a checkpoint, read each time that ``np.asarray`` is called on it.

    Attributes:
        checkpoints: where it is.
        name: of the checkpoint.
        array: name of the array in it.
    """

    checkpoints: Checkpoints
    name: str
    array: str

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        """Return the array.

        Raises:
            UserError: the checkpoint is gone or damaged.
        """
        found = self.checkpoints.load(self.name, self.array)
        if found is None:
            path = self.checkpoints.folder / f"{self.name}.npz"
            raise UserError(f"{path}: lost while the run needed it: start the run again")
        return found[0] if dtype is None else found[0].astype(dtype)
