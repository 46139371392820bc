"""Profiles of the property tests: fixed examples, or new ones.

Under the profile ``fixed``, which importing this module loads, examples depend only on the test,
and there are no time limits. Under ``explore`` (``make explore``) they are drawn anew, and a
failing example is printed as a decorator to paste above its test.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Generator, Iterator

import pytest
from hypothesis import HealthCheck, is_hypothesis_test, settings
from hypothesis.internal.conjecture import providers

settings.register_profile(
    "fixed",
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("explore", derandomize=False, deadline=None, print_blob=True)
settings.load_profile("fixed")

# Hypothesis also draws constants from all loaded modules of this project, which depend on
# the tests that ran before in the process.
_any_constants = providers._get_local_constants


def _constants() -> providers.Constants:
    """Return none under the profile ``fixed``, so that examples do not depend on other tests."""
    fixed = settings.get_current_profile_name() == "fixed"
    return providers.Constants() if fixed else _any_constants()


providers._get_local_constants = _constants

FOUND = "Falsifying example: "
BLOB = re.compile(r"@reproduce_failure\(.+\)")


def notes(error: BaseException) -> Iterator[str]:
    """Yield hypothesis's notes on an exception, or on each exception of a group."""
    yield from getattr(error, "__notes__", ())
    for each in getattr(error, "exceptions", ()):
        yield from notes(each)


def decorator(call: str, drawn: Collection[str]) -> str | None:
    """Return ``@example(...)`` from the call of a test as hypothesis reports it.

    ``drawn`` names the arguments that are drawn; fixtures and parameters are left out. Returns None
    if a value has no literal form, such as one drawn by ``data``.
    """
    lines = re.split(r"^    (?=\w+=)", call, flags=re.MULTILINE)[1:]
    arguments = [line.strip().removesuffix(")") for line in lines]
    kept = [each for each in arguments if each.split("=", 1)[0] in drawn]
    try:
        parsed = ast.parse("example({}\n)".format("\n".join(kept)), mode="eval")
    except SyntaxError:
        return None
    written = ast.unparse(parsed)
    return None if "(...)" in written else f"@{written}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the failing examples of a property test to its report, as decorators to paste."""
    report = yield
    test = getattr(item, "obj", None)
    if call.excinfo is None or not is_hypothesis_test(test):
        return report
    drawn = tuple(test.hypothesis._given_kwargs)
    said = list(notes(call.excinfo.value))
    found = [decorator(note.removeprefix(FOUND), drawn) for note in said if note.startswith(FOUND)]
    pasted = [each for each in found if each]
    if None in found:
        pasted += [blob for note in said for blob in BLOB.findall(note)]
    if pasted:
        lines = (f"# above @given of {item.nodeid}, imported from hypothesis", *pasted)
        report.sections.append(("To paste", "\n".join(lines)))
    return report
