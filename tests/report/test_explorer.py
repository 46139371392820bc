"""The explorer page: its numbers against the theory, and its behaviour in a real browser."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from playwright.sync_api import Browser, Page, expect
from plotly.offline import get_plotlyjs

from mstar.corpus.vocabulary import read_vocabulary
from mstar.dynamics import theory
from mstar.dynamics.schedule import steps_until
from mstar.prediction import features
from mstar.report.explorer import ends, pack, page_data, quantise, render, sources, unpack
from mstar.spectra import spectrum
from mstar.spectra.spectrum import Spectrum
from mstar.training import closed_form
from tests.support.browser import find_browser, open_browser

INIT, DIM, DRAWN = 1e-12, 16, 300  # of the smoke configuration

LEARNING_RATE, NEGATIVE = 5.0, 1.0  # of the smoke configuration
STEPS: Any = {"known": 4, "learning_rate": LEARNING_RATE, "drops": [], "negative": NEGATIVE}


def toy(eigenvalues: list[float], vocabulary: int, seed: int = 0) -> Spectrum:
    """Return eigenpairs of a matrix with the given leading eigenvalues and negligible others."""
    noise = np.random.default_rng(seed).standard_normal((vocabulary, len(eigenvalues)))
    lam = np.array(eigenvalues)
    norm = 1.1 * float((lam**2).sum())
    return Spectrum(lam, np.linalg.qr(noise)[0], np.zeros(len(lam)), norm)


def trace_loss(values: Spectrum, dim: int, time: float) -> float:
    """Return the loss at a time in tau_1, as recorded by the configured runs."""
    run = closed_form.sigmoid(values, dim, INIT, np.array([time]), [], lambda _: 0.0)
    return float(run.trace["loss"].iloc[0])


# --- the page's data ---


@given(arrays(np.float64, (7, 3), elements=st.floats(-1, 1, width=32)))
def test_quantised_vectors_come_back_within_half_a_step(vectors: NDArray[np.float64]) -> None:
    integers, scales = quantise(vectors)
    back = unpack(pack(integers), "int16").reshape(3, 7).T * unpack(pack(scales), "float64")
    most = np.abs(vectors).max(axis=0)
    assert (np.abs(back - vectors) <= most / 65534 * (1 + 1e-9)).all()


@pytest.mark.parametrize("dtype", ["int16", "float64", ">i2", ">f8"])
def test_packed_numbers_are_little_endian_row_by_row(dtype: str) -> None:
    array = np.array([[1, -2], [300, 4]], dtype=dtype).T
    found = unpack(pack(array), np.dtype(dtype).newbyteorder("=").name)
    assert found.tolist() == [1, 300, -2, 4]
    assert pack(np.array([1, 256], dtype="int16")) == "AQAAAQ=="  # 01 00 00 01


def test_ends_are_the_outermost_words_of_each_sign() -> None:
    vector = np.array([0.1, -0.5, 0.3, 0.3, 0.0, -0.2, 0.4])
    assert ends(vector, 3) == ([6, 2, 3], [1, 5])
    assert ends(np.abs(vector), 2) == ([1, 6], [])


def test_the_page_has_the_learning_times_of_the_theory() -> None:
    values = toy([9.0, 4.0, 4.0, 0.5, 0.02, -1.0], 12)
    data = page_data(values, list("abcdefghijkl"), init=0.1, dim=5, modes=9, drawn=99, **STEPS)
    assert unpack(data["eigenvalues"], "float64").tolist() == [9.0, 4.0, 4.0, 0.5, 0.02]
    tau = np.log(np.array([9.0, 4.0, 4.0, 0.5, 0.02]) / 0.01) / [9.0, 4.0, 4.0, 0.5, 0.02]
    np.testing.assert_allclose(unpack(data["learningTimes"], "float64"), tau / tau[0], rtol=1e-15)
    assert data["unit"] == pytest.approx(np.log(900) / 9)
    assert (data["asked"], data["shown"], data["drawn"]) == (9, 5, 12)
    assert data["span"][1] == pytest.approx(1.3 * tau[-1] / tau[0], rel=0.05)
    # One step: 2 (1 + k) eta / ||M*||^2.
    assert data["step"] == pytest.approx(20 / values.squared_norm)


def test_features_are_called_and_timed_as_the_prediction_does() -> None:
    values, words = toy([9.0, 4.0, 4.0, 0.5, 0.02, -1.0], 12), list("abcdefghijkl")
    data = page_data(values, words, init=0.1, dim=5, modes=3, drawn=9, **{**STEPS, "known": 5})
    counts = np.arange(12, 0, -1)
    table = features.features(values.leading(5), words, counts, init=0.1, learning_rate=5.0)
    assert data["names"] == table["name"].tolist()[:3]


def test_modes_that_do_not_grow_are_no_features() -> None:
    lam = np.array([9.0, 0.02, 0.01, -0.1])
    words = list("abcdefghijkl")
    for dim, grown in ((4, 2), (1, 1)):
        data = page_data(toy(lam.tolist(), 12), words, init=0.1, dim=dim, modes=4, drawn=1, **STEPS)
        assert data["shown"] == grown
        assert unpack(data["eigenvalues"], "f8").tolist() == lam[:grown].tolist()
    assert data["word2vec"] is None
    with pytest.raises(ValueError, match="3 words for 12 rows"):
        page_data(toy([1.0], 12), ["a", "b", "c"], init=0.1, dim=1, modes=1, drawn=1, **STEPS)


# --- in a browser ---


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    executable = find_browser()
    if executable is None:
        missing = "no Chromium on this machine to look at the page with"
        if "CI" in os.environ:
            pytest.fail(missing)
        pytest.skip(missing)
    with open_browser(executable) as opened:
        yield opened


class Visit:
    """A page in the browser, with a record of its errors and requests."""

    def __init__(self, browser: Browser, file: Path, width: int) -> None:
        self.address, self.problems, self.turns = file.as_uri(), list[str](), 0
        self.page: Page = browser.new_page(viewport={"width": width, "height": 844})
        self.page.on("console", lambda message: self.problems.append(message.text))
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("dialog", lambda dialog: (self.problems.append("dialog"), dialog.dismiss()))
        self.page.on("request", lambda request: self._asked(request.url))

    def _asked(self, url: str) -> None:
        if not url.startswith(("data:", self.address)):
            self.problems.append(url)

    def load(self, chosen: str = "") -> None:
        self.page.goto(f"{self.address}#{chosen}")

    def turn_to(self, chosen: str) -> None:
        """Go to another address of the loaded page; return when the page has updated."""
        self.turns += 1
        self.page.evaluate(
            """(address) => new Promise((followed) => {
              addEventListener("hashchange", () => followed(), { once: true });
              location.hash = address;
            })""",
            f"{chosen}&turn={self.turns}",
        )

    def text(self, id: str) -> str:
        return self.page.locator(f"#{id}").inner_text()

    def number(self, id: str) -> float:
        return float(self.text(id).replace(",", "").replace("%", ""))

    def texts(self, selector: str) -> list[str]:
        return [text.strip() for text in self.page.locator(selector).all_text_contents()]


@pytest.fixture(scope="module")
def file(smoke: Path) -> Path:
    return smoke / "results" / "report" / "smoke" / "explorer.html"


@pytest.fixture(scope="module")
def values(smoke: Path) -> Spectrum:
    return spectrum.load(smoke / "results/smoke/v800-l16/mstar/spectrum.npz")


@pytest.fixture(scope="module")
def words(smoke: Path, values: Spectrum) -> list[str]:
    found = read_vocabulary(smoke / "results/smoke/vocabulary.tsv")[0]
    return found[: len(values.eigenvectors)]


@pytest.fixture(scope="module", params=[390, 1440])
def tab(browser: Browser, file: Path, request: pytest.FixtureRequest) -> Iterator[Visit]:
    visit = Visit(browser, file, request.param)
    visit.load()
    yield visit
    visit.page.close()


@pytest.fixture
def visit(tab: Visit) -> Iterator[Visit]:
    """Yield the page at one width; no test may leave it with errors or sideways scrolling."""
    tab.turn_to("k=1")
    yield tab
    inside = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    assert tab.page.evaluate(inside), "the page scrolls sideways"
    assert tab.problems == []


def test_the_page_says_what_it_is(visit: Visit, file: Path) -> None:
    page = visit.page
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.title() == "What QWEM, a model of word2vec, learns from smoke, feature by feature"
    assert page.locator("a[href='report.html']").count() == 1
    assert page.locator("h1").count() == 1
    assert page.locator("#fewer").count() == 0
    assert file.stat().st_size < 9e6
    nameless = """[...document.querySelectorAll('input, button, canvas')].filter((e) =>
        e.tagName === 'CANVAS' ? !e.closest('[role=img][aria-labelledby]')
        : !(e.labels?.length || e.getAttribute('aria-label') || e.textContent.trim()))"""
    assert page.evaluate(f"{nameless}.map((e) => e.id || e.outerHTML)") == []
    page.locator("#k").focus()
    page.keyboard.press("Tab")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_the_page_follows_lemma_3_1(visit: Visit, values: Spectrum) -> None:
    tau = np.asarray(theory.time_constant(values.eigenvalues[:DIM], INIT**2))
    times = [0.5, 1.0, 1.37, 4.0]
    found = visit.page.evaluate("(ts) => ts.map((t) => Array.from(model.squares(t)))", times)
    lam, start = values.eigenvalues[:DIM], np.full(DIM, INIT**2)
    expected = theory.sigmoid_squares(lam, start, np.array(times) * tau[0])
    np.testing.assert_allclose(found, expected, rtol=1e-11)
    losses = visit.page.evaluate("(ts) => ts.map(model.loss)", times)
    expected_losses = [trace_loss(values, DIM, t) for t in times]
    np.testing.assert_allclose(losses, expected_losses, rtol=0, atol=1e-12)
    found_tau = visit.page.evaluate("Array.from(model.learningTimes)")
    np.testing.assert_allclose(found_tau, tau / tau[0], rtol=1e-14)


def check_feature(visit: Visit, k: int, values: Spectrum, words: list[str]) -> None:
    """Check the page's values for feature k (from 1) against the spectrum."""
    lam, vector = float(values.eigenvalues[k - 1]), values.eigenvectors[:, k - 1]
    tau = theory.time_constant(values.eigenvalues[[0, k - 1]], INIT**2)
    expect(visit.page.locator("#k")).to_have_value(str(k))
    expect(visit.page.locator("#k-slider")).to_have_value(str(k))
    assert visit.number("eigenvalue") == pytest.approx(lam, rel=6e-4)
    assert visit.number("share") == pytest.approx(100 * lam**2 / values.squared_norm, rel=6e-3)
    assert visit.number("tau") == pytest.approx(tau[1] / tau[0], rel=6e-4)
    per_step = features.step_time(values.squared_norm, LEARNING_RATE, NEGATIVE)
    assert visit.number("step") == pytest.approx(tau[1] / per_step, rel=6e-3)
    named = {word for part in visit.text("name").split(" / ") for word in part.split(", ")}
    assert named <= set(words)
    for side, sign in (("positive", 1), ("negative", -1)):
        order = np.argsort(-sign * vector, kind="stable")[:10]
        assert visit.texts(f"#{side} .link") == [words[i] for i in order]
        shown = [float(text.replace("−", "-")) for text in visit.texts(f"#{side} .value")]
        np.testing.assert_allclose(shown, vector[order], atol=6e-5)
    said = f"Feature {k}, {visit.text('name')}: eigenvalue {visit.text('eigenvalue')}"
    assert said in visit.text("feature-status")


