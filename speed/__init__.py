"""Benchmarks of speed: this project against well-known alternatives, timed in one run."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "workflow"))
