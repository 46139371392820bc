"""Report each error of a pydantic model in one line: key path, value, what was expected.

The configuration, ``corpora.yaml`` and ``claims.yaml`` are validated by models and report mistakes
through this module.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from types import UnionType
from typing import Annotated, Any, Literal, NamedTuple, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

Model = TypeVar("Model", bound=BaseModel)
Location = tuple[str | int, ...]
# The largest integer accepted, so that sums and sizes stay within 64 bits.
LARGEST = 10**9
# Last part of a location if the key of a mapping is wrong; it is never a position in a list.
KEY = -1
# Depth to which values are shown, and how many of one, since YAML can be recursive, as in
# `a: &a [*a]`, and can repeat what is long.
DEPTH, SHOWN = 20, 200
NAMES = {
    int: "an integer",
    float: "a number",
    str: "text",
    bool: "true or false",
    tuple: "a list",
    list: "a list",
}


class Expected(str):
    """Metadata of a type: words for what a value should be, in place of generated words."""


class Member(str):
    """Part of a location that names a member of a union, not a key of the user."""


class Problem(NamedTuple):
    """An unexpected value at a key path, and the keys ``reads`` on which the check depends."""

    path: str
    value: object
    expected: str
    reads: Sequence[str] = ()

    def line(self) -> str:
        """Return the mistake in one line."""
        return f"{self.path}: {shown(self.value)}: expected {self.expected}"


class Mistake(NamedTuple):
    """An error of pydantic: its kind, its location in the model, and its line for the user."""

    kind: str
    location: Location
    line: str

    @property
    def path(self) -> str:
        """Key path of the location, such as ``files[0].sha256``."""
        return _path(self.location)


def mistakes_of(model: type[BaseModel], failure: ValidationError) -> Iterator[Mistake]:
    """Yield the mistakes in a ``failure`` of validation by ``model``."""
    for error in failure.errors(include_url=False):
        location = _location(model, error["type"], error["loc"])
        yield Mistake(error["type"], location, _line(model, dict(error), location))


def checked(model: type[Model], value: object, key: str = "") -> tuple[Model | None, list[str]]:
    """Return a value as an instance of ``model``, or None, and a line for each mistake.

    Each line begins with ``key``, the path of the value, if given.
    """
    try:
        return model.model_validate(value), []
    except ValidationError as failure:
        prefix = f"{key}." if key else ""
        return None, [
            f"{prefix}{mistake.line}" if mistake.location or not key else f"{key}: {mistake.line}"
            for mistake in mistakes_of(model, failure)
        ]


def choice(value: object, options: Sequence[str], words: str = "") -> str:
    """Return "one of a, b" (or ``words``), with the nearest option if there is one."""
    near = difflib.get_close_matches(key_text(value)[:80], options, 1)
    listed = words or f"one of {', '.join(options)}"
    return f'{listed}; did you mean "{near[0]}"?' if near else listed


def shown(value: object) -> str:
    """Format a value as in YAML, shortened to one line."""
    text = json.dumps(_plain(value, room=[SHOWN]), ensure_ascii=False)
    text = "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in text[:81])
    return text if len(text) <= 80 else f"{text[:76]} ..."


def key_text(key: object) -> str:
    """Return a key of a mapping as text that can be written in UTF-8."""
    text = key if isinstance(key, str) else str(_plain(key))
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def expected(annotation: Any, metadata: Sequence[Any] = (), largest: bool = False) -> str:
    """Return in words what a field of this type accepts, such as "an integer >= 1".

    The bound `LARGEST` of every integer is omitted, unless ``largest``.
    """
    annotation, metadata = unwrapped(annotation, metadata)
    for item in reversed(metadata):
        if isinstance(item, Expected):
            return str(item)
    if get_origin(annotation) is Literal:
        return f"one of {', '.join(get_args(annotation))}"
    name = NAMES.get(get_origin(annotation) or annotation, "a mapping of keys to values")
    for item in metadata:
        if pattern := getattr(item, "pattern", None):
            name += f" matching {pattern}"
        if getattr(item, "min_length", 0):
            name += " that is not empty"
    bounds = {
        sign: getattr(item, attribute)
        for attribute, sign in (("gt", ">"), ("ge", ">="), ("lt", "<"), ("le", "<="))
        for item in metadata
        if hasattr(item, attribute) and (largest or getattr(item, attribute) != LARGEST)
    }
    return f"{name} {' and '.join(f'{sign} {bound}' for sign, bound in bounds.items())}".strip()


def unwrapped(annotation: Any, metadata: Sequence[Any]) -> tuple[Any, list[Any]]:
    """Strip ``Annotated`` and ``| None`` from a type; return it with all metadata found."""
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
    """Yield the path of every key of a model, parents before children."""
    for name, field in model.model_fields.items():
        yield name
        annotation, _ = unwrapped(field.annotation, field.metadata)
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            yield from (f"{name}.{path}" for path in key_paths(annotation))


def _plain(value: object, depth: int = 0, room: list[int] | None = None) -> object:
    """Convert any value of YAML to values that JSON can write, cut at `DEPTH`.

    ``room`` holds how many more values are converted.
    """
    room = [SHOWN] if room is None else room
    room[0] -= 1
    if room[0] < 0 or (isinstance(value, Mapping | list | tuple | set) and depth > DEPTH):
        return "..."
    if isinstance(value, Mapping):
        return {key_text(key): _plain(item, depth + 1, room) for key, item in value.items()}
    if isinstance(value, list | tuple | set):
        return [_plain(item, depth + 1, room) for item in value]
    if isinstance(value, int) and abs(value) >= 10**80:
        return "a number of more than 80 digits"
    return value if value is None or isinstance(value, str | int | float) else str(value)


def _line(model: type[BaseModel], error: Mapping[str, Any], location: Location) -> str:
    """Return one line for an error of pydantic at a location of a model."""
    kind, value, path = error["type"], error["input"], _path(location)
    if kind in ("extra_forbidden", "invalid_key"):
        return f"{path}: unknown key; {_known_keys(model, location)}"
    if kind == "value_error":
        message = error["msg"].removeprefix("Value error, ")
        named = message.startswith("expected") and not isinstance(value, Mapping | BaseModel)
        return _joined(path, shown(value) if named else "", message)
    if kind == "union_tag_invalid":
        key = error["ctx"]["discriminator"].strip("'")
        tags = re.findall(r"'([^']*)'", error["ctx"]["expected_tags"])
        return Problem(_joined(path, key, by="."), value[key], choice(value[key], tags)).line()
    if kind == "missing" and isinstance(location[-1], int):
        # Of a pair with one word, show the pair.
        location = location[:-1]
        kind, path = "too_short", _path(location)
    annotation, metadata = _field(model, location)
    words = expected(annotation, metadata, largest=kind == "less_than_equal")
    if kind == "missing":
        return f"{path}: missing; expected {words}"
    if get_origin(annotation) is Literal:
        words = choice(value, get_args(annotation))
    return _joined(path, shown(value), f"expected {words}")


def _known_keys(model: type[BaseModel], location: Location) -> str:
    """Return suggestions for an unknown key: a near key, or a key of that name elsewhere."""
    parent, _ = _field(model, location[:-1])
    key = str(location[-1])
    if not difflib.get_close_matches(key, parent.model_fields, 1):
        for elsewhere in key_paths(model):
            if elsewhere.endswith(f".{key}"):
                return f'did you mean "{elsewhere}"?'
    if not parent.model_fields:
        return "expected none"
    return f"expected {choice(key, tuple(parent.model_fields))}"


def _location(model: type[BaseModel], kind: str, location: Location) -> Location:
    """Return a location of pydantic with wrong keys and union members marked.

    The marks, `KEY` and `Member`, differ from any key of the user.
    """
    if kind == "invalid_key":
        location = (*location[:-1], key_text(location[-1]))
    elif location[-1:] == ("[key]",) and len(location) > 1 and kind != "extra_forbidden":
        mapping, _ = _field(model, location[:-2])
        if get_origin(mapping) is dict:
            return (*location[:-1], KEY)
    for at, part in enumerate(location):
        if isinstance(part, str) and _is_union(_field(model, location[:at])[0]):
            location = (*location[:at], Member(part), *location[at + 1 :])
    return location


def _is_union(annotation: Any) -> bool:
    return get_origin(annotation) in (Union, UnionType)


def _field(model: type[BaseModel], location: Location) -> tuple[Any, list[Any]]:
    """Return the type at a location of a model, and its metadata."""
    annotation: Any = model
    metadata: list[Any] = []
    for part in location[:-1] if location[-1:] == (KEY,) else location:
        inner = get_args(annotation)
        if get_origin(annotation) is dict:
            annotation, metadata = unwrapped(inner[0 if location[-1] == KEY else 1], ())
        elif get_origin(annotation) is tuple:
            every = inner[0] if inner[-1] is ... else inner[int(part)]
            annotation, metadata = unwrapped(every, ())
        elif _is_union(annotation):
            annotation = next(member for member in inner if _has_tag(member, str(part)))
        else:
            field = annotation.model_fields[part]
            annotation, metadata = unwrapped(field.annotation, field.metadata)
    return annotation, metadata


def _has_tag(member: type[BaseModel], tag: str) -> bool:
    """Return whether a member of a union belongs to a value of the discriminating key."""
    return any(get_args(field.annotation) == (tag,) for field in member.model_fields.values())


def _path(location: Location) -> str:
    """Format a location as the path of a key."""
    named = location[:-1] if location[-1:] == (KEY,) else location
    keys = (part for part in named if not isinstance(part, Member))
    parts = (f"[{part}]" if isinstance(part, int) else f".{_spelt(part)}" for part in keys)
    return "".join(parts).removeprefix(".")


def _spelt(key: str) -> str:
    """Format a key for a path, in quotes if it would be unclear without."""
    return key if re.fullmatch(r"[\w-]+", key) and len(key) <= 80 else shown(key)


def _joined(*parts: str, by: str = ": ") -> str:
    return by.join(part for part in parts if part)