def test_a_feature_is_chosen_by_keyboard(visit: Visit, values: Spectrum, words: list[str]) -> None:
    check_feature(visit, 1, values, words)
    assert visit.page.locator("#k-previous").is_disabled()
    visit.page.locator("#k").fill("4")
    visit.page.keyboard.press("Enter")
    check_feature(visit, 4, values, words)
    visit.page.locator("#k-slider").press("ArrowRight")
    check_feature(visit, 5, values, words)
    visit.page.locator("#k-previous").press("Enter")
    check_feature(visit, 4, values, words)
    for nonsense, kept in (("99", DIM), ("0", DIM), ("-3", DIM), ("", DIM)):
        visit.page.locator("#k").fill(nonsense)
        visit.page.keyboard.press("Enter")
        expect(visit.page.locator("#k")).to_have_value(str(kept))
    assert visit.page.locator("#k-next").is_disabled()


def test_a_point_of_the_spectrum_chooses_its_feature(
    visit: Visit, values: Spectrum, words: list[str]
) -> None:
    visit.page.locator("#spectrum .points path").nth(1).hover(force=True)
    visit.page.mouse.down()
    visit.page.mouse.up()
    check_feature(visit, 2, values, words)


@pytest.mark.parametrize("when", ["end", "now"])
def test_a_word_is_found_with_its_neighbours(
    visit: Visit, values: Spectrum, words: list[str], when: str
) -> None:
    i, time = 40, 1.234
    visit.turn_to(f"t={time}")
    visit.page.locator("#word-text").fill(f"  {words[i].upper()} ")
    visit.page.keyboard.press("Enter")
    visit.page.locator(f"[name=when][value={when}]").check()
    assert f"“{words[i]}” is word 41 of 800" in visit.text("word-status")

    lam, vectors = values.eigenvalues[:DIM], values.eigenvectors[:, :DIM]
    squares = lam
    if when == "now":
        flow = np.array([time * float(theory.time_constant(lam[0], INIT**2))])
        squares = theory.sigmoid_squares(lam, np.full(DIM, INIT**2), flow)[0]
    rows = vectors * np.sqrt(squares)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    cosines = rows @ rows[i]
    cosines[i] = -np.inf
    shown = visit.texts("#neighbours .link")
    assert len(shown) == len(set(shown)) == 12
    found = cosines[[words.index(word) for word in shown]]
    stated = [float(text.replace("−", "-")) for text in visit.texts("#neighbours .value")]
    np.testing.assert_allclose(stated, found, atol=6e-4)
    np.testing.assert_allclose(found, np.sort(cosines)[::-1][:12], atol=1e-4)

    coordinates = vectors[i] * np.sqrt(lam)
    order = np.argsort(-np.abs(coordinates))[:8]
    named = [f"{'−' if coordinates[k] < 0 else '+'}{k + 1}" for k in order]
    assert visit.texts("#strongest tr td:first-child") == named
    shares = 100 * coordinates[order] ** 2 / (coordinates**2).sum()
    stated = [float(text.rstrip("%")) for text in visit.texts("#strongest .value")]
    np.testing.assert_allclose(stated, shares, rtol=0.06)
    visit.page.locator("#strongest .link").nth(2).press("Enter")
    check_feature(visit, int(order[2]) + 1, values, words)


