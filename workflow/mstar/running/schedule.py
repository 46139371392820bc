"""How long planned jobs take together on a number of cores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Job:
    """A planned job.

    Attributes:
        rule: its rule.
        seconds: of one processor.
        memory, disk: gigabytes requested, and written.
        inputs, outputs: its files.
    """

    rule: str
    seconds: float
    memory: float = 0.0
    disk: float = 0.0
    inputs: frozenset[str] = frozenset()
    outputs: frozenset[str] = frozenset()


def longest_chain(planned: Sequence[Job]) -> float:
    """Return the seconds of the longest chain of jobs that must run one after the other."""
    maker = {file: number for number, job in enumerate(planned) for file in job.outputs}
    until: dict[int, float] = {}

    def end(number: int) -> float:
        if number not in until:
            before = {maker[file] for file in planned[number].inputs if file in maker}
            start = max((end(other) for other in before), default=0.0)
            until[number] = start + planned[number].seconds
        return until[number]

    return max(map(end, range(len(planned))), default=0.0)


def wall_seconds(planned: Sequence[Job], cores: int) -> float:
    """Return the seconds that jobs take side by side on ``cores``."""
    return max(sum(job.seconds for job in planned) / cores, longest_chain(planned))


def duration(seconds: float) -> str:
    """Format seconds in the unit that suits them, such as "4 min"."""
    for unit, name in ((3600.0, "h"), (60.0, "min")):
        if seconds >= unit:
            return f"{seconds / unit:.{0 if seconds >= 10 * unit else 1}f} {name}"
    return f"{seconds:.0f} s"
