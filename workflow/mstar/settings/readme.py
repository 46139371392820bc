"""Generate ``config/README.md`` from the typed configuration, so that the two cannot differ."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import get_args, get_origin

from pydantic import BaseModel

from mstar.files.mistakes import expected, unwrapped
from mstar.settings.config import Config

INTRODUCTION = """\
# Configuration

This page is generated (`make config-docs`); a test keeps it equal to the code that reads the keys.

`config.yaml` has every key at its default. Leave it unchanged and set what differs by:

- **`make` variables**, for the most common keys:
  `make CORPUS=path/to/text.txt.xz DOCUMENTS=fixed:50000 V=5000 WINDOW=16 DIM=100`
- **a file** with only the keys that differ, which is merged into `config.yaml`, also within nested
  keys: `make CONFIG=my.yaml` or `snakemake --configfile my.yaml`. Examples are `smoke.yaml`
  (everything within a minute or two), `text8.yaml` and `paper.yaml` (the paper's text and size).
- **single keys**: `snakemake --config vocabulary=5000 'seeds=[1, 2]'`. A nested key is written as a
  mapping, in which other keys keep their values:
  `snakemake --config 'dynamics={dim: 50, runs: {qwem_small: {init: 1e-6}}}'`. For more than one or
  two nested keys, a file is easier to read.

`--config` overrides `--configfile`, which overrides `config.yaml`. A key that is empty or `null`
takes its default; a run that is `null` is omitted. Unknown keys and wrong values stop the workflow
before it starts and are all reported at once.

**Results of two settings side by side**: `setting: k5` (`make SETTING=k5 CONFIG=k5.yaml`) puts all
results in `results/settings/k5/`, and leaves those of other settings as they are. `name` is of a
text, `setting` of all the values with which it is studied. All settings share the encoded text and
the counts of its pairs, so that another setting costs only what differs; a change of the keys on
which these depend is refused while results of other settings rest on them. A new value under the
same name makes the results of that name again, in their place.

**Word2vec as used in practice** is added to the table of benchmarks by
`baselines: [gensim, gensim_sum]` (`snakemake --config 'baselines=[gensim, gensim_sum]'`).

**Embeddings for other programs**: `snakemake export` writes all embeddings, except those of
sampled and sparse runs, in word2vec's text and binary formats, beside their `embedding.npz`. Each
can be requested by name, such as
`results/CORPUS/v10000-l16/d200/svd_mstar/seed0/embedding.word2vec.bin` (or `.txt`).
gensim reads them by `KeyedVectors.load_word2vec_format(path, binary=True)` (or `False`).

`corpora.yaml` describes the texts known by name: `encyclopedia` (the default), `starter`,
`enwiki500` (the paper's), `text8` and `cocanow`; see [docs/corpora.md](../docs/corpora.md). Your
own text needs no entry: give its path as `corpus` (`.txt` or `.jsonl`, plain or `.gz`, `.xz`,
`.zst`; `.parquet`; `.zip`; a folder or glob of these, or of WikiExtractor output), and set with
`documents` what a document is. `line` also means each row, record or article.

Times are in units of τ₁, the time at which a run learns its first direction. Each run has its own
τ₁.
"""


SECTIONS = {
    "The text and its factorisations": (),
    "Training over time (Figures 1 to 3, 5, 7, the movie)": ("dynamics.",),
    "Prediction without training": ("prediction.",),
    "Figures": ("figures.",),
}
ELSEWHERE = ("dynamics.", "prediction.", "figures.")


def document_markdown() -> str:
    """Return the text of ``config/README.md``: an introduction and tables of every key."""
    rows = list(_rows(Config, Config(), ""))
    lines = [INTRODUCTION]
    for heading, prefixes in SECTIONS.items():
        lines += [f"## {heading}", "", "| key | value | default | meaning |", "|---|---|---|---|"]
        for key, *cells in rows:
            if key.startswith(prefixes or ELSEWHERE) == bool(prefixes):
                escaped = (cell.replace("|", "\\|") for cell in cells)
                lines.append(f"| `{key}` | {' | '.join(escaped)} |")
        lines.append("")
    return "\n".join(lines)


def _rows(model: type[BaseModel], defaults: object, prefix: str) -> Iterator[tuple[str, ...]]:
    """Yield (key path, value, default, meaning) of every key that is not a section.

    ``defaults`` is an instance of the model, or None if it has no default instance.
    """
    for name, field in model.model_fields.items():
        path = f"{prefix}{name}"
        default = getattr(defaults, name, None if field.is_required() else field.default)
        kind, _ = unwrapped(field.annotation, field.metadata)
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from _rows(kind, default, f"{path}.")
            continue
        value = expected(field.annotation, field.metadata)
        needed = defaults is None and field.is_required()
        shown = "(needed)" if needed else f"`{_shown(default)}`"
        yield path, value, shown, field.description or ""
        held = get_args(kind)[1] if get_origin(kind) is dict else None
        if isinstance(held, type) and issubclass(held, BaseModel):
            yield from _rows(held, None, f"{path}.NAME.")


def _shown(value: object) -> str:
    """Format a default as in YAML."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return ", ".join(value)
    if isinstance(value, tuple):
        return f"[{', '.join(_shown(item) for item in value)}]"
    return f"{value:g}" if isinstance(value, float) else json.dumps(value)


if __name__ == "__main__":
    print(document_markdown(), end="")
