"""Formulas as HTML: the one renderer of claims, captions and pages."""

from __future__ import annotations

import html
import re

SIGNS = {"lambda": "λ", "sigma": "σ", "tau": "τ", "sum": "Σ", "sqrt": "√", "rho": "ρ"}
NAMED = re.compile(r"(?<!\w)(lambda|sigma|tau|sum|sqrt|rho)(?=_|\(| [a-z]+_|$)")
# Letters with an index: tau_k, λ_max, R_d, M*_κ, τ₁.
INDEXED = re.compile(
    r"(?<!\w)([A-Za-zλστρκΣ][*']?)_(eff|max|[a-zκ]{1,2}|[A-Z]|\d+)(?![A-Za-z0-9_])"
)
LOW = re.compile(r"(?<!\w)([A-Za-zλστρκ]?)([₀-₉]+)")
POWER = re.compile(r"(?<=[\w)>|‖])\^(?:\(([-−]?\d+(?:\.\d+)?)\)|(-?\d+(?:\.\d+)?|T\b))")
HIGH = {"²": "2", "³": "3", "ᵀ": "T"}
DIGITS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
# Parts of HTML that hold no formula: tags, character references and what is set as code.
CODE = re.compile(
    r'(<span class="docutils literal">.*?</span>|<(?:code|pre)\b.*?</(?:code|pre)>'
    r"|<[^>]*>|&#?\w+;)",
    re.DOTALL,
)


def maths(text: object) -> str:
    """Return text as HTML with its formulas set.

    It knows Greek letters by name (``tau_k``), indices (``s_k``, ``τ₁``), powers (``s^2``, ``s²``,
    ``Wᵀ``), roots and norms (``||M*||``).
    """
    return maths_in(html.escape(str(text), quote=False))


def maths_in(page: str) -> str:
    """Return HTML with the formulas of its text set; tags and code are left as they are."""
    parts = CODE.split(page)
    return "".join(part if i % 2 else _set(part) for i, part in enumerate(parts))


def _set(text: str) -> str:
    text = NAMED.sub(lambda found: SIGNS[found[1]], text).replace("||", "‖")
    text = INDEXED.sub(r"<var>\1</var><sub>\2</sub>", text)
    text = LOW.sub(_low, text)
    text = POWER.sub(lambda found: f"<sup>{(found[1] or found[2]).replace('-', '−')}</sup>", text)
    return re.sub("[²³ᵀ]", lambda found: f"<sup>{HIGH[found[0]]}</sup>", text)


def _low(found: re.Match[str]) -> str:
    letter = f"<var>{found[1]}</var>" if found[1] else ""
    return f"{letter}<sub>{found[2].translate(DIGITS)}</sub>"
