"""One line on a run: jobs done, what runs and for how long, and the time left.

`Progress` holds what is known of a run and changes with its events; `line` says it. Clock and
terminal are the part of Snakemake's logger plugin, ``workflow/snakemake_logger_plugin_progress``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from mstar.running.schedule import Job, duration, wall_seconds

# Until a run has lasted much longer than this, its pace is taken to be mostly that of the plan.
SETTLING = 30.0
# A pace beyond these is not believed: a first job that waits for the network says little.
SLOWEST, FASTEST = 4.0, 0.25


@dataclass(frozen=True)
class Running:
    """A running job: its rule, its wildcards in words, and when it started."""

    rule: str
    detail: str
    since: float


@dataclass
class Progress:
    """A run as far as it has come.

    Attributes:
        planned: the jobs of the run by their ids; empty if unknown, as is the time left then.
        total: number of jobs.
        cores: number of cores that the jobs share.
        began: when the first job started; None before.
        running: the jobs that run, by id, oldest first.
        finished, failed: ids of jobs that ended well, and not.
    """

    planned: Mapping[int, Job] = field(default_factory=dict)
    total: int = 0
    cores: int = 1
    began: float | None = None
    running: dict[int, Running] = field(default_factory=dict)
    finished: set[int] = field(default_factory=set)
    failed: set[int] = field(default_factory=set)

    def start(self, job: int, running: Running) -> None:
        """Take note that a job starts, perhaps again after it failed."""
        self.began = running.since if self.began is None else self.began
        self.failed.discard(job)
        self.running[job] = running

    def finish(self, job: int) -> None:
        """Take note that a job ended well."""
        self.running.pop(job, None)
        self.finished.add(job)

    def fail(self, job: int) -> None:
        """Take note that a job failed."""
        self.running.pop(job, None)
        self.failed.add(job)

    def left(self, now: float) -> float | None:
        """Return the seconds left, None if the plan is unknown.

        They are those that the plan has left, times the pace of the run so far: its seconds per
        planned second.
        """
        if not self.planned or self.began is None:
            return None
        rest = [
            replace(job, seconds=max(0.0, job.seconds - self._spent(number, now)))
            for number, job in self.planned.items()
            if number not in self.finished
        ]
        left = wall_seconds(rest, self.cores)
        done = wall_seconds([*self.planned.values()], self.cores) - left
        pace = (now - self.began + SETTLING) / (done + SETTLING)
        return left * min(max(pace, FASTEST), SLOWEST)

    def _spent(self, job: int, now: float) -> float:
        return now - self.running[job].since if job in self.running else 0.0


def line(progress: Progress, now: float, width: int | None = None) -> str:
    """Return the line, at most ``width`` characters long if that is given.

    To keep within ``width``, wildcards go first, then the jobs that started last.
    """
    total = f" of {progress.total}" if progress.total else ""
    done = f"{len(progress.finished)}{total} jobs done"
    failed = f", {len(progress.failed)} failed" if progress.failed else ""
    left = progress.left(now)
    end = f"; about {duration(left)} left" if left and progress.running else ""
    jobs = [*progress.running.values()]
    for detailed, shown in [(True, len(jobs)), *((False, n) for n in range(len(jobs), -1, -1))]:
        named = [_named(job, now, detailed) for job in jobs[:shown]]
        if more := len(jobs) - shown:
            named.append(f"{more} more" if shown else f"{more} running")
        text = "".join([done, failed, ": " * bool(named), ", ".join(named), end])
        if width is None or len(text) <= width:
            return text
    return text[:width]


def _named(job: Running, now: float, detailed: bool) -> str:
    detail = f" ({job.detail})" if detailed and job.detail else ""
    return f"{job.rule}{detail} {duration(now - job.since)}"


def detail(wildcards: Mapping[str, str]) -> str:
    """Return the wildcards that tell jobs of a rule apart; the corpus is mostly the same in all."""
    return " ".join(value for name, value in wildcards.items() if name != "corpus")
