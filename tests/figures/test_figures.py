"""The figures draw what their tables hold, legibly, and with the same bytes each time."""

from __future__ import annotations

import functools
import itertools
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jinja2
import numpy as np
import pandas as pd
import pytest
import yaml
from docutils.core import publish_string
from matplotlib.figure import Figure
from matplotlib.text import Annotation, Text

from mstar.figures import fig1, fig1_rows, fig2, fig3a, fig3b, fig3b_table, fig4, fig7
from mstar.figures.drawing import curves, style
from mstar.figures.drawing.callouts import Callout, draw_callouts
from mstar.figures.drawing.labels import Candidate, nice_ceiling, place_labels
from mstar.figures.drawing.task_vector_rows import annotation_modes
from mstar.files.writing import UserError
from mstar.spectra import directions
from mstar.statistics.marchenko_pastur import CLEAR, cdf

V, D = 120, 12
LAMBDA = 400.0 * np.arange(1, D + 1) ** -0.6
TIMES = np.geomspace(0.3, 30, 40)
WORDS = ["".join(letters) for letters in itertools.product("abcdefg", "eiou", "lmnrst")][:V]
FAMILIES = ["gram6-nationality-adjective", "family", "gram7-past-tense"]


def sigmoids(times: np.ndarray, init: float) -> np.ndarray:
    """Singular values (times, D) of Lemma 3.1 at ``times`` in τ₁."""
    tau = np.log(LAMBDA[0] / init**2) / LAMBDA[0]
    decay = np.exp(-LAMBDA * tau * times[:, None])
    return np.sqrt(init**2 * LAMBDA / (LAMBDA * decay + init**2 * (1 - decay)))


def trace(init: float = 1e-12) -> pd.DataFrame:
    values = sigmoids(TIMES, init)
    table = pd.DataFrame(values, columns=[f"singular_value_{k + 1}" for k in range(D)])
    residual = 1 - (2 * LAMBDA * values**2 - values**4).sum(axis=1) / (1.5 * (LAMBDA**2).sum())
    return table.assign(time=TIMES, time_tau1=TIMES, loss=residual)


def row(seed: int = 0, mix: float = 0.0, theory: bool = False) -> fig1_rows.Row:
    """A run whose left vectors are shared up to ``mix`` and up to signs; random right rotation."""
    shared = np.random.default_rng(7).standard_normal((V, D))
    rng = np.random.default_rng(seed)
    left, _ = np.linalg.qr(shared + mix * rng.standard_normal((V, D)))
    left *= rng.choice([-1.0, 1.0], D)
    times = np.array([0.5, 1.1, 3.0])

    def rotated(values: np.ndarray) -> np.ndarray:
        return (left * values) @ np.linalg.qr(rng.standard_normal((D, D)))[0]

    snapshots = np.stack([rotated(values) for values in sigmoids(times, 1e-12)])
    final = rotated(np.sqrt(LAMBDA))
    return fig1_rows.Row(trace(), final, snapshots, times, trace() if theory else None)


def features() -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"model": model, "component": k, "words": WORDS[3 * k : 3 * k + 8]}
            for model in fig3a.MODELS
            for k in (1, 2, 30)
            if (model, k) != ("svd(PPMI)", 30)
        ]
    )


def evaluation(models: tuple[str, ...] = tuple(fig3b_table.MODELS)) -> pd.DataFrame:
    lines: list[dict[str, Any]] = []
    for (vocabulary, dim), model in itertools.product([(2000, 100), (10000, 200)], models):
        if vocabulary == 10000 and not model.startswith("svd"):
            continue
        common = {"model": model, "vocabulary": vocabulary, "dim": dim}
        for benchmark in fig3b_table.BENCHMARKS:
            if benchmark.name == "men":
                continue
            asked = {"benchmark": benchmark.name, "variant": benchmark.variant}
            score = {"questions": 50, "score": 0.42, "low": 0.3, "high": 0.55}
            if benchmark.name == "simlex999" and vocabulary == 2000:
                score = {"questions": 0, "score": np.nan, "low": np.nan, "high": np.nan}
            lines.append({**common, **asked, "category": "total", **score})
            lines.append({**common, **asked, "category": "family", **score})
    return pd.DataFrame(lines)


