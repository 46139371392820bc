"""The workflow on a real SLURM: pytest tests/slurm/check_slurm.py (as root, on Debian).

The file name keeps it out of `make test`: it starts daemons and, while it runs, writes SLURM's
configuration, provided that none exists.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.slurm import cluster
from tests.support.workflow import ROOT, SMOKE, copy_sources, offline, run_snakemake

CONFIG = "tests/slurm/config.yaml"
RUN = "results/smoke/v400-l16/d8/sampled_qwem/seed1"
WORDS = "results/texts/vocabulary.tsv"
SPECTRUM = "results/smoke/v400-l16/mstar/spectrum.npz"
TARGETS = ("results/smoke/v400-l16/summary.json", f"{RUN}/evaluation.tsv")
TRAINED = ("decompose", "train_population", "train_sampled", "follow_closed_form")
CUDA = "dynamics={device: cuda}"
# The GPU that jobs request is only a name here; they compute on the CPU, on two cores in all.
SMALL = (
    *("--set-resources", *(f"{rule}:device=auto" for rule in TRAINED)),
    *("--set-threads", *(f"{rule}=1" for rule in (*TRAINED, "encode_corpus", "count_shard"))),
    *("--slurm-init-seconds-before-status-checks", "2", "--seconds-between-status-checks", "2"),
    *("--latency-wait", "5"),
)


def clone(to: Path) -> Path:
    copy_sources(to)
    shutil.copytree(ROOT / "tests" / "slurm", to / "tests" / "slurm")
    return to


def submit(directory: Path, *arguments: str) -> subprocess.Popen[str]:
    """Start the workflow through profiles/slurm; its output goes to <directory>/output.txt."""
    command = [sys.executable, "-m", "snakemake", "--workflow-profile", "profiles/slurm"]
    command += ["--configfile", SMOKE, CONFIG, *SMALL, *arguments]
    with (directory / "output.txt").open("w") as output:
        return subprocess.Popen(
            command, cwd=directory, env=offline(), text=True, stdout=output, stderr=output
        )


def until(condition: Callable[[], bool], seconds: float, process: subprocess.Popen[str]) -> bool:
    """Wait for a condition while a process runs; return whether it was met."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        if condition():
            return True
        time.sleep(0.2)
    return False


@dataclass(frozen=True)
class Job:
    """A job in SLURM's records."""

    number: int
    folder: str
    what: str
    state: str
    partition: str
    cards: int
    megabytes: int
    array: str


def jobs() -> list[Job]:
    """Return every job in SLURM's records, in order."""
    shown = subprocess.run(["scontrol", "-o", "show", "job"], capture_output=True, text=True)
    found = []
    for line in shown.stdout.splitlines():
        told = dict(re.findall(r"(\w+)=(\S*)", line))
        cards = re.fullmatch(r"gres:gpu:(\d+)", told.get("TresPerJob", ""))
        found.append(
            Job(
                int(told["JobId"]),
                told["WorkDir"],
                told["Comment"].removeprefix("rule_").replace("_wildcards_smoke", ""),
                told["JobState"],
                told["Partition"],
                int(cards[1]) if cards else 0,
                int(told["MinMemoryNode"].removesuffix("M")),
                told.get("ArrayJobId", ""),
            )
        )
    return sorted(found, key=lambda job: job.number)


@pytest.fixture(scope="module")
def slurm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    if reason := cluster.why_not():
        pytest.skip(f"skipped: {reason}")
    pytest.importorskip("snakemake_executor_plugin_slurm")
    with cluster.running(tmp_path_factory.mktemp("slurm")):
        yield


@dataclass(frozen=True)
class Outcome:
    """Two workflows that ran at once, and their jobs."""

    first: Path
    second: Path
    codes: tuple[int, int]
    jobs: list[Job]
    locked: str

    def of(self, folder: Path, rule: str) -> list[Job]:
        return [job for job in self.jobs if job.folder == str(folder) and rule in job.what]


