"""The choice of the device that training runs on."""

from __future__ import annotations

import torch

from mstar.files import UserError


def choose(device: str) -> torch.device:
    """Return the torch device for "auto", "cpu" or "cuda".

    "auto" takes a GPU when there is one. Raises ``UserError`` when "cuda" is asked for and there
    is none, rather than running for days on the wrong machine.
    """
    if device not in ("auto", "cpu", "cuda"):
        raise UserError(f'dynamics.device: "{device}": expected one of auto, cpu, cuda')
    available = torch.cuda.is_available()
    if device == "cuda" and not available:
        build = "CUDA" if torch.version.cuda else "CPU-only"
        raise UserError(
            f"dynamics.device is cuda, but torch {torch.__version__} (a {build} build) sees no GPU:"
            " set it to auto or cpu, or install a torch that matches the driver"
        )
    return torch.device("cuda" if available and device != "cpu" else "cpu")


def describe(device: torch.device) -> str:
    """What a log calls a device: "GPU (name)" or "CPU"."""
    return f"GPU ({torch.cuda.get_device_name(device)})" if device.type == "cuda" else "CPU"