def fig4_inputs(pairs: int = 27, few: str = "", top_dim: int = 128) -> dict[str, Any]:
    rng = np.random.default_rng(3)
    vectors = rng.standard_normal((pairs, 128)) + 0.7 * (np.arange(128) == 1) * 6
    gram, fits = [], []
    for dim in (32, 64, 128):
        if dim > top_dim:
            continue
        eigenvalues = np.linalg.eigvalsh(vectors[:, :dim] @ vectors[:, :dim].T) / dim
        common = {"family": "gram7-past-tense", "dim": dim}
        gram += [{**common, "eigenvalue": e} for e in eigenvalues]
        fits.append({**common, "sigma2": 1.0, "gamma": pairs / dim, "d_eff": float(dim)})
        fits[-1] |= {"d_eff_moments": 1.1 * dim, "d_eff_mstar": 0.7 * dim}
    shares = vectors.mean(axis=0) ** 2
    curves = [
        {
            "family": family,
            "dim": dim,
            "pairs": 2 if family == few else 20,
            "snr": 2.0 + dim % 7,
            "accuracy": dim / 200,
        }
        for family in FAMILIES
        for dim in (4, 16, 64, 128)
        if dim <= top_dim
    ]
    words = [" ".join(WORDS[k % 100 : k % 100 + 5]) for k in range(128)]
    features = {"family": "gram7-past-tense", "mode": range(128), "share": shares, "words": words}
    return {
        "gram": pd.DataFrame(gram),
        "fits": pd.DataFrame(fits),
        "features": pd.DataFrame(features),
        "curves": pd.DataFrame(curves),
        "family": "gram7-past-tense",
        "families": FAMILIES,
        "dims": [4, 16, 64, 128],
        "histogram_dims": [32, 64, 128],
        "modes": 100,
    }


def ablations(seeds: int = 1, questions: int = 40, growth: float = 1.0) -> dict[str, fig7.Ablation]:
    """Runs of Figure 7 with given final accuracies; `growth` raises s_1 of the diverging run."""
    found = {}
    for i, name in enumerate(fig7.TITLES):
        traces, scores = [], []
        for seed in range(seeds):
            one = trace(1e-3).assign(analogy_accuracy=np.linspace(0, 0.5 + 0.1 * seed, len(TIMES)))
            one["time"] *= 0.02 * (i + 1)
            if name == "setting31":
                one["singular_value_1"] *= np.geomspace(1, growth, len(TIMES))
            one["singular_value_2"] *= 1 - 0.1 * seed
            traces.append(one)
            score = {"score": 0.3 + 0.1 * seed, "low": 0.2, "high": 0.45}
            total = {"variant": "regenerated", "category": "total", "questions": questions}
            other = {"variant": "original", "category": "total", "questions": 7, "score": 0.9}
            scores.append(pd.DataFrame([{**total, **score}, {**score, **other}]))
        found[name] = fig7.Ablation(traces, scores, 2.0)
    return found


def made(name: str) -> tuple[Figure, pd.DataFrame]:
    """Figure and table of each module from the synthetic inputs."""
    if name == "fig1":
        table = fig1.table(row(theory=True), row(1, 0.2), WORDS, modes=10)
        return fig1.draw(table), table
    if name == "fig2":
        traces = {row: [trace()] for row in fig2.ROWS}
        table = fig2.table({"large": traces, "small": traces}, {"large": 0.1, "small": 1e-12})
        return fig2.draw(table), table
    if name == "fig3a":
        table = fig3a.table(features())
        return fig3a.draw(table), table
    if name == "fig3b":
        table = fig3b_table.table(evaluation())
        return fig3b.draw(table), table
    if name == "fig7":
        table = fig7.table(ablations())
        return fig7.draw(table), table
    table = fig4.table(**fig4_inputs())
    return fig4.draw(table), table


@functools.cache
def shared(name: str) -> tuple[Figure, pd.DataFrame]:
    """`made`, once for all tests that only look."""
    return made(name)


def lines(figure: Figure) -> dict[tuple[int, str], np.ndarray]:
    """(points, 2) data of every line that carries a gid, by (axes number, gid)."""
    return {
        (i, str(line.get_gid())): np.asarray(line.get_xydata())
        for i, ax in enumerate(figure.axes)
        for line in ax.get_lines()
        if line.get_gid()
    }


def assert_texts_apart(figure: Figure, texts: list[Any]) -> None:
    measure = style.renderer(figure)
    boxes = [text.get_window_extent(measure) for text in texts]
    for (i, a), (j, b) in itertools.combinations(enumerate(boxes), 2):
        assert not a.overlaps(b), (texts[i].get_text(), texts[j].get_text())