@pytest.fixture(scope="module")
def outcome(slurm: None, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """Run all targets in one folder and the first, with one shard, in another; cancel one job."""
    first, second = (clone(tmp_path_factory.mktemp(name)) for name in ("first", "second"))
    one = submit(first, "--config", CUDA, "--", *TARGETS)
    other = submit(second, "--config", CUDA, "shards=1", "--", SPECTRUM)
    kept = first / RUN / "checkpoints"
    begun = until(lambda: len(list(kept.glob("record*.npz"))) > 3, 400, one)
    training = [job for job in jobs() if "train_sampled" in job.what and job.state == "RUNNING"]
    if begun and len(training) == 1:
        subprocess.run(["scancel", str(training[0].number)], check=True)
    locked = run_snakemake(first, *TARGETS, "--config", CUDA, configfiles=(SMOKE, CONFIG))
    try:
        codes = one.wait(400), other.wait(400)
    finally:
        one.kill()
        other.kill()
    return Outcome(first, second, codes, jobs(), locked.stdout)


def test_both_workflows_end_well(outcome: Outcome) -> None:
    for folder, code in zip((outcome.first, outcome.second), outcome.codes, strict=True):
        assert code == 0, (folder / "output.txt").read_text()


def test_rules_that_train_get_a_gpu_and_no_others_do(outcome: Outcome) -> None:
    assert {job.what.split("_400")[0] for job in outcome.jobs if job.cards} >= set(TRAINED[:3])
    for job in outcome.jobs:
        trains = job.what.startswith(TRAINED)
        assert (job.cards, job.partition) == ((1, "gpu") if trains else (0, "cpu")), job


def test_shards_are_jobs_of_their_own_and_small_ones_go_together(outcome: Outcome) -> None:
    assert len(outcome.of(outcome.first, "count_shard")) == 2
    assert not outcome.of(outcome.second, "count_shard")
    assert len(outcome.of(outcome.second, "count_pairs")) == 1
    assert outcome.of(outcome.first, "scores_evaluate_factorise")
    assert not outcome.of(outcome.first, "collect_benchmarks")  # on the submitting machine


def test_a_cancelled_job_is_tried_again_and_goes_on(outcome: Outcome) -> None:
    cancelled, again = outcome.of(outcome.first, "train_sampled")
    assert (cancelled.state, again.state) == ("CANCELLED", "COMPLETED")
    assert again.megabytes == 2 * cancelled.megabytes
    log = outcome.first / "logs" / Path(RUN).relative_to("results").with_suffix(".log")
    assert "resumed after step" in log.read_text()


def test_a_second_workflow_in_the_same_folder_is_refused(outcome: Outcome) -> None:
    assert "Directory cannot be locked" in outcome.locked
    assert "Traceback" not in outcome.locked


def test_results_are_those_of_a_run_without_slurm(outcome: Outcome, tmp_path: Path) -> None:
    here = clone(tmp_path)
    done = run_snakemake(here, *TARGETS, configfiles=(SMOKE, CONFIG))
    assert done.returncode == 0, done.stdout
    made = [path for path in (here / "results").rglob("*") if path.is_file()]
    made = [path.relative_to(here) for path in made if "costs" not in path.parts]
    assert len(made) > 12
    for file in made:
        same = (outcome.first / file).read_bytes() == (here / file).read_bytes()
        assert same, file
        # Settings that texts share are not the same: the second has one shard.
        if file.name != "shared.json" and (outcome.second / file).is_file():
            assert (outcome.second / file).read_bytes() == (here / file).read_bytes(), file


def test_parts_of_a_text_are_read_by_arrays(slurm: None, tmp_path: Path) -> None:
    """More parts than an array holds: each is read by its own job, in two submissions."""
    folder = clone(tmp_path)
    (folder / "texts").mkdir()
    for number in range(3):
        (folder / "texts" / f"{number}.txt").write_text("word " * (number + 1))
    settings = ("--config", "corpus=texts", "shards=3", "--slurm-array-limit", "2")
    process = submit(folder, *settings, "--set-threads", "encode_part=1", "--", WORDS)
    try:
        assert process.wait(300) == 0, (folder / "output.txt").read_text()
    finally:
        process.kill()
    found = [job for job in jobs() if job.folder == str(folder) and "encode_part" in job.what]
    assert [job.state for job in found] == ["COMPLETED"] * 3
    assert len({job.array for job in found}) == 2
    described = (folder / f"results/texts/parts/{n}-of-3/corpus.json" for n in range(3))
    assert [json.loads(path.read_text())["tokens"] for path in described] == [1, 2, 3]


# --- errors are reported in one line that names the setting ---


@pytest.mark.parametrize(
    ("partitions", "arguments", "said"),
    [
        (
            {"batch": {}},
            (),
            r'error: \S+partitions\.yaml: "batch": no partition of this cluster: expected one of '
            r"cpu, gpu",
        ),
        (
            {"cpu": {}},
            (),
            r"error: \S+partitions\.yaml: dynamics\.device is cuda, but no partition has max_gpu.*",
        ),
        (
            {"cpu": {}, "gpu": {"max_gpu": 1}},
            ("--set-threads", "encode_corpus=4096"),
            r"error: sbatch refused a job \(.*\): change max_threads.*set-threads in \S+",
        ),
    ],
    ids=["no such partition", "no GPU partition", "refused by sbatch"],
)
def test_a_wrong_setting_is_named(
    slurm: None,
    tmp_path: Path,
    partitions: dict[str, dict[str, int]],
    arguments: tuple[str, ...],
    said: str,
) -> None:
    folder = clone(tmp_path)
    lines = ["partitions:", *(f"  {name}: {limits}" for name, limits in partitions.items())]
    (folder / "profiles/slurm/partitions.yaml").write_text("\n".join(lines))
    process = submit(folder, *arguments, "--retries", "0", "--config", CUDA, "--", SPECTRUM)
    try:
        assert process.wait(120) != 0
    finally:
        process.kill()
    output = (folder / "output.txt").read_text()
    assert len(re.findall(f"^{said}$", output, re.MULTILINE)) == 1, output
    assert "Traceback" not in output
