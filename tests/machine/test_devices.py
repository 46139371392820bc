"""The choice of device: the requested device is used, or a one-line error says why not."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from mstar.files.writing import UserError
from mstar.machine import gpus
from mstar.machine.devices import BESIDE, describe, held
from mstar.machine.gpus import Gpu
from mstar.machine.memory import Demand
from mstar.spectra import decomposition
from mstar.training import closed_form, minibatches, population
from tests.support.workflow import ROOT

GB = 10**9
WORK = Demand("the work", 10_000, 2.5)  # 2 GB


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Gpu]:
    """Install a stand-in for torch with CUDA and the GPUs that the test puts into the list."""
    present: list[Gpu] = []
    monkeypatch.setattr(gpus, "present", lambda: present)
    monkeypatch.setattr(gpus, "locks", lambda: tmp_path)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setattr(torch.version, "cuda", "13.0")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: bool(present))
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: "H200")
    monkeypatch.setattr(torch.cuda, "max_memory_allocated", lambda device: 5 * 10**6)
    return present


@pytest.mark.parametrize(
    ("device", "gpu", "chosen"),
    [("auto", True, "cuda"), ("auto", False, "cpu"), ("cpu", True, "cpu"), ("cuda", True, "cuda")],
)
def test_choice(
    installed: list[Gpu], capsys: pytest.CaptureFixture[str], device: str, gpu: bool, chosen: str
) -> None:
    installed += [Gpu("GPU-a", 0, 4 * GB, 4 * GB)] * gpu
    with held(device, WORK) as found:
        assert found == chosen
    said = capsys.readouterr().err
    assert said.endswith("device: GPU (H200), 5 MB\n" if chosen == "cuda" else "device: CPU\n")


@pytest.mark.parametrize("device", ["auto", "cpu"])
def test_torch_is_not_loaded_where_there_is_no_gpu(device: str) -> None:
    """Loading torch takes longer than the work of many jobs."""
    code = (
        "import sys\n"
        "from mstar.machine import devices, gpus\n"
        "from mstar.spectra import decomposition\n"
        "from mstar.training import closed_form\n"
        "gpus.present = lambda: []\n"
        f"with devices.held({device!r}, decomposition.demand(100, 90)) as chosen:\n"
        "    print(chosen, 'torch' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT / "workflow",
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "cpu False\n"


def test_no_gpu_for_work_that_has_no_use_for_one(installed: list[Gpu]) -> None:
    installed += [Gpu("GPU-a", 0, 4 * GB, 4 * GB)]
    with held("cuda", None) as found:
        assert found == "cpu"


def test_no_gpu_where_one_was_asked_for(
    installed: list[Gpu], monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        pytest.raises(UserError, match=r"^dynamics.device is cuda, but no NVIDIA GPU .*auto or"),
        held("cuda", WORK),
    ):
        pass
    installed += [Gpu("GPU-a", 0, 4 * GB, 4 * GB)]
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    with (
        pytest.raises(UserError, match='CUDA_VISIBLE_DEVICES is "", which names no GPU'),
        held("cuda", WORK),
    ):
        pass
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    for build, name in (("13.0", "CUDA"), (None, "CPU-only")):
        monkeypatch.setattr(torch.version, "cuda", build)
        with held("auto", WORK) as chosen:
            assert chosen == "cpu"
        message = rf"but torch \S+ \(a {name} build\) sees no GPU: .*a torch that matches"
        with pytest.raises(UserError, match=message), held("cuda", WORK):
            pass


def test_a_gpu_that_cannot_do_the_work(
    installed: list[Gpu], capsys: pytest.CaptureFixture[str]
) -> None:
    installed += [Gpu("GPU-a", 0, 2 * GB, 2 * GB)]
    message = r"^the work at V = 10000 needs 3\.0 GB .* has 2\.0 GB: expected V of at most (\d+)"
    with pytest.raises(UserError, match=message) as error, held("cuda", WORK):
        pass
    fits = int(str(error.value).split("at most ")[1].split(",")[0])
    assert fits == math.isqrt(GB // 20)
    with held("cuda", Demand("the work", fits, 2.5)) as chosen:
        assert chosen == "cuda"
    with held("auto", WORK) as chosen:
        assert chosen == "cpu"
    assert "the largest GPU has 2.0 GB: the CPU does it\n" in capsys.readouterr().err
    with held("cuda", Demand("the work", 10_000, 2.5, "another way")) as chosen:
        assert chosen == "cpu"
    assert "the largest GPU has 2.0 GB: another way\n" in capsys.readouterr().err


def test_memory_that_runs_out(installed: list[Gpu], monkeypatch: pytest.MonkeyPatch) -> None:
    installed += [Gpu("GPU-a", 0, 4 * GB, 4 * GB)]
    monkeypatch.setattr(torch.cuda, "memory_reserved", lambda: GB)
    for free, instead in ((GB // 2, "V of at most 5000"), (4 * GB, "a smaller V")):
        monkeypatch.setattr(torch.cuda, "mem_get_info", lambda free=free: (free, 8 * GB))
        message = (
            rf"ran out .* 3\.0 GB .* had {(free + GB) / GB:.1f} of 8\.0 GB: expected {instead}"
        )
        with pytest.raises(UserError, match=message), held("cuda", WORK):
            raise torch.OutOfMemoryError
    with held("cuda", WORK) as chosen:  # the GPU was given back
        assert chosen == "cuda"


def test_unknown_device() -> None:
    with (
        pytest.raises(UserError, match='"tpu": expected one of auto, cpu, cuda'),
        held("tpu", WORK),
    ):
        pass


def test_what_work_demands(monkeypatch: pytest.MonkeyPatch) -> None:
    for demand in (
        population.demand(10_000),
        minibatches.demand({"sgd": {"sampler": "counts"}}, 10_000),
    ):
        assert 3.9 * GB < demand.bytes < 4.9 * GB
    assert closed_form.demand({"estimator": "sigmoid"}, 1000) is None
    assert closed_form.demand({"estimator": "exact"}, 10_000).bytes < 1.5 * GB
    monkeypatch.setattr("mstar.machine.memory.available", lambda: 20 * GB)
    full, leading = decomposition.demand(10_000, 4096), decomposition.demand(10_000, 200)
    assert full.bytes > leading.bytes and leading.otherwise and not full.otherwise
    assert decomposition.demand(100_000, 200) is None
    assert full.bytes > BESIDE


def test_devices_have_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: f"H200 {device.index}")
    assert describe(torch.device("cpu")) == "CPU"
    assert describe(torch.device("cuda:1")) == "GPU (H200 1)"