def assert_nothing_cut(figure: Figure) -> None:
    """The outermost pixels are blank: no text or line runs off the picture."""
    figure.canvas.draw()
    pixels = np.asarray(figure.canvas.buffer_rgba())  # type: ignore[attr-defined]
    for edge in (pixels[:2], pixels[-2:], pixels[:, :2], pixels[:, -2:]):
        assert (edge == 255).all()


@pytest.mark.parametrize("name", ["fig1", "fig2", "fig3a", "fig3b", "fig4", "fig7"])
def test_files_are_whole_readable_and_the_same_twice(name: str, tmp_path: Path) -> None:
    written: list[list[bytes]] = []
    for attempt in ("a", "b"):
        figure, table = made(name)
        paths = [tmp_path / attempt / f"{name}.{suffix}" for suffix in ("pdf", "png", "csv")]
        style.save(figure, table, *paths)
        written.append([path.read_bytes() for path in paths])
        assert sorted(path.name for path in paths[0].parent.iterdir()) == sorted(
            path.name for path in paths
        )
    assert written[0] == written[1]
    pdf, png, csv = written[0]
    assert pdf.startswith(b"%PDF") and png.startswith(b"\x89PNG") and len(csv) > 100
    assert b"CreationDate" not in pdf and b"Software" not in png
    read = pd.read_csv(tmp_path / "a" / f"{name}.csv", keep_default_na=False, na_values=[""])
    assert len(read) == len(table) and list(read.columns) == list(table.columns)
    for column in table.columns:
        if pd.api.types.is_float_dtype(table[column]):
            np.testing.assert_array_equal(
                read[column].to_numpy(float), table[column].to_numpy(float)
            )


@pytest.mark.parametrize("name", ["fig1", "fig2", "fig3a", "fig3b", "fig4", "fig7"])
def test_no_text_is_cut(name: str) -> None:
    figure, _ = shared(name)
    assert_nothing_cut(figure)


def test_a_failed_save_leaves_nothing(tmp_path: Path) -> None:
    figure, _ = shared("fig3a")
    with pytest.raises(AttributeError):
        style.save(figure, None, tmp_path / "a.pdf", tmp_path / "a.png", tmp_path / "a.csv")  # type: ignore[arg-type]
    assert not (tmp_path / "a.csv").exists()
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_fig1_draws_its_table() -> None:
    figure, table = shared("fig1")
    drawn = lines(figure)
    for start, name in ((0, "QWEM"), (5, "word2vec")):
        rows = table[table["row"] == name]
        for series in rows["series"].unique():
            curves = rows[(rows["series"] == series) & (rows["panel"] == "singular values")]
            for mode, curve in curves.groupby("mode"):
                np.testing.assert_array_equal(
                    drawn[start + 1, f"{series} {mode}"], curve[["time", "y"]].to_numpy()
                )
            loss = rows[(rows["series"] == series) & (rows["panel"] == "loss")]
            np.testing.assert_array_equal(drawn[start, series], loss[["time", "y"]].to_numpy())
        for j, (time, cloud) in enumerate(rows[rows["panel"] == "snapshot"].groupby("time")):
            np.testing.assert_array_equal(
                drawn[start + 2 + j, "words"], cloud[["x", "y"]].to_numpy()
            )
            assert f"{time:g}" in figure.axes[start + 2 + j].get_title()
    # The theory belongs to the row it describes, and one window serves all panels.
    assert set(table.loc[table["series"] == "theory", "row"]) == {"QWEM"}
    windows = {figure.axes[i].get_xlim() + figure.axes[i].get_ylim() for i in (2, 3, 4, 7, 8, 9)}
    assert len(windows) == 1


def test_fig1_coordinates_ignore_rotations_and_signs() -> None:
    """Rows of the same left vectors give the same clouds, whatever their signs and right bases."""
    table = fig1.table(row(0), row(5), WORDS)
    clouds = table[table["panel"] == "snapshot"]
    qwem, word2vec = (clouds[clouds["row"] == name] for name in fig1.ROWS)
    assert list(qwem["word"]) == list(word2vec["word"])
    np.testing.assert_allclose(qwem[["x", "y"]], word2vec[["x", "y"]], atol=2e-5)
    # Along direction k the words spread by s_k at each time; rows of the table are a subset, so
    # check on the whole cloud.
    one = row(0)
    _, right = directions.principal_directions(one.embedding)
    whole = directions.turned(one.snapshots[-1], one.embedding) @ right
    np.testing.assert_allclose(
        np.linalg.norm(whole, axis=0), sigmoids(np.array([3.0]), 1e-12)[0], rtol=1e-6, atol=1e-9
    )


