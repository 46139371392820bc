"""The device on which a job computes: the CPU, or a GPU held exclusively.

torch, which takes seconds to load, is imported only if there may be a GPU.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from mstar.files.writing import UserError
from mstar.machine import gpus
from mstar.machine.memory import Demand, largest_vocabulary

if TYPE_CHECKING:
    import torch

DEVICES = ("auto", "cpu", "cuda")
# Bytes of GPU memory for anything but square matrices: CUDA's context, libraries, narrow arrays.
BESIDE = 10**9


@contextmanager
def held(device: str, demand: Demand | None) -> Iterator[str]:
    """Yield "cpu", or "cuda" while holding a GPU with enough memory exclusively.

    "auto" takes a GPU if one can do the work, else the CPU; "cuda" takes a GPU or fails, rather
    than run for days on the wrong machine. Both wait up to `mstar.machine.gpus.PATIENCE` seconds
    for GPUs in use. Enter this context before CUDA is used.

    Args:
        device: one of `DEVICES`.
        demand: the GPU memory needed; None if the work cannot use a GPU.

    Raises:
        UserError: the device is unknown, it is "cuda" and no GPU can be used, or GPU memory ran
            out.
    """
    if device not in DEVICES:
        raise UserError(f'dynamics.device: "{device}": expected one of {", ".join(DEVICES)}')
    with ExitStack() as stack:
        chosen = "cpu"
        if device != "cpu" and demand is not None:
            chosen = _leased(stack, device, demand)
        if chosen == "cpu" or demand is None:
            print("device: CPU", file=sys.stderr)
            yield chosen
            return
        import torch

        print(f"device: {describe(torch.device(chosen))}", file=sys.stderr)
        try:
            yield chosen
        except torch.OutOfMemoryError:
            raise UserError(_ran_out(demand)) from None
        report_memory(chosen)


def _leased(stack: ExitStack, device: str, demand: Demand) -> str:
    """Return "cuda" with a GPU held by ``stack``, or "cpu" if none can be used or is required."""
    if device == "auto" and not gpus.usable():
        print(f"{gpus.why_none()}: the CPU does it", file=sys.stderr)
        return "cpu"
    import torch

    build = "CUDA" if torch.version.cuda else "CPU-only"
    blind = f"torch {torch.__version__} (a {build} build) sees no GPU"
    advice, other = "set it to auto or cpu (--config 'dynamics={device: cpu}')", "the CPU does it"
    try:
        if torch.version.cuda:
            stack.enter_context(gpus.lease(demand.bytes + BESIDE, str(demand)))
        if not torch.cuda.is_available():
            advice += ", or install a torch that matches the driver"
            raise gpus.NoGpu(blind)
        return "cuda"
    except gpus.TooSmall as error:
        fits = largest_vocabulary(demand.copies, error.largest - BESIDE)
        refusal = f"{error}: expected V of at most {fits}, or dynamics.device auto or cpu"
        reason, required = str(error), device == "cuda" and not demand.otherwise
        other = demand.otherwise or other
    except gpus.NoGpu as error:
        refusal = f"dynamics.device is cuda, but {error}: {advice}"
        reason, required = str(error), device == "cuda"
    if required:
        raise UserError(refusal)
    stack.close()
    print(f"{reason}: {other}", file=sys.stderr)
    return "cpu"


def _ran_out(demand: Demand) -> str:
    """Return the message after GPU memory ran out: memory needed and available, largest V."""
    import torch

    free, total = torch.cuda.mem_get_info()
    had = free + torch.cuda.memory_reserved()
    fits = largest_vocabulary(demand.copies, had - BESIDE)
    instead = f"V of at most {fits}" if fits < demand.vocabulary else "a smaller V"
    return (
        f"{demand} ran out of GPU memory: about {(demand.bytes + BESIDE) / 1e9:.1f} GB are needed"
        f" and it had {had / 1e9:.1f} of {total / 1e9:.1f} GB: expected {instead}, a larger GPU,"
        " or dynamics.device cpu"
    )


def describe(device: torch.device) -> str:
    """Return the name of a device in logs: "GPU (name)" or "CPU"."""
    import torch

    return f"GPU ({torch.cuda.get_device_name(device)})" if device.type == "cuda" else "CPU"


def report_memory(device: str | torch.device) -> None:
    """Report to stderr the peak GPU memory of this process."""
    import torch

    device = torch.device(device)
    if device.type == "cuda":
        most = torch.cuda.max_memory_allocated(device) / 1e6
        print(f"device: {describe(device)}, {most:.0f} MB", file=sys.stderr)
