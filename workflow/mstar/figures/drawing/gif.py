"""Animated GIFs with one palette for all frames; of each frame only changes are stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mstar.files.writing import atomic

EXACT, MIXED = 32, 96  # colours of the palette: the commonest as they are, and mixtures
NEAR = 8  # largest difference of a channel, of 255, between colours that count as one
SAMPLES = 6  # frames that the palette is made from

Picture = NDArray[np.uint8]


@dataclass(frozen=True)
class Film:
    """An animation in a loop, and a still that represents it.

    Attributes:
        frames: (H, W, 3) pictures.
        still: (H', W', 3) picture.
        seconds: duration of each frame.
        hold: duration of the last frame, in seconds.
    """

    frames: Sequence[Picture]
    still: Picture
    seconds: float
    hold: float

    def save(self, *, gif: str | Path, png: str | Path) -> None:
        """Write the animation as GIF and the still as PNG, each atomically."""
        write_gif(self.frames, gif, self.seconds, self.hold)
        with atomic(png) as path:
            Image.fromarray(self.still).save(path, format="PNG", optimize=True)


def write_gif(frames: Sequence[Picture], path: str | Path, seconds: float, hold: float) -> None:
    """Write ``frames`` (H, W, 3) as a loop, each for ``seconds`` and the last for ``hold``."""
    palette = common_palette(frames)
    indexed = [
        Image.fromarray(frame).quantize(palette=palette, dither=Image.Dither.NONE)
        for frame in frames
    ]
    durations = [round(1000 * seconds)] * (len(indexed) - 1) + [round(1000 * hold)]
    with atomic(path) as temporary:
        indexed[0].save(
            temporary,
            format="GIF",
            save_all=True,
            append_images=indexed[1:],
            duration=durations,
            loop=0,
            optimize=True,
        )


def common_palette(frames: Sequence[Picture]) -> Image.Image:
    """Return an image with one palette for ``frames`` (H, W, 3), made from a few of them.

    The most frequent colours are kept exactly, so that white stays white, and mixtures by median
    cut follow. A colour near an earlier one is omitted, so that it cannot replace that one.
    """
    few = [frames[k] for k in np.linspace(0, len(frames) - 1, SAMPLES).astype(int)]
    sheet = Image.fromarray(np.concatenate(few))
    codes = np.asarray(sheet.convert("RGBA")).view(np.uint32).ravel()
    codes, counts = np.unique(codes, return_counts=True)
    common = codes[np.argsort(-counts, kind="stable")[:EXACT]]
    mixed = sheet.quantize(MIXED, dither=Image.Dither.NONE).getpalette() or []
    mixtures = np.asarray(mixed[: 3 * MIXED], dtype=np.int64).reshape(-1, 3)
    kept: list[NDArray[np.int64]] = []
    for colour in [*common.view(np.uint8).reshape(-1, 4)[:, :3].astype(np.int64), *mixtures]:
        if all(np.abs(colour - other).max() > NEAR for other in kept):
            kept.append(colour)
    found = Image.new("P", (1, 1))
    found.putpalette(np.concatenate(kept).tolist())
    return found