def test_fig1_labels_are_extreme_and_apart() -> None:
    figure, table = shared("fig1")
    last = table[(table["panel"] == "snapshot") & (table["time"] == 3.0)]
    total = last.groupby("word")[["x", "y"]].sum()
    first = last[(last["side"] == "top") & (last["rank"] == 1)]["word"].iloc[0]
    assert first == total["y"].idxmax()
    for i in (2, 3, 4, 7, 8, 9):
        named = [t for t in figure.axes[i].texts if isinstance(t, Annotation)]
        assert_texts_apart(figure, named)
        assert len(named) <= 24
        half = figure.axes[i].get_xlim()[1]
        assert all(np.hypot(*t.xy) > 0.27 * half for t in named)
    assert len(figure.axes[4].texts) >= 8 and not figure.axes[2].texts


def test_fig1_refuses_what_does_not_fit() -> None:
    with pytest.raises(UserError, match="fit"):
        fig1.table(row(), row(1), WORDS[:-1])
    late = row()
    late = fig1_rows.Row(
        late.trace, late.embedding, late.snapshots, late.snapshot_times * 1000, late.theory
    )
    with pytest.raises(UserError, match="no time recorded"):
        fig1.table(late, row(1), WORDS)


def test_fig2_draws_its_table() -> None:
    figure, table = shared("fig2")
    drawn = lines(figure)
    assert table["time"].min() >= 0.5 and table["time"].max() <= 30.0
    panels = itertools.product(fig2.ROWS, fig2.COLUMNS)
    for i, (name, column) in enumerate(panels):
        rows = table[(table["row"] == name) & (table["column"] == column)]
        for k in range(1, D + 1):
            np.testing.assert_array_equal(
                drawn[i, f"singular_value_{k}"], rows[["time", f"singular_value_{k}"]].to_numpy()
            )
    assert len({ax.get_ylim() for ax in figure.axes}) == 1
    assert "10^{-12}" in figure.axes[1].get_title() and "10^{-1}" in figure.axes[0].get_title()


def test_fig2_says_which_run_is_missing() -> None:
    table = fig2.table({"small": {"QWEM": [trace()]}}, {"small": 3e-2})
    figure = fig2.draw(table)
    said = [ax for ax in figure.axes if any(t.get_text() == "not run" for t in ax.texts)]
    assert len(said) == 5
    assert fig2.power_of_ten(3e-2) == r"3\times 10^{-2}"


def test_a_band_spans_the_seeds() -> None:
    """Figures 1 and 2: one seed draws no band; of several, the range, and the first as the line."""
    assert not [c for c in shared("fig2")[1].columns if c.endswith(("_low", "_high"))]
    assert shared("fig1")[1][["low", "high"]].isna().all(axis=None)
    first, second = trace(1e-12), trace(1e-8)
    whole = curves.spread([first, second], "x")
    assert whole[list(first.columns)].equals(first)
    np.testing.assert_array_equal(whole["loss_low"], np.minimum(first["loss"], second["loss"]))
    table = fig2.table({"small": {"QWEM": [first, second]}}, {"small": 1e-12})
    rows = table.set_index("time")
    both = pd.concat([first, second]).groupby("time_tau1")["singular_value_3"]
    for column, expected in (("low", both.min()), ("high", both.max())):
        expected.index = [float(f"{t:.6g}") for t in expected.index]
        drawn = rows[f"singular_value_3_{column}"]
        np.testing.assert_allclose(drawn, expected[drawn.index], rtol=1e-5)
    panel = fig2.draw(table).axes[3]
    assert len(panel.collections) == len([g for g in panel.get_lines() if g.get_gid()]) == D
    one = row()
    spread = fig1_rows.Row(whole, one.embedding, one.snapshots, one.snapshot_times)
    figure = fig1.draw(fig1.table(spread, row(1), WORDS, modes=4))
    assert [len(ax.collections) for ax in figure.axes[:2] + figure.axes[5:7]] == [1, 4, 0, 0]
    with pytest.raises(UserError, match="same times"):
        curves.spread([first, second.iloc[1:]], "x")


