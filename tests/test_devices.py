"""The choice of device: what is asked for is what is used, or one clear line."""

from __future__ import annotations

import pytest
import torch

from mstar.devices import choose, describe
from mstar.files import UserError


@pytest.mark.parametrize(
    ("device", "gpu", "chosen"),
    [("auto", True, "cuda"), ("auto", False, "cpu"), ("cpu", True, "cpu"), ("cuda", True, "cuda")],
)
def test_choice(monkeypatch: pytest.MonkeyPatch, device: str, gpu: bool, chosen: str) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: gpu)
    assert choose(device).type == chosen


def test_no_gpu_where_one_was_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(UserError, match=r"^dynamics.device is cuda, but torch .* sees no GPU"):
        choose("cuda")


def test_unknown_device() -> None:
    with pytest.raises(UserError, match='"tpu": expected one of auto, cpu, cuda'):
        choose("tpu")


def test_devices_have_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: f"card {device.index}")
    assert describe(torch.device("cpu")) == "CPU"
    assert describe(torch.device("cuda:1")) == "GPU (card 1)"
