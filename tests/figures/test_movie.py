"""The learning movie: interpolation, the places of words, and the content of each frame."""

from __future__ import annotations

import dataclasses
import functools
import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb
from PIL import Image

from mstar.figures import movie
from mstar.figures.drawing import gif, movie_stage, moving_labels, style
from mstar.files.writing import UserError
from tests.support.figures import LAMBDA, TIMES, WORDS, training

FRAMES = 24


def given() -> dict[str, Any]:
    """Return the inputs of the movie; there are more words than rows in the embeddings."""
    runs = {"qwem": training(), "word2vec": training(1, 0.2)}
    chosen = {"frames": FRAMES, "labels": 8, "modes": 6, "frames_per_second": 12}
    predicted = training(2, 0.1).trace
    return {**runs, "recursion": predicted, "vocabulary": [*WORDS, "rare"], **chosen}


@functools.cache
def found() -> tuple[gif.Film, pd.DataFrame]:
    """Return the movie and its table, shared by tests that do not change them."""
    return style.make(movie, given(), {})  # type: ignore[return-value]


def frame_times() -> np.ndarray:
    """Return the times of the frames, in τ₁."""
    return movie.frame_times([given()["qwem"], given()["word2vec"]], FRAMES)


def test_frames_are_even_in_log_time_and_words_move_straight_between_records() -> None:
    one = training()
    times = movie.frame_times([one, one], FRAMES)
    assert (times[0], times[-1]) == pytest.approx(movie.SPAN)
    assert np.allclose(np.diff(np.log(times)), np.log(times[1] / times[0]))
    at = movie.along(one, TIMES[[3, 20, -1]])
    np.testing.assert_allclose(at, one.paths[[3, 20, -1]][:, :, [2, 0]], atol=1e-6)
    half = movie.along(one, np.sqrt(TIMES[20:21] * TIMES[21:22]))[0]
    np.testing.assert_allclose(half, one.paths[20:22].mean(axis=0)[:, [2, 0]], atol=1e-6)


def test_short_runs_are_shown_whole() -> None:
    one = training()
    early = TIMES < 0.65
    short = dataclasses.replace(
        one, paths=one.paths[early], times=TIMES[early], trace=one.trace[early]
    )
    times = movie.frame_times([one, short], 5)
    assert (times[0], times[-1]) == pytest.approx((TIMES[0], TIMES[early][-1]))


def test_the_table_holds_curves_predictions_and_words() -> None:
    _, table = found()
    for name in movie.ROWS:
        rows = table[table["row"] == name]
        times = rows.loc[rows["panel"] == "predicted", "time"]
        np.testing.assert_allclose(
            times,
            np.log(LAMBDA[:5] / 1e-24) / np.log(LAMBDA[0] / 1e-24) * LAMBDA[0] / LAMBDA[:5],
            rtol=1e-5,
        )
        # s_k^2 is half of its final value at the predicted time, by Lemma 3.1.
        for k, time in enumerate(times, start=1):
            curve = rows[(rows["panel"] == "singular values") & (rows["mode"] == k)]
            curve = curve[curve["series"] == "expt"]
            before, after = (
                curve.loc[which, "y"].to_numpy() ** 2
                for which in (curve["time"] < time, curve["time"] >= time)
            )
            assert before[-1] <= LAMBDA[k - 1] / 2 * (1 + 1e-6) and after[0] >= LAMBDA[k - 1] / 2
        curves = rows[rows["panel"].isin(["loss", "singular values"])]
        dotted = curves[curves["series"] == "theory"]
        assert dotted.empty == (name == "QWEM")
        assert set(dotted["mode"].dropna()) == (set() if name == "QWEM" else {1, 2, 3, 4, 5, 6})
        words = rows[rows["panel"] == "word"]
        assert words.groupby("word").size().eq(FRAMES).all()
        assert set(words["side"]) == {"top", "bottom", "left", "right"}
    # The last rows of the table are the final cloud.
    last = table[(table["panel"] == "word") & (table["frame"] == FRAMES - 1)]
    ends = movie.clouds(given()["qwem"], given()["word2vec"], frame_times())
    reach = {name: np.abs(cloud[-1]).max() for name, cloud in ends.items()}
    for name, rows in last.groupby("row"):
        assert np.abs(rows[["x", "y"]].to_numpy()).max() == pytest.approx(reach[str(name)], 1e-5)


def test_signs_of_the_rows_agree() -> None:
    """Left vectors that agree up to signs give equal clouds."""
    one, other = training(0), training(5)
    same = movie.clouds(one, other, movie.frame_times([one, other], 4))
    np.testing.assert_allclose(same["QWEM"], same["word2vec"], atol=2e-5)


def test_runs_that_do_not_fit_are_refused() -> None:
    with pytest.raises(UserError, match="the movie needs 3"):
        movie.table(qwem=training(), word2vec=training(1), vocabulary=WORDS[:-1], frames=4)


def test_the_poster_is_where_the_third_mode_is_half_way() -> None:
    time = frame_times()[movie.poster(found()[1], frame_times())]
    tau = np.log(LAMBDA[2] / 1e-24) / LAMBDA[2] / (np.log(LAMBDA[0] / 1e-24) / LAMBDA[0])
    assert 0.9 * tau < time < 1.2 * tau