def test_fig7_draws_its_table_each_run_against_its_own_time() -> None:
    figure, table = shared("fig7")
    drawn = lines(figure)
    for i, (name, (low, high)) in enumerate(fig7.SPANS.items()):
        rows = table[table["run"] == name]
        values = rows[rows["quantity"] == "singular value"]
        for mode, curve in values.groupby("mode"):
            np.testing.assert_array_equal(
                drawn[i, f"singular_value_{mode}"], curve[["time", "y"]].to_numpy()
            )
        # Lines reach the edges of the axis, and no further than the next time recorded.
        limits = figure.axes[i].get_xlim()
        assert limits[0] == pytest.approx(values["time"].min()) and limits[1] == min(high, 30.0)
        assert low <= values["time"].min() and values["time"].max() >= limits[1] * (1 - 1e-6)
        single = rows[rows["mode"].isna()].set_index("quantity")
        assert single.loc["tau_1", "y"] == pytest.approx(0.02 * (i + 1))
        accuracy = single.loc["final accuracy"]
        assert list(accuracy[["time", "y", "low", "high", "questions"]]) == [30, 0.3, 0.2, 0.45, 40]
        assert single.loc["best accuracy", "y"] == 0.5
        small = " ".join(text.get_text() for text in figure.axes[i].texts)
        assert "40 analogies" in small and "30.0 % [20.0, 45.0]" in small and "k = 2" in small
        assert ("(beyond the axis)" in small) == (high < 30)  # both accuracies are those of 30
        assert "leave" not in small


def test_fig7_keeps_its_axis_when_a_run_diverges() -> None:
    table = fig7.table(ablations(growth=50.0))
    figure = fig7.draw(table)
    limits = {ax.get_ylim() for ax in figure.axes}
    assert limits == {shared("fig7")[0].axes[0].get_ylim()}
    said = [t.get_text() for t in figure.axes[2].texts if "leave" in t.get_text()]
    value = table[(table["run"] == "setting31") & (table["mode"] == 1) & (table["time"] <= 9)]
    assert len(said) == 1 and f"s_1 = {value['y'].iloc[-1]:.3g}" in said[0]
    assert_nothing_cut(figure)


def test_fig7_over_seeds_and_without_questions() -> None:
    table = fig7.table(ablations(seeds=2))
    seeds = table[table["quantity"] == "final accuracy, all seeds"]
    assert seeds[["low", "high", "seeds"]].drop_duplicates().to_numpy().tolist() == [[0.3, 0.4, 2]]
    second = table[(table["mode"] == 2) & (table["run"] == "qwem")]
    np.testing.assert_allclose(second["low"], 0.9 * second["y"], rtol=1e-4)
    np.testing.assert_allclose(second["high"], second["y"])
    figure = fig7.draw(table)
    assert "(30.0 – 40.0, 2 seeds)" in figure.axes[0].texts[0].get_text()
    assert_nothing_cut(figure)
    none = fig7.draw(fig7.table(ablations(questions=0)))
    assert "no analogy" in none.axes[0].texts[0].get_text()


def test_mode_style_follows_the_rule() -> None:
    assert style.mode_style(7, style.SCHEME1)["color"] == style.SCHEME1[2]
    alphas = [style.mode_style(k, style.SCHEME0)["alpha"] for k in (0, 9, 10, 20, 21, 40)]
    assert alphas == [1.0, 1.0, 0.3, 1.0, 0.3, 1.0]


def test_fig3a_prints_every_word_and_explains_gaps() -> None:
    figure, table = shared("fig3a")
    text = " ".join(t.get_text() for t in figure.texts)
    for cell in table[list(fig3a.MODELS)].to_numpy().ravel():
        for word in filter(None, str(cell).split(", ")):
            assert word in text
    assert "fewer components" in text
    assert_texts_apart(figure, figure.texts)
    with pytest.raises(UserError, match="no words"):
        fig3a.table(features().assign(model="other"))


