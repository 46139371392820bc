"""Captions show the user's names as plain text; pages load and run nothing."""

from __future__ import annotations

import html
import re
import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mstar.report.captions import as_text
from mstar.report.page import caption_html
from mstar.settings.config import Config
from tests.support.browser import find_browser, open_browser
from tests.support.workflow import ROOT

CAPTIONS = sorted((ROOT / "workflow" / "report").glob("*.rst"))
NAMES = (
    "my_text_.txt.xz",
    "corpus_/a.txt",
    "|x|.txt",
    "a [1]_ b.txt",
    "javascript:alert(1).txt.xz",
    "http://example.org/a.txt",
    "me@example.org",
    "a ` b `` c *d* **e** \\f.txt",
    "**",
    "<b>&amp;</b>",
    "-----",
    ".. raw:: html",
)


@pytest.mark.parametrize(
    ("caption", "name"),
    [*((path, " ".join(NAMES)) for path in CAPTIONS), *((CAPTIONS[0], name) for name in NAMES)],
    ids=lambda value: value.stem if isinstance(value, Path) else "",
)
def test_a_name_is_text_in_every_caption(caption: Path, name: str) -> None:
    text = caption.read_text(encoding="utf-8")
    config = Config().model_dump(mode="json")
    shown = caption_html(text, {**config, "corpus": name})
    plain = caption_html(text, {**config, "corpus": "NAME"})
    assert shown == plain.replace("NAME", html.escape(name, quote=False).replace("@", "&#64;"))


@given(st.text(st.sampled_from(f"{string.punctuation}a _τ"), min_size=1))
def test_any_name_is_text(name: str) -> None:
    config = {"corpus": name}
    shown = caption_html("**Bold.** In x{{ snakemake.config['corpus'] }}x.", config)
    inner = re.fullmatch(r"(?s)<p><strong>Bold\.</strong> In x(.*)x\.</p>\n?", shown.strip())
    assert inner and "<" not in inner[1]
    assert html.unescape(inner[1]) == name.strip()


def test_plain_names_are_left_as_they_are() -> None:
    assert as_text("starter") == "starter"


@pytest.mark.parametrize("page", ["report", "prediction", "explorer"])
def test_every_page_forbids_what_it_does_not_need(page: str) -> None:
    text = (ROOT / "workflow/mstar/report/templates" / f"{page}.html.j2").read_text(
        encoding="utf-8"
    )
    policy = re.search(r'Content-Security-Policy"\s+content="([^"]+)"', text)
    assert policy and text.index(policy[0]) < text.index("<style>")
    parts = dict(part.split(" ", 1) for part in policy[1].split("; "))
    assert parts["default-src"] == "'none'" and parts["img-src"] == "data:"
    assert ("script-src" in parts) == ("<script" in text) == (page == "explorer")
    assert not re.search(r"\son\w+=|javascript:", text)


def test_the_report_works_under_its_policy(smoke: Path, tmp_path: Path) -> None:
    executable = find_browser()
    if executable is None:
        pytest.skip("no Chromium here")
    file = smoke / "results" / "report" / "smoke" / "report.html"
    planted = file.read_text(encoding="utf-8").replace(
        "<main>", '<main><script>document.title = "ran"</script><img src="x" onerror="title=1">', 1
    )
    (tmp_path / "report.html").write_text(planted, encoding="utf-8")
    with open_browser(executable) as browser:
        page = browser.new_page()
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.goto(file.as_uri())
        assert said == []
        assert page.evaluate("[...document.images].every((image) => image.naturalWidth > 0)")
        assert page.evaluate("getComputedStyle(document.querySelector('nav')).position") == "sticky"
        with page.expect_download() as download:
            page.locator("#fig1 ~ figure a[download]").first.click()
        assert download.value.suggested_filename == "fig1.csv.gz"
        page.goto((tmp_path / "report.html").as_uri())
        assert page.title() != "ran" and any("Content Security Policy" in line for line in said)
