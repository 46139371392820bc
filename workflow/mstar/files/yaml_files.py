"""Reading of YAML files that nobody need trust: no endless aliases, cycles or repeated keys.

    python -m mstar.files.yaml_files FILE...

checks configuration files before Snakemake reads them, and prints a line for each mistake.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from mstar.files.writing import UserError, printable

# Values of a file with its aliases (*name) written out, and mappings or lists within each other.
MOST, DEEPEST = 20_000, 50
# Snakemake runs the expressions of a file with this key (https://yte-template-engine.github.io).
RUNS = "__use_yte__"
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass
class _Open:
    """A mapping or list whose end is not reached: its keys and line numbers, and its values."""

    anchor: str | None
    is_mapping: bool
    seen: dict[str, int] = field(default_factory=dict)
    children: int = 0
    size: int = 1


def read_yaml(path: str | Path) -> object:
    """Return the content of a YAML file.

    Raises:
        UserError: the file cannot be read, is not YAML, or has one of `mistakes_in`.
    """
    named = printable(str(path))
    try:
        text = Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise UserError(f"{named}: cannot be read ({error.strerror})") from None
    except UnicodeDecodeError as error:
        raise UserError(f"{named}: not YAML: {error}") from None
    try:
        for mistake in mistakes_in(text):
            raise UserError(f"{named}, {mistake}")
        return yaml.load(text, Loader=LOADER)
    # A date such as 2001-99-99 is a ValueError, a key that is a list a TypeError in some versions.
    except (yaml.YAMLError, ValueError, TypeError) as error:
        raise UserError(f"{named}: not YAML: {' '.join(str(error).split())}") from None


def mistakes_in(text: str) -> Iterator[str]:
    """Yield "line N: what is wrong" for what YAML allows in a text and a configuration does not.

    These are keys that a mapping has twice, of which YAML drops the first; aliases of what contains
    them, or that write out more than `MOST` values; nesting deeper than `DEEPEST`; and a key by
    which Snakemake would run the file's expressions. The last three end the search, since the rest
    need not be readable. No value is built, so that no text takes long.

    Raises:
        yaml.YAMLError: the text is not YAML.
    """
    stack = [_Open(None, False)]
    sizes: dict[str, int] = {}
    for event in yaml.parse(text, Loader=LOADER):
        line = event.start_mark.line + 1
        top = stack[-1]
        if isinstance(event, yaml.CollectionEndEvent):
            closed = stack.pop()
            if closed.anchor is not None:
                sizes[closed.anchor] = closed.size
            stack[-1].size += closed.size
        elif isinstance(event, yaml.NodeEvent):
            is_key = top.is_mapping and top.children % 2 == 0
            top.children += 1
            if isinstance(event, yaml.CollectionStartEvent):
                if len(stack) > DEEPEST:
                    yield f"line {line}: lists or mappings within each other, {DEEPEST} deep"
                    return
                stack.append(_Open(event.anchor, isinstance(event, yaml.MappingStartEvent)))
            elif isinstance(event, yaml.AliasEvent):
                if any(each.anchor == event.anchor for each in stack):
                    yield f"line {line}: *{event.anchor} stands within &{event.anchor}, without end"
                    return
                top.size += sizes.get(event.anchor, 1)
            elif isinstance(event, yaml.ScalarEvent):
                top.size += 1
                if event.anchor is not None:
                    sizes[event.anchor] = 1
                if is_key:
                    key = printable(event.value)
                    if key == RUNS and len(stack) == 2:
                        yield f"line {line}: {RUNS}: code in a configuration, which is not run"
                        return
                    if key in top.seen:
                        yield (
                            f'line {line}: the key "{key:.80}" again, after line {top.seen[key]}:'
                            " expected it once"
                        )
                    top.seen.setdefault(key, line)
        if sum(each.size for each in stack) > MOST:
            yield f"line {line}: more than {MOST:,} values, with aliases (*name) written out"
            return


def check_files(paths: Iterable[str | Path]) -> None:
    """Check YAML or JSON files that another program reads.

    Raises:
        UserError: one line for each mistake.
    """
    lines = []
    for path in paths:
        inside = os.path.relpath(path)
        named = printable(str(path) if inside.startswith(os.pardir) else inside)
        if not os.path.isfile(path):
            lines.append(f"{named}: no such file")
            continue
        try:
            text = Path(path).read_text(encoding="utf-8")
            lines += [f"{named}, {mistake}" for mistake in mistakes_in(text)]
        except OSError as error:
            lines.append(f"{named}: cannot be read ({error.strerror})")
        except (yaml.YAMLError, ValueError) as error:
            with suppress(ValueError, RecursionError):  # of JSON, tabs are not YAML
                json.loads(Path(path).read_bytes())
                continue
            lines.append(f"{named}: not YAML: {' '.join(str(error).split())}")
    if lines:
        raise UserError("\n".join(lines))


def main(arguments: list[str]) -> int:
    try:
        check_files(arguments)
    except UserError as error:
        print(re.sub("^", "CONFIG: ", str(error), flags=re.MULTILINE), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
