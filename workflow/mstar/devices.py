"""The choice of the device that training runs on."""

from __future__ import annotations

import sys
from typing import Any

import torch
from numpy.typing import NDArray

from mstar.arrays import Matrix
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


def used(device: str) -> str:
    """`choose`, told to stderr, as "cpu" or "cuda"."""
    chosen = choose(device)
    print(f"device: {describe(chosen)}", file=sys.stderr)
    return chosen.type


def place(values: NDArray[Any], device: str) -> Matrix:
    """An array as it is for "cpu", or as a torch tensor on another device."""
    return values if device == "cpu" else torch.as_tensor(values, device=device)


def tell_memory(device: str | torch.device) -> None:
    """Tell stderr the most memory of a GPU that this process held."""
    device = torch.device(device)
    if device.type == "cuda":
        most = torch.cuda.max_memory_allocated(device) / 1e6
        print(f"device: {describe(device)}, {most:.0f} MB", file=sys.stderr)