def test_an_unknown_word_is_said_to_be_unknown(visit: Visit, words: list[str]) -> None:
    target = next(word for word in words if len(word) > 7)
    visit.page.locator("#word-text").fill(f"{target}qx")
    visit.page.locator("#word-text").press("Enter")
    assert f"“{target}qx” is not among the 800 words" in visit.text("word-status")
    assert not visit.page.locator("#word-found").is_visible()
    assert target in visit.texts("#spellings .link")
    visit.page.locator("#spellings .link", has_text=re.compile(f"^{target}$")).press("Enter")
    expect(visit.page.locator("#word-text")).to_have_value(target)
    assert visit.page.locator("#word-found").is_visible()
    visit.page.locator("#word-text").fill("")
    visit.page.locator("#word-text").press("Enter")
    assert visit.text("word-status") == "Type a word, or click on one."


def test_choices_appear_while_a_word_is_typed(visit: Visit, words: list[str]) -> None:
    visit.page.locator("#word-text").fill("th")
    offered = "[...document.querySelectorAll('#word-choices option')].map((o) => o.value)"
    expected = [word for word in words if word.startswith("th")][:20]
    assert visit.page.evaluate(offered) == expected


def test_time_is_dragged_by_keyboard(visit: Visit, values: Spectrum) -> None:
    slider = visit.page.locator("#t-slider")
    before = 0.0
    for key in ("Home", "PageUp", "ArrowRight", "PageUp", "End"):
        slider.press(key)
        time = visit.number("t")
        assert time > before
        before = time
        assert float(visit.text("loss")) == pytest.approx(trace_loss(values, DIM, time), abs=6e-6)
        tau = np.asarray(theory.time_constant(values.eigenvalues[:DIM], INIT**2))
        assert visit.number("count") == (tau / tau[0] <= time).sum()
        assert str(visit.text("loss")) in str(slider.get_attribute("aria-valuetext"))


