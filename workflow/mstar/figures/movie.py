"""The learning movie: QWEM and word2vec learn one direction after another, at predicted times.

Each row of a frame has loss and singular values so far, with the times that linear growth predicts
for the first modes, and the latent space along principal directions 3 and 1 of the row's final
embedding, as in Figure 1. The curves that the recursion predicts for word2vec are dotted.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from mstar.figures.drawing import style
from mstar.figures.drawing.curves import curve
from mstar.figures.drawing.gif import Film
from mstar.figures.drawing.learning_panels import HORIZONTAL, ROWS, SPARE, VERTICAL, outlying
from mstar.figures.drawing.movie_stage import pictures
from mstar.files.writing import UserError
from mstar.machine.arrays import Array
from mstar.training.record import Training, singular_value_columns

SPAN = (0.7, 8.0)  # first and last time shown (τ₁), where the runs reach that far
HOLD = 2.0  # seconds for which the last frame stays
COLUMNS = ["row", "panel", "series", "mode", "frame", "time", "x", "y", "word", "side", "rank"]


def frame_times(runs: Sequence[Training], frames: int) -> Array:
    """Return ``frames`` times (τ₁), evenly spaced in log time, over the recorded part of `SPAN`.

    If the runs end before `SPAN` begins, all of their times are shown.
    """
    first = max(float(run.times[0]) for run in runs)
    last = min(float(run.times[-1]) for run in runs)
    if last > SPAN[0]:
        first, last = max(first, SPAN[0]), min(last, SPAN[1])
    return np.geomspace(first, last, frames)


def along(run: Training, times: Array) -> Array:
    """Return coordinates (F, V, 2) of words along principal directions 3 and 1.

    Paths are interpolated at ``times`` (F,), in τ₁, linearly in log time.
    """
    path = run.paths[:, :, [HORIZONTAL, VERTICAL]]
    place = np.interp(np.log(times), np.log(run.times), np.arange(len(run.times)))
    before = np.minimum(place.astype(int), len(run.times) - 2)
    share = (place - before)[:, None, None]
    return np.asarray((1 - share) * path[before] + share * path[before + 1], dtype=np.float64)


def clouds(qwem: Training, word2vec: Training, times: Array) -> dict[str, Array]:
    """Return `along` for both rows, with word2vec's signs chosen to agree with QWEM's."""
    runs = dict(zip(ROWS, (qwem, word2vec), strict=True))
    whole = {name: along(run, times) for name, run in runs.items()}
    one, other = (run.paths[-1][:, [HORIZONTAL, VERTICAL]] for run in runs.values())
    whole["word2vec"] *= np.where(np.einsum("vk,vk->k", one, other) < 0, -1.0, 1.0)
    return whole


def table(
    *,
    qwem: Training,
    word2vec: Training,
    recursion: pd.DataFrame | None = None,
    vocabulary: Sequence[str],
    frames: int,
    labels: int = 16,
    modes: int = 20,
    candidates: int = 4000,
) -> pd.DataFrame:
    """Return the numbers of the movie's curves, predicted times and words that may be labelled.

    Args:
        qwem, word2vec: the runs of the two rows, with paths.
        recursion: trace that is predicted for word2vec, if any.
        vocabulary: words, most frequent first; the first V are those of the embeddings (V, d).
        frames: number of frames.
        labels: number of words named in each latent space.
        modes: number of singular values drawn.
        candidates: number of most frequent words that may be labelled.

    Returns:
        Columns row (`ROWS`); panel (loss, singular values, predicted, word); series (expt, theory);
        mode (from 1); frame (from 0); time, in τ₁ of the run, for ``predicted`` τ_k / τ₁; x, y
        (coordinates of a word along principal directions 3 and 1; curves only have y); word; side
        and rank of a word that may be labelled, from `outlying` at the end.

    Raises:
        UserError: a run has other words, or paths along fewer than 3 directions.
    """
    rows = dict(zip(ROWS, (qwem, word2vec), strict=True))
    words = vocabulary[: len(qwem.embedding)]
    for name, run in rows.items():
        if run.paths.shape[1] != len(words) or run.paths.shape[2] <= HORIZONTAL:
            raise UserError(
                f"{name}: a path of {run.paths.shape[2]} directions of {run.paths.shape[1]} words;"
                f" the movie needs 3 of {len(words)}"
            )
    times = frame_times(list(rows.values()), frames)
    whole = clouds(qwem, word2vec, times)
    chosen = outlying([cloud[-1] for cloud in whole.values()], SPARE * (labels // 4), candidates)
    parts = []
    for name, run in rows.items():
        own = _curves(run.trace, times, name, modes)
        if name == "word2vec" and recursion is not None:
            own += [c.assign(series="theory") for c in _curves(recursion, times, name, modes)]
        taus = run.taus[: run.paths.shape[2]] / run.tau_1
        predicted = pd.DataFrame({"time": taus, "mode": np.arange(1, len(taus) + 1)})
        own.append(predicted.dropna().assign(panel="predicted"))
        for word, (side, rank) in chosen.items():
            part = pd.DataFrame(whole[name][:, word], columns=["x", "y"])
            part = part.assign(time=times, frame=np.arange(frames), word=words[word])
            own.append(part.assign(panel="word", side=side, rank=rank))
        parts.append(pd.concat(own).assign(row=name))
    found = pd.concat(parts, ignore_index=True).reindex(columns=COLUMNS)
    found["series"] = found["series"].fillna("expt")
    for column in ("mode", "frame", "rank"):
        found[column] = found[column].astype("Int64")
    found[["word", "side"]] = found[["word", "side"]].fillna("")
    return style.rounded(found)


def _curves(trace: pd.DataFrame, times: Array, name: str, modes: int) -> list[pd.DataFrame]:
    """Return loss and singular values of a trace over ``times``.

    The recorded times around those are included, so that curves cross the whole axis.
    """
    recorded = trace["time_tau1"].to_numpy()
    first = recorded[recorded <= times[0]].max(initial=recorded[0])
    last = recorded[recorded >= times[-1]].min(initial=recorded[-1])
    shown = style.within(trace, first, last, name)
    columns = enumerate(singular_value_columns(shown, modes), start=1)
    values = [curve(shown, c).assign(panel="singular values", mode=k) for k, c in columns]
    return [curve(shown, "loss").assign(panel="loss"), *values]


@style.styled
def draw(
    table: pd.DataFrame,
    *,
    qwem: Training,
    word2vec: Training,
    vocabulary: Sequence[str],
    frames: int,
    frames_per_second: int,
    labels: int = 16,
) -> Film:
    """Draw the movie, and a still of one frame at twice the resolution.

    Args:
        table: from `table`, for the other arguments.
        qwem, word2vec, vocabulary: every second word, and those of the table, are drawn as dots.
        frames: number of frames.
        frames_per_second: speed.
        labels: words named in each latent space, a quarter of them on each side.
    """
    times = frame_times([qwem, word2vec], frames)
    named = set(table["word"])
    listed = [i for i in range(len(qwem.embedding)) if i % 2 == 0 or vocabulary[i] in named]
    shown = {name: cloud[:, listed] for name, cloud in clouds(qwem, word2vec, times).items()}
    moving = pictures(table, shown, times, labels, dpi=100, which=range(frames))
    (still,) = pictures(table, shown, times, labels, dpi=200, which=[poster(table, times)])
    return Film(moving, still, 1 / frames_per_second, HOLD)


def poster(table: pd.DataFrame, times: Array, mode: int = 3) -> int:
    """Return the frame at which singular value ``mode`` has half of its last value in both rows.

    ``times`` (F,) are those of the frames; the last one is returned if it is never reached.
    """
    trained = table[(table["panel"] == "singular values") & (table["series"] == "expt")]
    values = trained[trained["mode"] == mode]
    time = 0.0
    for _, rows in values.groupby("row"):
        reached = rows["y"] >= rows["y"].iloc[-1] / 2
        time = max(time, float(rows.loc[reached, "time"].iloc[0]))
    return int(np.argmax(times >= time)) if time <= times[-1] else len(times) - 1
