"""From a mistake in the configuration to one clear line: key path, value, what was expected."""

from __future__ import annotations

import copy
import difflib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal, NamedTuple, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from mstar.files.writing import UserError
from mstar.settings.kinds import LARGEST, Expected

Model = TypeVar("Model", bound=BaseModel)
# Ends a location where a mapping's key is wrong rather than its value; no position in a list.
KEY = -1
# "null" is how `--config key=null` arrives.
EMPTY = ("", "null", "~")
Location = tuple[str | int, ...]
# Values are looked at to this depth; YAML can tie a knot, as in `a: &a [*a]`.
DEPTH = 20


class Problem(NamedTuple):
    """A value at a key path that is not what was expected, given the keys it was judged by."""

    path: str
    value: object
    expected: str
    reads: Sequence[str] = ()

    def line(self) -> str:
        """Return the mistake in one line."""
        return f"{self.path}: {shown(self.value)}: expected {self.expected}"


def validate(
    model: type[Model],
    raw: object,
    source: str,
    checks: Callable[[Model], Iterable[Problem]],
) -> Model:
    """Return ``raw`` as a ``model``; raise ``UserError`` with one line for each mistake.

    ``checks`` yields mistakes between keys. They are looked for even when single keys are wrong:
    those then stand at their defaults, and a check that reads one of them is passed over.
    """
    if raw is None:
        raw = {}
    if not isinstance(raw, Mapping):
        raise UserError(f"{source}: {shown(raw)}: expected a mapping of keys to values")
    data = _pruned(raw)
    lines: list[str] = []
    wrong: list[str] = []
    while True:
        try:
            config = model.model_validate(copy.deepcopy(data))
            break
        except ValidationError as failure:
            # Later rounds only find what the repairs of the first one left incomplete.
            first = not wrong
            for error in failure.errors(include_url=False):
                location = _location(model, error["type"], error["loc"])
                wrong.append(_path(location))
                if first:
                    lines.append(_line(model, error["type"], location, error["input"]))
                _remove(data, error["type"], location)
    for problem in checks(config):
        if not any(_overlap(a, b) for a in (problem.path, *problem.reads) for b in wrong):
            lines.append(problem.line())
    if lines:
        raise UserError("\n".join(f"{source}: {line}" for line in lines))
    return config


def choice(value: object, options: Sequence[str], words: str = "") -> str:
    """Return "one of a, b" (or ``words``), with the nearest option when there is one."""
    near = difflib.get_close_matches(_name(value)[:80], options, 1)
    listed = words or f"one of {', '.join(options)}"
    return f'{listed}; did you mean "{near[0]}"?' if near else listed


def shown(value: object) -> str:
    """Return a value as it would be written in the configuration, shortened to one line."""
    text = json.dumps(_plain(value), ensure_ascii=False)
    text = "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in text[:81])
    return text if len(text) <= 80 else f"{text[:76]} ..."


def _plain(value: object, depth: int = 0) -> object:
    """A value of any kind that YAML knows, as JSON can say it; what lies deep is left out."""
    if isinstance(value, Mapping | list | tuple | set) and depth > DEPTH:
        return "..."
    if isinstance(value, Mapping):
        return {_name(key): _plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple | set):
        return [_plain(item, depth + 1) for item in value]
    if isinstance(value, int) and abs(value) >= 10**80:
        return "a number of more than 80 digits"
    return value if value is None or isinstance(value, str | int | float) else str(value)


def _name(key: object) -> str:
    """A key as text."""
    return key if isinstance(key, str) else str(_plain(key))


def expected(annotation: Any, metadata: Sequence[Any] = (), largest: bool = False) -> str:
    """Return in words what a field of this type accepts, such as "an integer >= 1".

    That no integer is above `mstar.settings.kinds.LARGEST` goes without saying, unless ``largest``.
    """
    annotation, metadata = unwrapped(annotation, metadata)
    for item in reversed(metadata):
        if isinstance(item, Expected):
            return str(item)
    if get_origin(annotation) is Literal:
        return f"one of {', '.join(get_args(annotation))}"
    name = {int: "an integer", float: "a number"}.get(annotation, "a mapping of keys to values")
    bounds = {
        sign: getattr(item, attribute)
        for attribute, sign in (("gt", ">"), ("ge", ">="), ("lt", "<"), ("le", "<="))
        for item in metadata
        if hasattr(item, attribute) and (largest or getattr(item, attribute) != LARGEST)
    }
    return f"{name} {' and '.join(f'{sign} {bound}' for sign, bound in bounds.items())}".strip()