def test_ticks_are_of_all_features_that_are_counted(visit: Visit) -> None:
    """The loss falls until the last feature is learned, even if that is not shown."""
    ticks = visit.page.evaluate("document.getElementById('curves').data.at(-3).x.length")
    assert ticks == visit.number("count-of") >= visit.page.evaluate("model.shown")


def test_the_curves_choose_a_time(visit: Visit) -> None:
    visit.page.locator("#t-slider").press("Home")
    first = visit.number("t")
    visit.page.locator("#curves").scroll_into_view_if_needed()
    box = visit.page.locator("#curves").bounding_box()
    assert box
    visit.page.mouse.click(box["x"] + 0.8 * box["width"], box["y"] + 0.2 * box["height"])
    assert visit.number("t") > 2 * first


def test_the_latent_space_shows_the_features_chosen(visit: Visit, words: list[str]) -> None:
    visit.page.locator("#x").fill("5")
    visit.page.keyboard.press("Enter")
    visit.page.locator("#y").fill("2")
    visit.page.keyboard.press("Enter")
    titles = visit.texts("#space .g-xtitle") + visit.texts("#space .g-ytitle")
    assert titles == ["along feature 5", "along feature 2"]
    visit.page.locator("#t-slider").press("End")

    # The dot of the word farthest along feature 5 is at its coordinates and can be clicked.
    place = visit.page.evaluate(
        """() => {
          const ids = [...Array(model.drawn).keys()];
          const i = ids.reduce((a, b) => (model.entry(4, b) > model.entry(4, a) ? b : a));
          const end = (k) => model.entry(k, i) * Math.sqrt(model.square(k, model.span[1]));
          const { xaxis, yaxis } = document.getElementById("space")._fullLayout;
          return [i, xaxis.l2p(end(4)), yaxis.l2p(end(1))];
        }"""
    )
    canvas = visit.page.locator("#space canvas")
    canvas.click(position={"x": place[1], "y": place[2]})
    expect(visit.page.locator("#word-text")).to_have_value(words[place[0]])


