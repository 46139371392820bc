"""Run the tutorial notebook and store its outputs:  python -m tools.tutorial"""

from __future__ import annotations

import os
from pathlib import Path
from unittest import mock

import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOK = ROOT / "docs" / "tutorial.ipynb"


def executed() -> nbformat.NotebookNode:
    """The notebook after a run of all its cells in a kernel of its own.

    Raises:
        nbclient.exceptions.CellExecutionError: a cell fails.
    """
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    client = NotebookClient(notebook, timeout=600, kernel_name="python3", record_timing=False)
    with mock.patch.dict(os.environ, {"PYTHONPATH": str(ROOT / "workflow")}):
        client.execute()
    return notebook


if __name__ == "__main__":
    nbformat.write(executed(), NOTEBOOK)
