"""How a claim of the paper can come out."""

from __future__ import annotations

REPRODUCED = "reproduced"
FAILED = "not reproduced"
UNTESTED = "not testable at this scale"