def test_the_address_keeps_what_is_chosen(
    visit: Visit, browser: Browser, file: Path, words: list[str]
) -> None:
    visit.page.locator("#k").fill("3")
    visit.page.keyboard.press("Enter")
    visit.page.locator("#word-text").fill(words[50])
    visit.page.keyboard.press("Enter")
    visit.page.locator("[name=when][value=now]").check()
    visit.page.locator("#t-slider").press("PageUp")
    time = visit.text("t")
    written = "(t) => /k=3/.test(location.hash) && location.hash.includes(`t=${Number(t)}`)"
    visit.page.wait_for_function(written, arg=time)
    address = visit.page.evaluate("location.hash")
    other = Visit(browser, file, 800)
    other.load(address[1:])
    ids = ("eigenvalue", "word-status", "t", "loss", "neighbours")
    assert [other.text(id) for id in ids] == [visit.text(id) for id in ids]
    assert (other.text("t"), other.problems) == (time, [])
    other.page.close()


@pytest.mark.parametrize("nonsense", ["k=x&t=-1&x=0&y=1e9&when=never", "&&==%", "t=1e999&k=2.6"])
def test_a_mistyped_address_does_no_harm(visit: Visit, nonsense: str) -> None:
    visit.turn_to(nonsense)
    assert float(visit.page.locator("#k").input_value()) in range(1, DIM + 1)
    assert visit.number("t") > 0 and 0 < visit.number("loss") <= 1 and visit.number("tau") >= 1