def test_fig3b_holds_totals_and_explains_gaps() -> None:
    figure, table = shared("fig3b")
    assert len(table) == (7 + 3) * len(fig3b_table.BENCHMARKS)
    assert list(table["vocabulary"].unique()) == [2000, 10000]
    texts = [t.get_text() for t in figure.texts]
    assert texts.count("42.0") == 2 * (7 + 3) and ".420" in texts
    assert any("sum: input plus output" in text for text in texts)
    assert any(text.startswith(fig3b.ABSENT) for text in texts)  # MEN's file was not given
    assert any(text.startswith(fig3b.EMPTY) for text in texts)  # no SimLex word at the small V
    assert any("misprint" in text for text in texts)
    assert set(table.loc[table["paper"].notna(), "vocabulary"]) == {10000}
    assert any("not comparable at another V" in text for text in texts)
    assert_texts_apart(figure, figure.texts)


def test_fig3b_shows_the_spread_over_seeds_and_what_differs() -> None:
    scores = evaluation()
    second = scores[scores["model"] == "qwem"].assign(seed=2, score=lambda t: t["score"] + 0.01)
    both = pd.concat([scores.assign(seed=1), second])
    told = {"vocabulary": 10000, "dim": 200, "benchmark": "google", "variant": "original"}
    compared = pd.DataFrame(
        [
            {**told, "model": "svd_mstar", "other": "svd_ppmi", "difference": 0.1, "p": 0.01},
            {**told, "model": "svd_mstar", "other": "svd_pmi", "difference": 0.2, "p": 0.06},
        ]
    )
    table = fig3b_table.table(both, compared)
    asked = table[(table["benchmark"] == "google") & (table["variant"] == "original")]
    qwem = asked[asked["model"] == "qwem"].iloc[0]
    assert (qwem["seeds"], qwem["seed_low"], qwem["seed_high"]) == (2, qwem["score"], 0.43)
    large = asked[asked["vocabulary"] == 10000].set_index("model")
    assert large["difference"].to_dict()["svd_ppmi"] == -0.1  # below svd(M*), seen from svd(PPMI)
    assert large["difference"].isna().sum() == len(large) - 2
    figure = fig3b.draw(table)
    texts = [t.get_text() for t in figure.texts]
    assert texts.count("↓") == 1 and "↑" not in texts  # .06 is no difference
    assert sum("seeds 42.0 – 43.0" in text for text in texts) >= 1
    assert_texts_apart(figure, figure.texts)


def test_fig3b_says_where_eigenvalues_are_too_few() -> None:
    scores = evaluation()
    few = (scores["model"] == "svd_ppmi") & (scores["vocabulary"] == 10000)
    table = fig3b_table.table(scores.assign(rank=scores["dim"].where(~few, 7)))
    figure = fig3b.draw(table)
    texts = [t.get_text() for t in figure.texts]
    assert texts.count("rank 7 §") == 1
    assert sum(text.startswith("§  its matrix has fewer positive") for text in texts) == 1
    assert_texts_apart(figure, figure.texts)


def test_fig3b_with_few_models() -> None:
    table = fig3b_table.table(evaluation(("svd_mstar",)))
    assert set(table["label"]) == {"svd(M*)"}
    fig3b.draw(table)
    with pytest.raises(UserError, match="no evaluation"):
        fig3b_table.table(evaluation().assign(model="other"))
    twice = pd.concat([evaluation(), evaluation()])
    with pytest.raises(UserError, match="expected one"):
        fig3b_table.table(twice)


@pytest.mark.parametrize(
    ("value", "percent", "text"),
    [
        (0.663, True, "66.3"),
        (0.755, False, ".755"),
        (-0.0755, False, "−.075"),
        (1.0, False, "1.000"),
    ],
)
def test_scores_are_printed_as_in_the_paper(value: float, percent: bool, text: str) -> None:
    assert fig3b.formatted(value, percent) in (text, text.replace("075", "076"))


def test_fig4_draws_its_table() -> None:
    figure, table = shared("fig4")
    histograms = [ax for ax in figure.axes if any(p.get_gid() == "histogram" for p in ax.patches)]
    assert len(histograms) == 3
    for ax, dim in zip(histograms, (32, 64, 128), strict=True):
        rows = table[(table["panel"] == "histogram") & (table["dim"] == dim)]
        heights = [p.get_height() for p in ax.patches if p.get_gid() == "histogram"]
        np.testing.assert_array_equal(heights, rows["y"])
        assert sum(heights) == 27  # every task vector's eigenvalue is in the picture
    bars = [p for ax in figure.axes for p in ax.patches if p.get_gid() == "modes"]
    modes = table[table["panel"] == "mode"]
    assert len(modes) == 100 and modes["y"].sum() == pytest.approx(1, abs=1e-4)
    np.testing.assert_array_equal([p.get_height() for p in bars], modes["y"])
    said = [text.get_text() for ax in histograms for text in ax.texts]
    # d = 32, without a fit
    assert any("35 from moments" in text and "22 from" in text for text in said)
    # The mean is strong: beyond the edge of the law at every d.
    assert [ax.texts[0].get_gid() for ax in histograms] == ["outlier"] * 3
    drawn = {gid: data for (_, gid), data in lines(figure).items()}
    for panel, family in itertools.product(("snr", "accuracy"), FAMILIES):
        rows = table[(table["panel"] == panel) & (table["family"] == family)]
        np.testing.assert_array_equal(drawn[f"{panel} {family}"], rows[["x", "y"]].to_numpy())


