"""Programs that keep the project: none of them is part of the workflow, or a test."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "workflow"))
