"""What axe-core finds against WCAG 2.2, levels A and AA, in a page."""

from __future__ import annotations

from importlib.resources import files

from playwright.sync_api import Page

LEVELS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
UNFOLD = "for (const fold of document.querySelectorAll('details')) fold.open = true"
RUN = """async (levels) => (await axe.run({ runOnly: levels })).violations.flatMap((rule) =>
    rule.nodes.map((node) => `${rule.id}: ${node.target.join(" ")}`))"""


def violations(page: Page) -> list[str]:
    """Return the rule and the element of each violation, with all folds of the page open.

    The page's context must bypass its security policy, which forbids scripts.
    """
    page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8"))
    page.evaluate(UNFOLD)
    found: list[str] = page.evaluate(RUN, list(LEVELS))
    return found