def test_play_moves_time_and_pause_stops_it(visit: Visit) -> None:
    visit.page.locator("#t-slider").press("Home")
    first = visit.text("t")
    play = visit.page.locator("#play")
    play.press("Enter")
    expect(visit.page.locator("#t")).not_to_have_text(first)
    expect(play).to_have_text("Pause")
    play.press("Enter")
    expect(play).to_have_text("Play")
    stopped = visit.text("t")
    visit.page.wait_for_timeout(150)
    assert visit.text("t") == stopped


def test_without_motion_play_goes_from_feature_to_feature(visit: Visit) -> None:
    visit.page.emulate_media(reduced_motion="reduce")
    visit.page.locator("#t-slider").press("Home")
    visit.page.locator("#play").press("Enter")
    expect(visit.page.locator("#t")).to_have_text("1.000")
    visit.page.locator("#play").press("Enter")
    visit.page.emulate_media(reduced_motion="no-preference")


def test_words_are_text_whatever_they_hold(browser: Browser, tmp_path: Path) -> None:
    hostile = [
        "</script><script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "a&amp;b",
        "\"quoted'",
        "constructor",
        "naïve 日本",
    ]
    values = toy([5.0, 2.0, 1e-30], len(hostile))
    steps = {**STEPS, "learning_rate": 1e-3, "drops": [(50, 0.5), (80, 0.1)]}
    data = page_data(values, hostile, init=INIT, dim=3, modes=7, drawn=99, **steps)
    page, style, scripts = sources()
    about = {"corpus": "<b>mine</b>", "window": 2}
    scripts = [get_plotlyjs(), *scripts]
    html = render(page, data=data, scripts=scripts, style=style, **about)
    (tmp_path / "page.html").write_text(html, encoding="utf-8")

    visit = Visit(browser, tmp_path / "page.html", 390)
    visit.load()
    assert visit.page.locator("#fewer").inner_text().startswith("7 features were asked for; 2 are")
    assert "above the square of the initial" in visit.text("fewer")
    assert "<b>mine</b>" in visit.page.title()
    for time in (0.01, 0.5, 4.0):
        expected = steps_until(time * data["unit"], data["step"], steps["drops"])
        assert visit.page.evaluate("(t) => model.step(t)", time) == pytest.approx(expected)
    listed = {word for k in (0, 1) for side in (0, 1) for word in _listed(visit, k, side)}
    assert listed == set(hostile)
    for i, word in enumerate(hostile):
        visit.page.locator("#word-text").fill(word)
        visit.page.locator("#word-text").press("Enter")
        assert visit.text("word-status").startswith(f"“{word}” is word {i + 1} of 6")
    visit.page.locator("#word-text").fill("<i>no</i>")
    visit.page.locator("#word-text").press("Enter")
    assert "“<i>no</i>” is not among the 6 words" in visit.text("word-status")
    assert visit.page.locator("img").count() == 0
    assert visit.problems == []
    visit.page.close()


