"""A logger plugin of Snakemake that shows one line of progress.

    PYTHONPATH=workflow snakemake --logger progress ...

Snakemake finds it by its name, if its folder is on the path. On a terminal the line is renewed each
second. Elsewhere it is printed anew, at most every `PAUSE` seconds if jobs end and every `SILENCE`
seconds if none does. Warnings and errors, with the log of a job that failed, are shown as Snakemake
shows them; the rest is in Snakemake's log file, whose name comes last.
"""

from __future__ import annotations

import logging
import shutil
import sys
import threading
import time
from collections.abc import Iterable, Sequence
from typing import Any

from snakemake.logging import ColorizingTextHandler
from snakemake_interface_logger_plugins.base import LogHandlerBase
from snakemake_interface_logger_plugins.common import LogEvent

from mstar.running.progress import Progress, Running, detail, line
from mstar.running.schedule import Job, duration

PAUSE, SILENCE = 10.0, 60.0
# What Snakemake says if there is no job, as a record like any other.
NOTHING = "Nothing to be done"
ERASE = "\r\x1b[K"


class LogHandler(LogHandlerBase):
    """Shows progress on standard error."""

    def __post_init__(self) -> None:
        self.guard = threading.RLock()
        self.progress = Progress()
        self.logs: list[str] = []
        self.printed = 0.0
        self.drawn = False
        self.ended = threading.Event()
        self.terminal = sys.stderr.isatty()
        quiet = {str(each).rpartition(".")[2].lower() for each in self.common_settings.quiet or ()}
        self.silent = bool(quiet & {"progress", "all"}) or self.common_settings.dryrun
        self.plain = ColorizingTextHandler(nocolor=self.common_settings.nocolor, stream=sys.stderr)
        threading.Thread(target=self._tick, daemon=True).start()

    @property
    def writes_to_stream(self) -> bool:
        """Say that Snakemake need not write to the terminal itself."""
        return True

    @property
    def writes_to_file(self) -> bool:
        """Say that no file is written here."""
        return False

    @property
    def has_filter(self) -> bool:
        """Leave ``--quiet`` to Snakemake's filter."""
        return False

    @property
    def has_formatter(self) -> bool:
        """Leave messages to Snakemake's formatter."""
        return False

    @property
    def needs_rulegraph(self) -> bool:
        """Ask for no graph of rules."""
        return False

    def plan(self, jobs: Iterable[Any], logs: Sequence[str]) -> None:
        """Take the jobs of the run from Snakemake, and the names of its log files."""
        with self.guard:
            self.logs = list(logs)
            self.progress.planned = {
                job.jobid: Job(
                    job.rule.name,
                    job.resources.get("seconds", 0),
                    inputs=frozenset(job.input),
                    outputs=frozenset(job.output),
                )
                for job in jobs
            }

    def emit(self, record: logging.LogRecord) -> None:
        """Follow an event, or show a warning or an error."""
        with self.guard:
            self._follow(record)
            if record.levelno >= logging.WARNING or str(record.msg).startswith(NOTHING):
                self._erase()
                self.plain.setFormatter(self.formatter)
                self.plain.emit(record)
            self._draw(time.monotonic(), PAUSE)

    def close(self) -> None:
        """Show how far the run came, and where Snakemake's log is."""
        with self.guard:
            self.ended.set()
            self._erase()
            if self.progress.began is not None and not self.silent:
                now = time.monotonic()
                took = duration(now - self.progress.began)
                self.progress.running.clear()
                self._write(f"{line(self.progress, now)} in {took}\n")
                self._write("".join(f"Snakemake's log: {log}\n" for log in self.logs))
                self.progress.began = None
        super().close()

    def _follow(self, record: logging.LogRecord) -> None:
        known, progress = vars(record), self.progress
        match known.get("event"):
            case LogEvent.RUN_INFO:
                progress.total = int(known["stats"].get("total", 0))
            case LogEvent.RESOURCES_INFO:
                progress.cores = max(1, known.get("cores") or known.get("nodes") or progress.cores)
            case LogEvent.JOB_INFO:
                told = detail(known["wildcards"] or {})
                started = Running(known["rule_name"], told, time.monotonic())
                progress.start(known["jobid"], started)
            case LogEvent.JOB_FINISHED:
                progress.finish(known["job_id"])
            case LogEvent.JOB_ERROR:
                progress.fail(known["jobid"])

    def _tick(self) -> None:
        while not self.ended.wait(1):
            with self.guard:
                if not self.ended.is_set():
                    self._draw(time.monotonic(), SILENCE)

    def _draw(self, now: float, pause: float) -> None:
        """Draw the line anew on a terminal; print it elsewhere unless the last is fresher."""
        if self.silent or self.progress.began is None:
            return
        if self.terminal:
            width = shutil.get_terminal_size().columns - 1
            self._write(f"{ERASE}{line(self.progress, now, width)}")
            self.drawn = True
        elif now - self.printed >= pause:
            self._write(f"{line(self.progress, now)}\n")
            self.printed = now

    def _erase(self) -> None:
        if self.drawn:
            self._write(ERASE)
            self.drawn = False

    def _write(self, text: str) -> None:
        sys.stderr.write(text)
        sys.stderr.flush()
