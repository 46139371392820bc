"""Disturb runs of the smoke workflow and check that one more run repairs them.

    python -m tools.faults --rounds 20 --seed 1

Each fault is applied to a copy of the smoke workflow as it was at a random moment of an undisturbed
run. The workflow then runs again, and every result must be byte-identical to the undisturbed one.
Files that record times are not compared: costs, provenance.json, report.html and log folders. The
script prints a table of faults tried, survived and lost, and exits with status 1 if any was lost.

A full disk is simulated by a small tmpfs, which needs root or user namespaces, or else by a limit
on file sizes.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.misbehaving import serving
from tests.support.workflow import SMOKE, copy_sources, offline
from tools.compare_results import differences, results

CORES = "2"
MEGABYTE = 1 << 20


@dataclass
class Outcome:
    """The outcome of one fault: where it struck, the messages, and what differs afterwards."""

    fault: str
    where: str
    said: str
    wrong: list[str] = field(default_factory=list)
    struck: bool = True


# The text of the smoke corpus as a download, and the first result made from it.
DOWNLOADED = """
net:
  title: The smoke corpus from a server
  document_rule: line
  files:
    - {name: net, title: net, licence: none, citation: none, source: url, urls: ["URL"],
       filename: smoke.txt.xz, bytes: BYTES, sha256: SHA256, reader: plain}
"""
READ = ("tokens.npy", "documents.npy", "vocabulary.tsv")


def start(folder: Path, *more: str, **options: Any) -> subprocess.Popen[str]:
    """Start the workflow in ``folder``, in a process group of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "snakemake", "--cores", CORES, *more, "--configfile", SMOKE],
        cwd=folder,
        env=offline() | {"no_proxy": "127.0.0.1", "NO_PROXY": "127.0.0.1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        **options,
    )


