"""Every page meets WCAG 2.2 AA as far as axe-core can tell, and works by keyboard and on paper."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from plotly.offline import get_plotlyjs

from mstar.report.explorer import page_data, render, sources
from tests.report.test_explorer import INIT, STEPS, browser, toy
from tests.report.test_gensim_page import page as gensim
from tests.report.test_page import page as report
from tests.report.test_prediction_page import halves
from tests.report.test_prediction_page import page as prediction
from tests.support.accessibility import violations

__all__ = ["browser", "report"]  # fixtures of other modules
PAGES = ("report", "prediction", "gensim_epochs", "explorer")
WORDS = [*(f"w{i:02}" for i in range(28)), "city", "river"]


@pytest.fixture
def folder(tmp_path: Path, report: str) -> Path:
    """Return a folder with toy pages."""
    data = page_data(
        toy([9.0, 4.0, 2.0, 1.0], 30), WORDS, init=INIT, dim=3, modes=3, drawn=30, **STEPS,
        prop2=toy([8.0, 6.0, 3.0], 30, seed=1),
    )  # fmt: skip
    template, style, scripts = sources()
    scripts = [get_plotlyjs(), *scripts]
    about = {"corpus": "mine", "window": 2, "links": {"The report": "report.html"}}
    explorer = render(template, data=data, scripts=scripts, style=style, **about)
    texts = {"report": report, "prediction": prediction(halves(6)), "explorer": explorer}
    texts["gensim_epochs"] = gensim()
    for name, text in texts.items():
        (tmp_path / f"{name}.html").write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture
def visit(browser: Browser, folder: Path) -> Iterator[Page]:
    context = browser.new_context(bypass_csp=True)
    yield context.new_page()
    context.close()


def test_axe_finds_nothing_in_light_and_dark_narrow_and_wide(visit: Page, folder: Path) -> None:
    for name in PAGES:
        for width, scheme in ((390, "light"), (1440, "dark")):
            visit.goto("about:blank")
            visit.set_viewport_size({"width": width, "height": 800})
            visit.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            visit.goto((folder / f"{name}.html").as_uri())
            assert violations(visit) == [], (name, width, scheme)
            assert visit.evaluate("document.documentElement.scrollWidth") <= width, name
    visit.evaluate("document.body.style.color = 'silver'; document.body.style.background = 'grey'")
    assert any("color-contrast" in line for line in violations(visit))


def test_the_tally_shows_the_claims_of_one_outcome(visit: Page, folder: Path) -> None:
    visit.set_viewport_size({"width": 1280, "height": 720})
    visit.goto((folder / "report.html").as_uri())
    expect(visit.locator("#fig1 ~ figure img")).to_be_visible()
    visit.locator("#only-all").focus()
    visit.keyboard.press("ArrowRight")  # reproduced
    shown = "[...document.querySelectorAll('.claim')].filter((c) => c.checkVisibility())"
    assert visit.evaluate(f"{shown}.map((c) => c.id)") == ["claim-fig1.steps", "claim-theory.y"]
    expect(visit.locator("#fig1 ~ figure img")).to_be_hidden()
    expect(visit.locator("#fig4")).to_be_hidden()  # it has none
    for _ in range(3):
        visit.keyboard.press("ArrowRight")  # not testable at this scale, which is folded
    assert visit.locator("#only-open").is_checked()
    assert visit.evaluate(f"{shown}.map((c) => c.id)") == ["claim-fig4.y"]


def test_contents_are_at_the_side_or_folded(visit: Page, folder: Path) -> None:
    visit.goto((folder / "report.html").as_uri())
    link = visit.locator("nav a[href='#fig4']")
    visit.set_viewport_size({"width": 1280, "height": 720})
    expect(link).to_be_in_viewport()
    visit.set_viewport_size({"width": 390, "height": 844})
    expect(link).to_be_hidden()
    visit.locator("#contents").press("Space")
    expect(link).to_be_visible()


def test_folds_are_printed_and_the_movie_s_button_is_not(visit: Page, folder: Path) -> None:
    visit.goto((folder / "report.html").as_uri())
    inside = "document.querySelector('#claim-fig4\\\\.x dl').checkVisibility()"
    assert not visit.evaluate(inside)
    visit.emulate_media(media="print")
    assert visit.evaluate(inside)
    assert not visit.locator(".play").is_visible() and not visit.locator("nav").is_visible()


def test_time_is_above_the_fold_and_lists_are_one_stop(visit: Page, folder: Path) -> None:
    visit.set_viewport_size({"width": 1280, "height": 720})
    visit.goto((folder / "explorer.html").as_uri())
    expect(visit.locator("#play")).to_be_in_viewport(ratio=1)
    expect(visit.locator("#word-text")).to_have_value("river")  # a noun to begin with
    stops = "[...document.querySelectorAll('.bars button')].filter((b) => b.tabIndex === 0)"
    assert visit.evaluate(f"{stops}.map((b) => b.closest('ol').id).sort()") == [
        "negative",
        "neighbours",
        "positive",
    ]
    words = visit.locator("#positive button")
    words.first.focus()
    visit.keyboard.press("ArrowDown")
    expect(words.nth(1)).to_be_focused()
    visit.keyboard.press("End")
    expect(words.last).to_be_focused()


def drawn_for(visit: Page, *, room: bool) -> None:
    """Wait until the page has been loaded again and drawn; its address changes before that."""
    visit.wait_for_function(
        """(room) => document.body?.classList.contains("room") === room
          && document.querySelector("#positive button")
          && document.getElementById("space")?._fullLayout""",
        arg=room,
    )


def test_a_room_sees_larger_type_and_keeps_what_is_chosen(visit: Page, folder: Path) -> None:
    visit.set_viewport_size({"width": 1280, "height": 720})
    visit.goto((folder / "explorer.html").as_uri() + "#k=2&word=city")
    size = "parseFloat(getComputedStyle(document.querySelector('#positive button')).fontSize)"
    axis = "document.getElementById('space')._fullLayout.font.size"
    before = visit.evaluate(size), visit.evaluate(axis)
    visit.locator("#room").click()
    drawn_for(visit, room=True)
    after = visit.evaluate(size), visit.evaluate(axis)
    assert all(new >= 1.4 * old for new, old in zip(after, before, strict=True))
    assert visit.locator("#k").input_value() == "2"
    assert visit.locator("#word-text").input_value() == "city"
    expect(visit.locator("#play")).to_be_in_viewport(ratio=1)
    assert violations(visit) == []
    visit.locator("#room").click()
    drawn_for(visit, room=False)
    assert visit.evaluate(size) == before[0]