def test_names_of_close_times_are_spread_about_their_middle() -> None:
    x = np.array([0.0, 1.0, 1.1, 3.0])
    spread = movie_stage.spread_out(x, 0.5)
    np.testing.assert_allclose(spread, [0.0, 0.8, 1.3, 3.0])
    np.testing.assert_allclose(movie_stage.spread_out(np.full(3, 2.0), 1.0), [1, 2, 3])


def test_words_keep_their_place_and_never_meet() -> None:
    figure = style.new_figure(3)
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set(xlim=(-1, 1), ylim=(-1, 1))
    # Three words collide on the way, the fourth is alone; the fifth would end outside the picture.
    way = np.linspace(0, 1, 20)[:, None]
    ends = {"one": (0.5, 0.3), "two": (0.52, 0.3), "three": (0.5, 0.31), "four": (0.5, -0.6)}
    ends["five"] = (0.99, 0.0)
    movers = [moving_labels.Mover(word, way * end, "right") for word, end in ends.items()]
    placed = moving_labels.place_movers(ax, movers, 4, 8.0)
    names = [mover.word for mover, _ in placed]
    assert {"one", "four"} <= set(names) and "five" not in names and len(names) < 5
    measure = style.renderer(figure)
    for k in range(20):
        boxes = []
        for mover, (offset, horizontal, vertical) in placed:
            if mover.opacity()[k] > 0:
                look = {"ha": horizontal, "va": vertical, "fontsize": 8.0}
                text = ax.annotate(
                    mover.word, mover.track[k], offset, textcoords="offset points", **look
                )
                boxes.append(text.get_window_extent(measure))
        assert not any(a.overlaps(b) for a, b in itertools.combinations(boxes, 2))
    assert len(moving_labels.place_movers(ax, movers, 1, 8.0)) == 1


def test_a_word_is_seen_only_near_where_it_ends() -> None:
    path = np.array([[0.0, 0.0], [0.3, 0.0], [0.5, 0.0], [0.7, 0.0], [1.0, 0.0]])
    opacity = moving_labels.Mover("word", path, "right").opacity()
    np.testing.assert_allclose(opacity, [0, 0, 0.5, 1, 1])


def where(picture: np.ndarray, colour: str) -> np.ndarray:
    """Return the columns of the left panels (before pixel 560) that show exactly a colour."""
    target = np.round(255 * np.array(to_rgb(colour)))
    hits = (np.abs(picture.astype(int) - target) <= 2).all(axis=2)
    return np.unique(np.nonzero(hits[:, :560])[1])


def test_a_frame_shows_the_past_alone() -> None:
    """The loss curve ends at its frame's column, and its earlier part does not change."""
    pictures, times = found()[0].frames, frame_times()
    assert {picture.shape for picture in pictures} == {(500, 900, 3)}
    left, right = 90, 558
    for k in (6, 12, FRAMES - 1):
        now = left + (right - left) * np.log(times[k] / times[0]) / np.log(times[-1] / times[0])
        columns = where(pictures[k], style.RASPBERRY)
        assert columns.max() <= now + 1 and columns.max() > now - 15
    assert len(where(pictures[0], style.RASPBERRY)) == 0
    one, other = pictures[8], pictures[16]
    now = int(left + (right - left) * 8 / (FRAMES - 1)) - 2
    panels = slice(85, 215)  # singular values of the upper row
    np.testing.assert_array_equal(one[panels, left:now], other[panels, left:now])
    assert (one[panels, now:right] != other[panels, now:right]).any()


def test_the_files_are_whole_small_and_the_same_twice(tmp_path: Path) -> None:
    written = []
    for attempt in ("a", "b"):
        paths = {kind: tmp_path / attempt / f"movie.{kind}" for kind in ("gif", "png", "csv")}
        style.save(*style.make(movie, given(), {}), **paths)
        written.append([path.read_bytes() for path in paths.values()])
    assert written[0] == written[1]
    with Image.open(tmp_path / "a" / "movie.gif") as film:
        assert (film.size, film.n_frames, film.info["loop"]) == ((900, 500), FRAMES, 0)
        durations = []
        for k in range(FRAMES):
            film.seek(k)
            durations.append(film.info["duration"])
        assert durations == [80] * (FRAMES - 1) + [2000]
        shown = np.asarray(film.convert("RGB")).astype(int)
    assert np.abs(shown - found()[0].frames[-1]).mean() < 1
    assert len(written[0][0]) < 4e6
    with Image.open(tmp_path / "a" / "movie.png") as still:
        assert still.size == (1800, 1000)
    read = pd.read_csv(tmp_path / "a" / "movie.csv")
    np.testing.assert_array_equal(read["y"].to_numpy(), found()[1]["y"].to_numpy())


def test_the_palette_keeps_the_commonest_colours() -> None:
    rng = np.random.default_rng(0)
    picture = np.full((60, 80, 3), 255, dtype=np.uint8)
    picture[:15] = (255, 252, 242)
    picture[40:] = rng.integers(0, 256, (20, 80, 3))
    palette = np.array(gif.common_palette([picture, picture]).getpalette()).reshape(-1, 3)
    assert palette[0].tolist() == [255, 255, 255] and palette[1].tolist() == [255, 252, 242]
    assert 32 < len(palette) <= gif.EXACT + gif.MIXED