def unwrapped(annotation: Any, metadata: Sequence[Any]) -> tuple[Any, list[Any]]:
    """Take ``Annotated`` and ``| None`` off a type; return it with all that was said about it."""
    said = list(metadata)
    while True:
        if get_origin(annotation) is Annotated:
            annotation, *more = get_args(annotation)
            said = [*more, *said]
        elif type(None) in get_args(annotation):
            annotation = next(a for a in get_args(annotation) if a is not type(None))
        else:
            break
    flat = [item.metadata if isinstance(item, FieldInfo) else [item] for item in said]
    return annotation, [item for items in flat for item in items]


def key_paths(model: type[BaseModel]) -> Iterator[str]:
    """Yield the path of every key of a model, parents before their children."""
    for name, field in model.model_fields.items():
        yield name
        annotation, _ = unwrapped(field.annotation, field.metadata)
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            yield from (f"{name}.{path}" for path in key_paths(annotation))


def _line(model: type[BaseModel], kind: str, location: Location, value: object) -> str:
    path = _path(location)
    if kind == "extra_forbidden":
        parent, _ = _field(model, location[:-1])
        key = str(location[-1])
        if not difflib.get_close_matches(key, parent.model_fields, 1):
            for elsewhere in key_paths(model):
                if elsewhere.endswith(f".{key}"):
                    return f'{path}: unknown key; did you mean "{elsewhere}"?'
        return f"{path}: unknown key; expected {choice(key, tuple(parent.model_fields))}"
    if kind == "missing" and isinstance(location[-1], int):
        # A pair of one word: show the pair.
        location = location[:-1]
        kind, path = "too_short", _path(location)
    annotation, metadata = _field(model, location)
    words = expected(annotation, metadata, largest=kind == "less_than_equal")
    if kind == "missing":
        return f"{path}: missing; expected {words}"
    if get_origin(annotation) is Literal:
        words = choice(value, get_args(annotation))
    return f"{path}: {shown(value)}: expected {words}"


def _location(model: type[BaseModel], kind: str, location: Location) -> Location:
    """Return a location of pydantic's with its mark of a wrong key told from a key called so."""
    if location[-1] == "[key]" and len(location) > 1 and kind != "extra_forbidden":
        mapping, _ = _field(model, location[:-2])
        if get_origin(mapping) is dict:
            return (*location[:-1], KEY)
    return location


def _field(model: type[BaseModel], location: Location) -> tuple[Any, list[Any]]:
    """Return the type at a location of a model, and what was said about it."""
    annotation: Any = model
    metadata: list[Any] = []
    for part in location[:-1] if location[-1:] == (KEY,) else location:
        inner = get_args(annotation)
        if get_origin(annotation) is dict:
            annotation, metadata = unwrapped(inner[0 if location[-1] == KEY else 1], ())
        elif get_origin(annotation) is tuple:
            every = inner[0] if inner[-1] is ... else inner[int(part)]
            annotation, metadata = unwrapped(every, ())
        else:
            field = annotation.model_fields[part]
            annotation, metadata = unwrapped(field.annotation, field.metadata)
    return annotation, metadata


def _pruned(raw: Mapping[Any, Any], depth: int = 0) -> dict[str, Any]:
    """Copy a mapping with text for keys and without the values that stand for "the default"."""
    return {
        _name(key): _pruned(value, depth + 1)
        if isinstance(value, Mapping) and depth < DEPTH
        else value
        for key, value in raw.items()
        if value is not None and not (isinstance(value, str) and value.strip() in EMPTY)
    }


def _path(location: Location) -> str:
    named = location[:-1] if location[-1:] == (KEY,) else location
    parts = (f"[{part}]" if isinstance(part, int) else f".{_spelt(part)}" for part in named)
    return "".join(parts).removeprefix(".")


def _spelt(key: str) -> str:
    """A key as it stands in a path: as it is, or in quotes where that would not be clear."""
    return key if re.fullmatch(r"[\w-]+", key) and len(key) <= 80 else shown(key)


def _overlap(one: str, other: str) -> bool:
    """Whether one key path is, or lies within, the other."""
    short, long = sorted((one, other), key=len)
    return long == short or long.startswith((f"{short}.", f"{short}["))


def _remove(data: dict[str, Any], kind: str, location: Location) -> None:
    """Delete a wrong value (the whole list if it is in one, the parent if a key is missing)."""
    keys = [part for part in location if isinstance(part, str)]
    if kind == "missing" and len(keys) == len(location):
        keys = keys[:-1]
    for key in keys[:-1]:
        data = data.get(key, {})
    data.pop(keys[-1], None)