def finish(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Wait for the workflow to end; return its exit status and output."""
    output, _ = process.communicate()
    return process.returncode, output


def told(output: str) -> str:
    """Return at most two lines of an output that report an error, the project's own lines first."""
    lines = [
        line.strip()
        for line in output.splitlines()
        if re.match(
            r"\s*(?:error: |Error: |[A-Za-z]*(?:Error|Exception)\b|A run in this|OSError)", line
        )
    ]
    lines.sort(key=lambda line: not line.startswith(("error: ", "A run in this")))
    return "; ".join(dict.fromkeys(lines[:2])) or "nothing"


@dataclass
class Bench:
    """An undisturbed run of ``targets``, kept in ``whole``, and copies of it to compare with it."""

    base: Path
    whole: Path
    dice: random.Random
    targets: tuple[str, ...] = ("all",)
    number: int = 0

    def __post_init__(self) -> None:
        self.expected = results(self.whole)
        made = [(self.whole / "results" / name).stat().st_mtime for name in self.expected]
        self.seconds = max(made) - min(made)
        self.ended = max(made)

    def start(self, folder: Path, *more: str, **options: Any) -> subprocess.Popen[str]:
        """Start the workflow in ``folder`` for its targets and those in ``more``."""
        return start(folder, *self.targets, *more, **options)

    def copy(self, share: float, to: Path | None = None) -> Path:
        """Return a copy of the workflow as it was after the given share of the undisturbed run."""
        self.number += 1
        folder = to or self.base / f"copy{self.number}"
        shutil.copytree(self.whole, folder, dirs_exist_ok=to is not None)
        moment = self.ended - (1 - share) * self.seconds
        for part in ("results", "resources", "logs", ".snakemake/metadata"):
            for path in (folder / part).rglob("*"):
                if path.is_file() and path.stat().st_mtime > moment:
                    path.unlink()
        return folder

    def mend(self, folder: Path, outcome: Outcome, *more: str) -> Outcome:
        """Run the workflow once more and compare its results with the undisturbed run."""
        status, output = finish(self.start(folder, *more))
        if status:
            outcome.wrong.append(f"the next run failed: {told(output)}")
        outcome.said += f" / {told(output)}" if "A run in this folder" in output else ""
        outcome.wrong += differences(folder, self.expected)
        shutil.rmtree(folder, ignore_errors=True)
        return outcome


def workers(parent: int) -> list[int]:
    """Return the descendants of a process."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text(encoding="utf-8").rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == parent:
            found += [int(status.parent.name), *workers(int(status.parent.name))]
    return found


def is_job(process: int) -> bool:
    """Return whether a process runs a script of the workflow."""
    try:
        return b".snakemake/scripts/" in Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return False


def killed(bench: Bench, whom: str, from_share: float = 0.0) -> Outcome:
    """Send SIGKILL at a random moment: to ``all`` processes, Snakemake ``alone``, a ``worker``."""
    share = bench.dice.uniform(from_share, 1)
    folder = bench.copy(share)
    process = bench.start(folder)
    delay = bench.dice.uniform(0.5, 3 + (1 - share) * bench.seconds)
    deadline = time.time() + delay
    while process.poll() is None and time.time() < deadline:
        time.sleep(0.02)
    struck = process.poll() is None
    if struck and whom == "worker":
        jobs: list[int] = []
        while process.poll() is None and not jobs:
            jobs = [worker for worker in workers(process.pid) if is_job(worker)]
        struck = bool(jobs)
        if jobs:
            os.kill(bench.dice.choice(jobs), signal.SIGKILL)
    elif struck:
        (os.killpg if whom == "all" else os.kill)(process.pid, signal.SIGKILL)
    output, _ = process.communicate()
    said = told(output) if whom == "worker" else "nothing"
    where = f"{share:.0%} done, then after {delay:.1f} s"
    return bench.mend(folder, Outcome(f"SIGKILL: {whom}", where, said, struck=struck))


@contextmanager
def small_disk(folder: Path, size: int) -> Iterator[Callable[[int], None]]:
    """Mount a tmpfs of the given size in bytes at ``folder``; yield a function that resizes it."""
    folder.mkdir(parents=True)
    mount = ["mount", "-t", "tmpfs", "-o"]
    subprocess.run([*mount, f"size={size}", "tmpfs", folder], check=True, capture_output=True)
    try:
        yield (
            lambda more: (
                subprocess.run(
                    ["mount", "-o", f"remount,size={more}", folder], check=True, capture_output=True
                )
                and None
            )
        )
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def full(bench: Bench) -> Outcome:
    """Run on a disk that fills up, then make room."""
    share = bench.dice.uniform(0, 0.8)
    bench.number += 1
    place = bench.base / f"disk{bench.number}"
    try:
        with small_disk(place, 512 * MEGABYTE) as resize:
            folder = bench.copy(share, place)
            page = os.sysconf("SC_PAGE_SIZE")
            used = sum(
                -(-f.stat().st_size // page) * page for f in folder.rglob("*") if f.is_file()
            )
            spare = bench.dice.randrange(1, 10) * MEGABYTE // 10
            resize(used + spare)
            status, output = finish(bench.start(folder))
            resize(512 * MEGABYTE)
            where = f"{share:.0%} done, {spare / MEGABYTE:.1f} MB left"
            outcome = Outcome("disk full (tmpfs)", where, told(output), struck=status != 0)
            return bench.mend(folder, outcome)
    except subprocess.CalledProcessError:
        return limited(bench, share)


def limited(bench: Bench, share: float = 0.0) -> Outcome:
    """Run under a random limit on file sizes, then lift the limit."""
    folder = bench.copy(share)
    size = bench.dice.choice([2_000, 20_000, 200_000])

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    status, output = finish(bench.start(folder, preexec_fn=limit))
    where = f"{share:.0%} done, files of {size:,} bytes at most"
    outcome = Outcome("files limited in size", where, told(output), struck=status != 0)
    return bench.mend(folder, outcome)


def damaged(bench: Bench, how: str) -> Outcome:
    """Damage an intermediate file but keep its date, run its readers, then delete it.

    Each reader must either name the damaged file or produce the bytes it made from the intact one.
    """
    folder = bench.copy(1.0)
    readers = {name: consumers(folder, f"results/{name}") for name in bench.expected}
    kinds = (".npz", ".npy", ".parquet")
    name = bench.dice.choice([n for n in bench.expected if n.endswith(kinds) and readers[n]])
    path = folder / "results" / name
    before, content = path.stat(), bytearray(path.read_bytes())
    if how == "cut short":
        del content[bench.dice.randrange(len(content)) :]
    else:
        for _ in range(8):
            content[bench.dice.randrange(len(content))] ^= 1 << bench.dice.randrange(8)
    path.write_bytes(content)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    for made in readers[name]:
        (folder / made).unlink()
    status, output = finish(bench.start(folder, *readers[name], "--keep-going"))
    said = [line for line in output.splitlines() if line.startswith("error: ")]
    outcome = Outcome(f"{how}, with its old date", name, said[0] if said else "nothing")
    if status and not any(f"results/{name}: " in line for line in said):
        outcome.wrong.append(f"the file is not named: {told(output)}")
    if not status:
        wrong = differences(folder, bench.expected)
        outcome.wrong += [f"unnoticed, {line}" for line in wrong if not line.endswith(f" {name}")]
    lost = (f"results/{name}", *readers[name])
    for made in lost:
        (folder / made).unlink(missing_ok=True)
    return bench.mend(folder, outcome, *lost)


def consumers(folder: Path, name: str) -> list[str]:
    """Return the finished results of jobs that read ``name``, according to Snakemake's metadata."""
    found = []
    for record in (folder / ".snakemake" / "metadata").rglob("*"):
        if record.is_file():
            described = json.loads(record.read_text(encoding="utf-8"))
            made = base64.urlsafe_b64decode(record.name).decode()
            if name in described["input"] and (folder / made).is_file():
                found.append(made)
    return found


def twice(bench: Bench) -> Outcome:
    """Run the workflow twice at once in one folder."""
    share = bench.dice.uniform(0, 0.5)
    folder = bench.copy(share)
    first = bench.start(folder)
    delay = bench.dice.uniform(0, 10)
    time.sleep(delay)
    second = bench.start(folder)
    refused = [output for status, output in map(finish, (first, second)) if status]
    where = f"{share:.0%} done, the second after {delay:.1f} s"
    outcome = Outcome("two runs at once", where, told(refused[0]) if refused else "nothing")
    if len(refused) == 2:
        outcome.wrong.append("both ended")
    return bench.mend(folder, outcome)


def unplugged(bench: Bench) -> Outcome:
    """Cut the network during a download, and restore it for the next run."""
    bench.number += 1
    folder = copy_sources(bench.base / f"net{bench.number}")
    content = (folder / "tests" / "data" / "smoke.txt.xz").read_bytes()
    run = (*(f"results/net/{name}" for name in READ), "--config", "corpus=net", "documents=null")
    cut = bench.dice.randrange(1, len(content))
    with serving() as server:
        entry = DOWNLOADED.replace("URL", server.add("/text.xz", content, etag='"a"', cuts=[cut]))
        entry = entry.replace("BYTES", str(len(content)))
        entry = entry.replace("SHA256", hashlib.sha256(content).hexdigest())
        with (folder / "config" / "corpora.yaml").open("a", encoding="utf-8") as corpora:
            corpora.write(entry)
        process = start(folder, *run)
        while process.poll() is None and not any(how == "GET" for how, _, _ in server.asked):
            time.sleep(0.01)
        port = server.server_address[1]
        asked = len(server.asked)
    status, output = finish(process)
    outcome = Outcome(
        "network gone mid-way",
        f"{cut:,} of {len(content):,} bytes",
        told(output),
        struck=asked > 0 and status != 0,
    )
    with serving(port) as server:
        server.add("/text.xz", content, etag='"a"')
        status, output = finish(start(folder, *run))
        ranges = [wanted for _, _, wanted in server.asked]
    if status:
        outcome.wrong.append(f"the next run failed: {told(output)}")
    elif f"bytes={cut}-" not in ranges:
        outcome.wrong.append(f"the download did not go on from byte {cut}: {ranges}")
    else:
        made, whole = (place / "results" for place in (folder, bench.whole))
        outcome.wrong += [
            f"{name} differs"
            for name in READ
            if (made / "net" / name).read_bytes() != (whole / "smoke" / name).read_bytes()
        ]
    shutil.rmtree(folder, ignore_errors=True)
    return outcome


def plan(rounds: int) -> list[tuple[Callable[..., Outcome], tuple[str, ...]]]:
    """Return the faults to try: each kind of kill ``rounds`` times, the others a few times each."""
    kills = [(killed, (whom,)) for whom in ("all", "alone", "worker")]
    few = max(1, rounds // 10)
    others: list[tuple[Callable[..., Outcome], tuple[str, ...]]] = [
        (full, ()),
        (limited, ()),
        (damaged, ("cut short",)),
        (damaged, ("bits flipped",)),
        (damaged, ("bits flipped",)),
        (twice, ()),
        (unplugged, ()),
    ]
    return [kills[i % len(kills)] for i in range(rounds)] + few * others


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=20, help="times that something is killed")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="a part of the names of the faults to do")
    parser.add_argument("targets", nargs="*", help="what to make, by default everything")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="faults-", ignore_cleanup_errors=True) as base:
        whole = copy_sources(Path(base) / "undisturbed")
        targets = tuple(given.targets) or ("all",)
        status, output = finish(start(whole, *targets))
        if status:
            sys.exit(output)
        dice = random.Random(given.seed)
        bench = Bench(Path(base), whole, dice, targets)
        print(f"undisturbed: {bench.seconds:.0f} s, {len(bench.expected)} results", flush=True)
        outcomes = []
        for fault, arguments in plan(given.rounds):
            name = " ".join((fault.__name__, *arguments))
            if given.only in name:
                outcome = fault(bench, *arguments)
                outcomes.append(outcome)
                state = "LOST" if outcome.wrong else "survived" if outcome.struck else "missed"
                print(f"{state:9} {outcome.fault}: {outcome.where}: {outcome.said}", flush=True)
                for line in outcome.wrong[:5]:
                    print(f"          {line}", flush=True)
    return table(outcomes)


def table(outcomes: list[Outcome]) -> int:
    """Print the counts of faults tried, survived and lost; return the number lost."""
    print("\n| fault | tried | survived | lost |\n|---|---|---|---|")
    names = dict.fromkeys(outcome.fault for outcome in outcomes)
    for name in (*names, "all"):
        tried = [o for o in outcomes if o.struck and name in (o.fault, "all")]
        lost = sum(bool(o.wrong) for o in tried)
        print(f"| {name} | {len(tried)} | {len(tried) - lost} | {lost} |")
    return int(any(outcome.wrong for outcome in outcomes))


if __name__ == "__main__":
    sys.exit(main())
