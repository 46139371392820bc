"""Speed side by side: what is built here against its best-known alternatives, in one run."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "workflow"))
