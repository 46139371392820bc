"""Validation that reports all mistakes of a configuration at once, in and between keys."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from mstar.files.mistakes import DEPTH, Mistake, Model, Problem, key_text, mistakes_of, shown
from mstar.files.writing import UserError
from mstar.files.yaml_files import MOST

# "null" is how `--config key=null` arrives.
EMPTY = ("", "null", "~")


def validate(
    model: type[Model],
    raw: object,
    source: str,
    checks: Callable[[Model], Iterable[Problem]],
) -> Model:
    """Return ``raw`` as an instance of ``model``.

    Args:
        model: class of the configuration.
        raw: mapping of keys to values; None counts as empty.
        source: prefix of each line of the message.
        checks: yields mistakes between keys. It also runs if single keys are wrong: they then have
            their defaults, and mistakes that involve them are not reported.

    Raises:
        UserError: one line for each mistake.
    """
    if raw is None:
        raw = {}
    if not isinstance(raw, Mapping):
        raise UserError(f"{source}: {shown(raw)}: expected a mapping of keys to values")
    if _is_endless(raw):
        raise UserError(f"{source}: expected at most {MOST:,} values, with aliases written out")
    data = _pruned(raw)
    lines: list[str] = []
    wrong: list[str] = []
    while True:
        try:
            config = model.model_validate(copy.deepcopy(data))
            break
        except ValidationError as failure:
            # Later rounds only report consequences of the removals in the first one.
            first = not wrong
            for mistake in mistakes_of(model, failure):
                wrong.append(mistake.path)
                if first:
                    lines.append(mistake.line)
                _remove(data, mistake)
    for problem in checks(config):
        if not any(_overlap(a, b) for a in (problem.path, *problem.reads) for b in wrong):
            lines.append(problem.line())
    if lines:
        raise UserError("\n".join(f"{source}: {line}" for line in lines))
    return config


def _is_endless(raw: object) -> bool:
    """Return whether a value contains itself, or more than `MOST` values with repeated ones."""
    waiting, seen = [raw], 0
    while waiting and seen <= MOST:
        value = waiting.pop()
        seen += 1
        if isinstance(value, Mapping):
            waiting += value.values()
        elif isinstance(value, list | tuple):
            waiting += value
    return seen > MOST


def _pruned(raw: Mapping[Any, Any], depth: int = 0) -> dict[str, Any]:
    """Return a copy with keys as text, without values that mean "use the default"."""
    return {
        key_text(key): _pruned(value, depth + 1)
        if isinstance(value, Mapping) and depth < DEPTH
        else value
        for key, value in raw.items()
        if value is not None and not (isinstance(value, str) and value.strip() in EMPTY)
    }


def _overlap(one: str, other: str) -> bool:
    """Return whether one key path equals, or lies within, the other."""
    short, long = sorted((one, other), key=len)
    return long == short or long.startswith((f"{short}.", f"{short}["))


def _remove(data: dict[str, Any], mistake: Mistake) -> None:
    """Delete a wrong value: the whole list if it is an item, the parent if a key is missing."""
    keys = [part for part in mistake.location if isinstance(part, str)]
    if mistake.kind == "missing" and len(keys) == len(mistake.location):
        keys = keys[:-1]
    for key in keys[:-1]:
        data = data.get(key, {})
    data.pop(keys[-1], None)