def test_the_switch_shows_the_features_of_word2vec(browser: Browser, tmp_path: Path) -> None:
    words = [f"w{i:02}" for i in range(30)]
    values = toy([9.0, 4.0, 2.0, 1.0], 30)
    own = replace(toy([8.0, 6.0, 3.0, 2.0], 30, seed=1), scale=np.linspace(0.5, 2.0, 30))
    data = page_data(values, words, init=INIT, dim=3, modes=3, drawn=30, **STEPS, prop2=own)
    page, style, scripts = sources()
    about = {"corpus": "mine", "window": 2}
    html = render(page, data=data, scripts=[get_plotlyjs(), *scripts], style=style, **about)
    (tmp_path / "page.html").write_text(html, encoding="utf-8")

    visit = Visit(browser, tmp_path / "page.html", 1200)
    visit.load("word=w07")
    of_qwem = ("#time .reading", "#learned", "#curves", "#tau")
    assert visit.number("eigenvalue") == 9.0 and not visit.page.locator("#untimed").is_visible()
    assert all(visit.page.locator(part).first.is_visible() for part in of_qwem)
    visit.page.locator("[name=of][value=word2vec]").click()
    _drawn_for(visit, "word2vec")
    expect(visit.page.locator("#untimed")).to_be_visible()
    assert "when it learns each feature is not predicted" in visit.text("untimed")
    assert not any(visit.page.locator(part).first.is_visible() for part in of_qwem)
    embedding = own.embedding(3)
    left, singular, _ = np.linalg.svd(embedding, full_matrices=False)
    assert visit.number("eigenvalue") == pytest.approx(singular[0] ** 2, rel=6e-4)
    assert visit.number("share") == pytest.approx(
        100 * (singular**2 / (singular**2).sum())[0], 1e-2
    )
    listed = _listed(visit, 1, 0)
    order = [words[i] for i in np.argsort(-np.abs(left[:, 1])) if left[i, 1] != 0]
    assert order[0] in (*listed, *visit.texts("#negative .link"))
    cosines = embedding @ embedding[7] / np.linalg.norm(embedding, axis=1)
    cosines[7] = -np.inf
    assert visit.texts("#neighbours .link")[0] == words[int(cosines.argmax())]
    assert visit.page.locator("#word-text").input_value() == "w07"  # kept by the switch
    visit.page.locator("#k").fill("3")
    visit.page.keyboard.press("Enter")
    visit.page.wait_for_function(
        "() => /of=word2vec/.test(location.hash) && /k=3/.test(location.hash)"
    )
    visit.page.locator("[name=of][value=qwem]").click()
    _drawn_for(visit, "qwem")
    expect(visit.page.locator("#curves")).to_be_visible()
    assert visit.number("eigenvalue") == 9.0 and visit.problems == []
    visit.page.close()


def _drawn_for(visit: Visit, model: str) -> None:
    """Wait until the page has been loaded again and drawn; its address changes before that."""
    visit.page.wait_for_function(
        """(untimed) => document.body?.classList.contains("untimed") === untimed
          && document.getElementById("eigenvalue")?.textContent
          && document.getElementById("space")?._fullLayout""",
        arg=model == "word2vec",
    )


def _listed(visit: Visit, k: int, side: int) -> list[str]:
    visit.page.locator("#k").fill(str(k + 1))
    visit.page.keyboard.press("Enter")
    return visit.texts(f"#{('positive', 'negative')[side]} .link")


def test_the_page_embeds_what_the_module_states(file: Path, words: list[str]) -> None:
    text = file.read_text(encoding="utf-8")
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.S)
    assert found
    data: dict[str, Any] = json.loads(found[1])
    assert data["words"] == words
    assert (data["shown"], data["asked"], data["drawn"]) == (DIM, DIM, DRAWN)
    assert not re.search(r"""<(?:script|link|img|iframe)[^>]+(?:src|href)="(?!data:)""", text)