def test_fig4_marks_the_largest_eigenvalue_where_claims_call_it_an_outlier() -> None:
    inputs = fig4_inputs()
    largest = inputs["gram"].groupby("dim")["eigenvalue"].max()
    gamma = 27 / largest.index.to_numpy()
    for share, marked in ((CLEAR + 0.01, [32, 64, 128]), (CLEAR - 0.01, [])):
        edges = largest.to_numpy() / share
        inputs["fits"]["gamma"] = gamma
        inputs["fits"]["sigma2"] = edges / (1 + np.sqrt(gamma)) ** 2
        table = fig4.table(**inputs)
        assert table.loc[table["panel"] == "outlier", "dim"].tolist() == marked
        figure = fig4.draw(table)
        words = [text.get_text() for ax in figure.axes for text in ax.texts]
        assert words.count("outlier") == len(marked)
        assert_nothing_cut(figure)
    claims = yaml.safe_load((REPORT.parents[1] / "config" / "claims.yaml").read_text())
    expected = {claim["expected"] for claim in claims if claim["measure"] == "outlier"}
    assert expected == {CLEAR}


@pytest.mark.parametrize("n", [None, 26])
def test_marchenko_pastur_curve_has_the_area_of_its_eigenvalues(n: int | None) -> None:
    inputs = fig4_inputs()
    if n is not None:
        inputs["fits"]["n"] = n
    table = fig4.table(**inputs)
    figure = fig4.draw(table)
    width = float(table.loc[table["panel"] == "histogram", "width"].iloc[0])
    end = fig4.BINS * width
    curves = [data for (_, gid), data in lines(figure).items() if gid == "law"]
    assert len(curves) == len(inputs["fits"])
    for data, fit in zip(curves, inputs["fits"].to_dict("records"), strict=True):
        law = (fit["sigma2"], fit["gamma"])
        mass = float(np.diff(cdf(np.array([1e-12, end]), *law))[0])
        area = np.trapezoid(data[:, 1], data[:, 0])
        assert area == pytest.approx((n or 27) * width * mass, rel=5e-3)


def test_fig4_states_what_is_missing() -> None:
    table = fig4.table(**fig4_inputs(few="family", top_dim=64))
    missing = table.loc[table["panel"].str.startswith("missing"), "panel"]
    assert set(missing) == {"missing", "missing histogram", "missing curves"}
    figure = fig4.draw(table)
    texts = [t.get_text() for t in figure.findobj(lambda artist: hasattr(artist, "get_text"))]
    assert any("2 pairs: too few" in text for text in texts)
    assert any("128" in text and "beyond" in text for text in texts)
    assert any("128" in text and "not computed" in text for text in texts)
    assert_nothing_cut(figure)
    # Colours keep the order of the families, so that a missing one does not shift the others.
    colours = {
        line.get_gid(): line.get_color()
        for ax in figure.axes
        for line in ax.get_lines()
        if line.get_gid()
    }
    assert colours["snr gram7-past-tense"] == "tab:green"


def test_fig4_without_any_pair() -> None:
    inputs = fig4_inputs()
    inputs["gram"] = inputs["gram"].iloc[:0]
    inputs["fits"] = inputs["fits"].iloc[:0]
    inputs["features"]["share"] = np.nan
    inputs["curves"]["pairs"] = 0
    figure = fig4.draw(fig4.table(**inputs))
    texts = [t.get_text() for ax in figure.axes for t in ax.texts]
    assert any("too few" in text for text in texts)
    assert any("no task vector" in text for text in texts)
    inputs["curves"] = inputs["curves"].iloc[:0]
    with pytest.raises(UserError, match="no pair"):
        fig4.table(**inputs)


