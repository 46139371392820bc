"""Profiles for clusters, and messages for wrong ones; tests/slurm runs them on a real SLURM."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from mstar.files.writing import UserError
from mstar.running import slurm
from tests.support.rules import SMK, rules
from tests.support.workflow import ROOT, SMOKE, planned, run_snakemake

CPU: dict[str, Any] = {"cpu": {"max_runtime": "2d"}}
GPU: dict[str, Any] = {"gpu": {"max_gpu": 1}}


def write(path: Path, partitions: object) -> Path:
    path.write_text(yaml.safe_dump({"partitions": partitions}), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("partitions", "here", "gpu", "said"),
    [
        (CPU | GPU, ["cpu", "gpu", "long"], True, None),
        (CPU, ["cpu"], False, None),
        (
            CPU | GPU,
            ["batch", "gpu"],
            False,
            r'"cpu": no partition .*: expected one of batch, gpu',
        ),
        (CPU, ["cpu"], True, r"device is cuda, but no partition has max_gpu: .* cpu$"),
        (CPU | {"gpu": {"max_gpu": 0}}, ["cpu", "gpu"], True, r"no partition has max_gpu"),
        ({"cpu": 3}, ["cpu"], False, r"expected partitions, by name, each with its limits"),
    ],
)
def test_partitions_are_those_of_the_cluster_and_serve_the_jobs(
    tmp_path: Path, partitions: object, here: Sequence[str], gpu: bool, said: str | None
) -> None:
    path = write(tmp_path / "partitions.yaml", partitions)
    if said is None:
        slurm.check(path, here, gpu)
        return
    with pytest.raises(UserError, match=said) as error:
        slurm.check(path, here, gpu)
    assert str(error.value).startswith(str(path)) and "\n" not in str(error.value)


def test_a_machine_without_slurm_is_told_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UserError, match=r"no sinfo on PATH: submit from a login node"):
        slurm.partitions_here()
    sinfo = tmp_path / "sinfo"
    sinfo.write_text("#!/bin/sh\necho cpu; echo gpu; echo cpu\n")
    sinfo.chmod(0o755)
    assert slurm.partitions_here() == ["cpu", "gpu"]
    sinfo.write_text("#!/bin/sh\necho no controller >&2; exit 1\n")
    with pytest.raises(UserError, match=r"^sinfo fails \(no controller\): "):
        slurm.partitions_here()


@pytest.mark.parametrize(
    ("reason", "setting"),
    [
        ("Invalid account or account/partition combination specified", "slurm_account"),
        ("invalid partition specified: batch", "the names in p.yaml"),
        ("Requested time limit is invalid (missing or exceeds some limit)", "max_runtime"),
        ("Memory specification can not be satisfied", "max_mem_mb"),
        ("Requested node configuration is not available", "max_gpu"),
        ("CPU count per node can not be satisfied", "set-threads"),
        ("something new", "docs/cluster.md"),
    ],
)
def test_a_refused_job_names_the_setting(reason: str, setting: str) -> None:
    log = (
        "message: SLURM sbatch failed. The error message was "
        f"'sbatch: error: Batch job submission failed: {reason}'.\n    sbatch call: ..."
    )
    said = slurm.refusal(f"rule a:\n{log}\n", "p.yaml")
    assert said and reason in said and setting in said and "\n" not in said
    assert slurm.refusal("Error in rule a: SLURM-job '3' failed", "p.yaml") is None


@pytest.mark.parametrize("name", ["slurm", "generic"])
def test_profiles_plan_the_workflow(sources: Path, name: str) -> None:
    executor = {"slurm": "slurm", "generic": "cluster_generic"}[name]
    pytest.importorskip(f"snakemake_executor_plugin_{executor}")
    profile = ("--workflow-profile", f"profiles/{name}")
    cuda = ("--config", "dynamics={device: cuda}")
    done = run_snakemake(sources, "-n", *profile, *cuda, configfiles=(SMOKE,))
    assert planned(done) == planned(run_snakemake(sources, "-n", *cuda, configfiles=(SMOKE,)))
    jobs = re.findall(r"^(?:local)?rule (\w+):\n((?:    .*\n)+)", done.stdout, re.MULTILINE)
    with_gpu = {rule for rule, body in jobs if "gpu=1" in body}
    assert with_gpu == {
        "decompose",
        "decompose_shuffled",
        "train_population",
        "follow_closed_form",
    }
    for rule, body in jobs:
        assert rule == "all" or {"runtime", "mem_mb"} <= set(re.findall(r"(\w+)=", body)), rule


def test_profiles_name_rules_that_there_are() -> None:
    text = "\n".join(file.read_text(encoding="utf-8") for file in SMK)
    for name in ("slurm", "generic"):
        profile = yaml.safe_load((ROOT / "profiles" / name / "config.yaml").read_text())
        assert set(profile["set-threads"]) | set(profile["groups"]) <= set(rules())
    profile = yaml.safe_load((ROOT / "profiles" / "slurm" / "config.yaml").read_text())
    names = set(re.findall(r"rule \w+ as (\w+) with:|^rule (\w+):", text, re.MULTILINE))
    assert set(profile["slurm-array-jobs"].split(",")) <= {name for pair in names for name in pair}
    # Jobs of arrays that are not handed over at once are lost.
    assert profile["max-jobs-per-timespan"] == f"{profile['jobs']}/1s"
    # Snakemake keeps the last of several values.
    assert len(re.findall(r"^onstart:", text, re.MULTILINE)) <= 1
    assert len(re.findall(r"^onerror:", text, re.MULTILINE)) <= 1


# Answers Snakemake's queries of conda, which come before it makes an environment.
CONDA = """#!/bin/sh
case "$*" in
    *--version*) echo conda 25.1.0 ;;
    *info*) echo '{"conda_prefix": "/", "platform": "linux-64"}' ;;
    *) echo '{"get": {"channel_priority": "strict"}}' ;;
esac
"""


@pytest.mark.parametrize(("device", "build"), [("auto", "torch"), ("cuda", "torch-cuda")])
def test_the_configuration_chooses_the_build_of_torch(
    sources: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, device: str, build: str
) -> None:
    (tmp_path / "conda").write_text(CONDA, encoding="utf-8")
    (tmp_path / "conda").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    config = f"dynamics={{device: {device}}}"
    table = run_snakemake(sources, "--list-conda-envs", "--config", config, configfiles=(SMOKE,))
    named = set(re.findall(r"^envs/(\S+)\.yaml", table.stdout, re.MULTILINE))
    assert named == {"plots", "gensim", "report", "counting", "text", build}, table.stdout


def test_without_conda_one_line_says_so(sources: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if shutil.which("conda"):
        pytest.skip("conda is on PATH")
    done = run_snakemake(sources, "--use-conda", "results/smoke/tokens.npy", configfiles=(SMOKE,))
    assert done.returncode != 0
    assert "Is conda installed and accessible?" in done.stdout and "Traceback" not in done.stdout


def test_another_workflow_can_use_this_one(sources: Path, tmp_path: Path) -> None:
    shutil.copytree(sources, tmp_path / "copy")
    shutil.copytree(ROOT / "examples", tmp_path / "copy" / "examples")
    jobs = planned(run_snakemake(tmp_path / "copy" / "examples" / "module", "-n"))
    assert jobs["largest_eigenvalues"] == jobs["mstar_summarise"] == 1
    assert "mstar_train_population" not in jobs
