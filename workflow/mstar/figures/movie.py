"""The learning movie: QWEM and word2vec take up one direction after another, at predicted times.

Per row and frame: loss and singular values so far, with the times that linear growth predicts for
the first modes; and the latent space along principal directions 3 and 1 of the row's final
embedding, as in Figure 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image

from mstar.figures.drawing import style
from mstar.figures.drawing.curves import curve
from mstar.figures.drawing.gif import write_gif
from mstar.figures.fig1 import HORIZONTAL, ROWS, SPARE, VERTICAL
from mstar.figures.fig1_rows import outlying
from mstar.figures.movie_stage import pictures
from mstar.files.writing import UserError, atomic
from mstar.training.record import Training, singular_value_columns

SPAN = (0.7, 8.0)  # first and last time shown (τ₁), where the runs reach that far
HOLD = 2.0  # seconds for which the last frame stays
COLUMNS = ["row", "panel", "series", "mode", "frame", "time", "x", "y", "word", "side", "rank"]


@dataclass(frozen=True)
class Scenes:
    """What the movie shows.

    Attributes:
        table: the numbers of curves, predicted times and words that may be labelled (`scenes`).
        clouds: for each row (F, n, 2), where n words are at F frames, along directions 3 and 1.
        times: (F,) of the frames, in τ₁.
    """

    table: pd.DataFrame
    clouds: dict[str, NDArray[np.float64]]
    times: NDArray[np.float64]


def frame_times(runs: Sequence[Training], frames: int) -> NDArray[np.float64]:
    """``frames`` times (τ₁), evenly spaced in log time, over as much of `SPAN` as all runs know."""
    first = max(float(run.times[0]) for run in runs)
    last = min(float(run.times[-1]) for run in runs)
    if last > SPAN[0]:
        first, last = max(first, SPAN[0]), min(last, SPAN[1])
    return np.geomspace(first, last, frames)


def along(run: Training, times: NDArray[np.float64]) -> NDArray[np.float64]:
    """(F, V, 2): every word along principal directions 3 and 1 at ``times`` (F,) in τ₁.

    Between recorded times the path is straight in log time.
    """
    path = run.paths[:, :, [HORIZONTAL, VERTICAL]]
    place = np.interp(np.log(times), np.log(run.times), np.arange(len(run.times)))
    before = np.minimum(place.astype(int), len(run.times) - 2)
    share = (place - before)[:, None, None]
    return np.asarray((1 - share) * path[before] + share * path[before + 1], dtype=np.float64)


def scenes(
    qwem: Training,
    word2vec: Training,
    words: Sequence[str],
    *,
    frames: int,
    labels: int = 16,
    modes: int = 20,
    candidates: int = 4000,
) -> Scenes:
    """Curves, clouds and words of the movie, at ``frames`` times.

    The table has columns row (QWEM, word2vec); panel (loss, singular values, predicted, word);
    series; mode (from 1); frame (from 0); time (own τ₁), of ``predicted`` τ_k / τ₁; x, y (of a word
    the coordinates along directions 3 and 1, else y alone); word, side and rank of words that may
    be labelled, the farthest out at the end among the ``candidates`` commonest. Signs of
    word2vec's directions agree with QWEM's. Raises UserError for runs that do not fit.
    """
    rows = dict(zip(ROWS, (qwem, word2vec), strict=True))
    for name, run in rows.items():
        if run.paths.shape[1] != len(words) or run.paths.shape[2] <= HORIZONTAL:
            raise UserError(
                f"{name}: a path of {run.paths.shape[2]} directions of {run.paths.shape[1]} words;"
                f" the movie needs 3 of {len(words)}"
            )
    times = frame_times(list(rows.values()), frames)
    whole = {name: along(run, times) for name, run in rows.items()}
    ends = {name: run.paths[-1][:, [HORIZONTAL, VERTICAL]] for name, run in rows.items()}
    agree = np.einsum("vk,vk->k", ends["QWEM"], ends["word2vec"])
    whole["word2vec"] *= np.where(agree < 0, -1.0, 1.0)
    chosen = outlying([cloud[-1] for cloud in whole.values()], SPARE * (labels // 4), candidates)
    listed = np.union1d(np.arange(0, len(words), 2), np.fromiter(chosen, dtype=np.int64))
    parts = []
    for name, run in rows.items():
        # With the recorded times around those shown, so that curves cross the whole axis.
        first = run.times[run.times <= times[0]].max(initial=run.times[0])
        last = run.times[run.times >= times[-1]].min(initial=run.times[-1])
        trace = style.within(run.trace, first, last, name)
        own = [curve(trace, "loss").assign(panel="loss")]
        for k, column in enumerate(singular_value_columns(trace, modes), start=1):
            own.append(curve(trace, column).assign(panel="singular values", mode=k))
        taus = run.taus[: run.paths.shape[2]] / run.tau_1
        predicted = pd.DataFrame({"time": taus, "mode": np.arange(1, len(taus) + 1)})
        own.append(predicted.dropna().assign(panel="predicted"))
        for word, (side, rank) in chosen.items():
            part = pd.DataFrame(whole[name][:, word], columns=["x", "y"])
            part = part.assign(time=times, frame=np.arange(frames), word=words[word])
            own.append(part.assign(panel="word", side=side, rank=rank))
        parts.append(pd.concat(own).assign(row=name, series="expt"))
    table = pd.concat(parts, ignore_index=True).reindex(columns=COLUMNS)
    for column in ("mode", "frame", "rank"):
        table[column] = table[column].astype("Int64")
    table[["word", "side"]] = table[["word", "side"]].fillna("")
    clouds = {name: cloud[:, listed] for name, cloud in whole.items()}
    return Scenes(style.rounded(table), clouds, times)


def poster(found: Scenes, mode: int = 3) -> int:
    """The frame at which singular value ``mode`` has half of its last value in both rows."""
    values = found.table[
        (found.table["panel"] == "singular values") & (found.table["mode"] == mode)
    ]
    time = 0.0
    for _, rows in values.groupby("row"):
        reached = rows["y"] >= rows["y"].iloc[-1] / 2
        time = max(time, float(rows.loc[reached, "time"].iloc[0]))
    return int(np.argmax(found.times >= time)) if time <= found.times[-1] else len(found.times) - 1


def save(
    found: Scenes, labels: int, per_second: int, gif: str | Path, png: str | Path, csv: str | Path
) -> None:
    """Write the movie, its poster frame at twice the resolution, and its table."""
    shown = (found.table, found.clouds, found.times, labels)
    frames = pictures(*shown, dpi=100, which=range(len(found.times)))
    write_gif(frames, gif, 1 / per_second, HOLD)
    (still,) = pictures(*shown, dpi=200, which=[poster(found)])
    with atomic(png) as path:
        Image.fromarray(still).save(path, format="PNG", optimize=True)
    with atomic(csv) as path:
        found.table.to_csv(path, index=False, lineterminator="\n")