@pytest.mark.parametrize("modes", [(0, 1, 2, 3), (1, 11, 18, 20), (90, 95, 99), (0, 40, 60, 99)])
def test_callouts_keep_apart(modes: tuple[int, ...]) -> None:
    bars = np.full(100, 0.02)
    bars[list(modes)] = np.linspace(0.2, 0.08, len(modes))
    figure = style.new_figure(6, 3)
    ax = figure.add_subplot()
    ax.set_xlim(-1.5, 101)
    ax.bar(range(100), bars)
    draw_callouts(
        ax, [Callout(m, bars[m], "five words, of some\nlength, here") for m in modes], bars
    )
    assert len(ax.texts) == len(modes)
    measure = style.renderer(figure)
    frame = ax.get_window_extent(measure)
    boxes = []
    for text in ax.texts:
        assert isinstance(text, Annotation)
        text.update_positions(measure)
        boxes.append(Text.get_window_extent(text, measure))  # the words without the arrow
    for box in boxes:
        assert box.x0 >= frame.x0 and box.x1 <= frame.x1 and box.y1 <= frame.y1
    for (i, one), other in itertools.product(enumerate(boxes), range(len(boxes))):
        if i == other:
            continue
        assert not one.overlaps(boxes[other])
        # The vertical part of an arrow, from its bend down to its bar, meets no other words.
        top = (boxes[other].y0 + boxes[other].y1) / 2
        x, foot = ax.transData.transform(ax.texts[other].xy)  # type: ignore[attr-defined]
        assert not (one.x0 < x < one.x1 and foot < one.y1 and one.y0 < top)


def test_annotation_modes_are_tall_and_separate() -> None:
    shares = np.zeros(100)
    shares[[1, 0, 20, 11, 18, 19]] = [0.184, 0.08, 0.078, 0.055, 0.03, 0.05]
    assert annotation_modes(shares) == [1, 11, 18, 20]
    assert annotation_modes(np.full(5, np.nan)) == []


def test_labels_skip_what_would_overlap() -> None:
    figure = style.new_figure(3, 3)
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set(xlim=(-1, 1), ylim=(-1, 1))
    crowd = [Candidate(f"word{i}", 0.001 * i, 0.0, "top") for i in range(30)]
    placed = place_labels(ax, [*crowd, Candidate("far", 0.5, 0.5, "top")], quota=10)
    names = [text.get_text() for text in placed]
    assert "word0" in names and "far" in names and len(names) < 8
    assert_texts_apart(figure, placed)
    assert len(place_labels(ax, [Candidate("x", 0, -0.9, "top")] * 3, quota=0)) == 0


@pytest.mark.parametrize(("value", "ceiling"), [(1.0, 1.0), (1.2, 1.5), (2.6, 3.0), (0.013, 0.015)])
def test_nice_ceiling(value: float, ceiling: float) -> None:
    assert nice_ceiling(value) == pytest.approx(ceiling)


REPORT = Path(__file__).parents[2] / "workflow" / "report"


@pytest.mark.parametrize("caption", sorted(path.name for path in REPORT.glob("*.rst")))
@pytest.mark.parametrize("figures", [True, False])
def test_captions_render(caption: str, figures: bool) -> None:
    """As Snakemake renders them: Jinja with one variable, then reStructuredText with no warning."""
    config: dict[str, Any] = {
        "corpus": "some-corpus",
        "vocabulary": 1234,
        "window": 5,
        "dim": 20,
        "dynamics": {"vocabulary": 321, "dim": 10},
    }
    if figures:
        config["figures"] = {
            "fig1": {"qwem": "qwem_small", "word2vec": "sgns_small"},
            "fig3a": {"words": 8, "candidates": 4000},
            "fig4": {"family": "gram7-past-tense"},
            "fig5": {"modes": 64},
            "fig6": {"dim": 256},
            "spectra": {"modes": 200, "fit_from": 10},
            "fig7": dict.fromkeys(("sgns", "quartic", "setting31", "qwem"), "some_run"),
        }
    template = jinja2.Template((REPORT / caption).read_text(), undefined=jinja2.StrictUndefined)
    snakemake = SimpleNamespace(config=config, wildcards={}, params={})
    text = template.render(snakemake=snakemake)
    assert "some-corpus" in text
    publish_string(text, writer="null", settings_overrides={"halt_level": 2, "report_level": 2})
