"""Key numbers of a corpus, by which results of two machines or versions can be compared."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from mstar.corpus.encoded_text import EncodedText, open_text
from mstar.corpus.vocabulary import read_vocabulary, restrict, words_sha256
from mstar.counts import cooccurrence
from mstar.files.writing import atomic
from mstar.spectra import spectrum

EIGENVALUES = 50


def summarise(
    text: Sequence[str | Path],
    vocabulary: str | Path,
    counts: str | Path,
    mstar: str | Path,
    evaluations: Mapping[str, Sequence[str | Path]],
    probe_pairs: Sequence[Sequence[str]],
    out_of_vocabulary: str = "removed",
) -> dict[str, Any]:
    """Return counts, spectrum and scores of a corpus, from the files that the workflow made.

    ``text`` are those of `mstar.corpus.encoded_text.open_text`.

    Counts are exact integers. For each of ``probe_pairs``, ``weighted`` is its cell of the
    symmetric matrix C and ``unweighted`` its number of occurrences within the window; a pair with a
    word outside the vocabulary is null. ``mean_square`` and ``eigenvalues`` are those of M*.
    ``scores`` are nested by d, model, benchmark, variant and category, from the ``evaluations`` of
    each d.
    """
    counted = cooccurrence.load(counts)
    found = spectrum.load(mstar)
    size = counted.vocabulary_size
    words = read_vocabulary(vocabulary)[0][:size]
    encoded = open_text(text, size)
    removed = size if out_of_vocabulary == "removed" else None
    return {
        "corpus": json.loads(Path(text[-1]).read_text(encoding="utf-8")),
        "vocabulary": {"size": size, "sha256_words_joined_by_newline": words_sha256(words)},
        "window": counted.window,
        "documents_kept": counted.documents_kept,
        "tokens_kept": int(counted.unigram.sum()),
        "forward_pairs": counted.pairs,
        "total_weighted_count": counted.total,
        "trace": counted.trace,
        "nonzero_cells": counted.nonzero,
        "probe_pairs": _probe(counted, encoded, words, probe_pairs, removed),
        "mstar": {
            "mean_square": found.squared_norm / size**2,
            "eigenvalues": found.eigenvalues[:EIGENVALUES].tolist(),
            "largest_residual": float(found.residuals.max()),
        },
        "scores": {dim: _scores(paths) for dim, paths in evaluations.items()},
    }


def _probe(
    counted: cooccurrence.Cooccurrence,
    text: EncodedText,
    words: Sequence[str],
    pairs: Sequence[Sequence[str]],
    removed: int | None,
) -> dict[str, Any]:
    """Return the counts of ``pairs``; words from ``removed`` on, if given, leave no gap."""
    ids = {word: i for i, word in enumerate(words)}
    probed: dict[str, Any] = {f"{first} {second}": None for first, second in pairs}
    known = [(a, b) for a, b in pairs if a in ids and b in ids]
    near = dict.fromkeys(known, 0)
    for tokens, offsets in text.parts():
        if removed is not None:
            tokens, offsets = restrict(tokens, offsets, removed, text.types)
        for a, b in near:
            near[a, b] += cooccurrence.pair_counts(tokens, offsets, ids[a], ids[b], counted.window)
    for (a, b), unweighted in near.items():
        weighted = counted.cell(ids[a], ids[b])
        probed[f"{a} {b}"] = {"weighted": weighted, "unweighted": unweighted}
    return probed


def _scores(evaluations: Sequence[str | Path]) -> dict[str, Any]:
    scores: dict[str, Any] = {}
    for path in evaluations:
        table = pd.read_csv(path, sep="\t", float_precision="round_trip")
        for row in table.to_dict("records"):
            where = scores.setdefault(str(row["model"]), {}).setdefault(str(row["benchmark"]), {})
            score = float(row["score"])
            where.setdefault(str(row["variant"]), {})[str(row["category"])] = {
                "questions": int(row["questions"]),
                "score": None if math.isnan(score) else score,
            }
    return scores


def write(summary: dict[str, Any], path: str | Path) -> None:
    """Write the summary as JSON, keeping the order of keys."""
    with atomic(path) as temporary:
        text = json.dumps(summary, indent=2, ensure_ascii=False, allow_nan=False)
        temporary.write_text(text + "\n", encoding="utf-8")
