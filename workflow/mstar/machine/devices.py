"""The device that a job computes on: the CPU, or a GPU that it has for itself.

torch, which takes seconds to load, is left alone where there is no GPU to use it on.
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
# Bytes allowed on a GPU beside a job's square matrices: CUDA's context, libraries, narrow arrays.
BESIDE = 10**9


@contextmanager
def held(device: str, demand: Demand | None) -> Iterator[str]:
    """Yield "cpu", or "cuda" with a GPU that is this job's alone and has the memory it needs.

    "auto" takes a GPU where one can do the work, else the CPU; "cuda" takes a GPU, or fails,
    rather than run for days on the wrong machine. Both wait for GPUs that others use, for
    `mstar.machine.gpus.PATIENCE` at most. Without a ``demand`` there is no use for a GPU. To be
    entered before CUDA is used.

    Raises:
        UserError: unknown device; "cuda", and no GPU can be used; a GPU's memory ran out.
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
    """Have ``stack`` hold a GPU: "cuda"; or "cpu" where there is none and that will do."""
    if device == "auto" and not gpus.usable():
        print(f"{gpus.why_none()}: the CPU does it", file=sys.stderr)
        return "cpu"
    import torch

    build = "CUDA" if torch.version.cuda else "CPU-only"
    blind = f"torch {torch.__version__} (a {build} build) sees no GPU"
    advice, other = "set it to auto or cpu", "the CPU does it"
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
    """What to say when a GPU's memory ran out: what was needed, what there was, what fits."""
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
    """What a log calls a device: "GPU (name)" or "CPU"."""
    import torch

    return f"GPU ({torch.cuda.get_device_name(device)})" if device.type == "cuda" else "CPU"


def report_memory(device: str | torch.device) -> None:
    """Report to stderr the most GPU memory that this process held."""
    import torch

    device = torch.device(device)
    if device.type == "cuda":
        most = torch.cuda.max_memory_allocated(device) / 1e6
        print(f"device: {describe(device)}, {most:.0f} MB", file=sys.stderr)
