"""Compare candidates for the default text, and fill the tables of docs/text.md.

python -m tools.text_table run FOLDER trains the models on each candidate at V = 1,000 and 2,000 in
FOLDER; python -m tools.text_table write FOLDER then fills their tables. python -m tools.text_table
claims RESULTS CORPUS ... compares the outcomes of claims on texts whose runs are in RESULTS.
"""

from __future__ import annotations

import argparse
import bz2
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from pathlib import Path

import numpy as np
import pandas as pd

from mstar.claims.outcomes import OUTCOMES
from mstar.corpus.catalogue import load_corpora
from mstar.corpus.corpora import Corpus
from mstar.corpus.encode import CorpusText
from mstar.corpus.encoded import load_encoded, read_description
from mstar.corpus.vocabulary import read_vocabulary
from mstar.evaluation.analogies import build_questions
from mstar.evaluation.coverage import as_in_text
from mstar.evaluation.question_files import parse_questions
from mstar.files.tables import read_parquet, read_table
from mstar.files.writing import atomic
from mstar.statistics.digits import number
from mstar.statistics.dyads import Dyads
from mstar.statistics.estimates import difference
from tools import pages
from tools.results_page import markdown

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "text.md"
GOOGLE = ROOT / "resources" / "benchmarks" / "questions-words.txt"
SIZES = (1000, 2000)
DIM = 100
# Words that the form letters of a book of facts repeat.
FORMS = ("pure", "liters", "cubic", "est", "kwh")
# A run of this many words that so many documents share is taken from a template.
RUN, DOCUMENTS = 8, 3
MODELS = {
    "sgns_small": "word2vec",
    "exact_small": "QWEM",
    "svd_mstar": "svd(M*)",
    "svd_ppmi": "svd(PPMI)",
    "svd_pmi": "svd(PMI)",
}
CONTRASTS = (("sgns_small", "exact_small"), ("sgns_small", "svd_mstar"), ("svd_mstar", "svd_ppmi"))
DUMP = "enwiki-latest-pages-articles1.xml-p000000010p000030302-shortened.bz2"


# --- the candidates ---


def candidates() -> dict[str, Corpus]:
    """Return the corpora from which the candidates are made, by the name of the candidate."""
    known = load_corpora(ROOT / "config" / "corpora.yaml")
    starter, new = known["starter"], known["encyclopedia"]
    repeats = new.model_copy(update={"deduplicate": False})
    wikipedia = repeats.model_copy(update={"files": starter.files[:2]})
    return {
        "starter": starter,
        "wikipedia-parts": wikipedia,
        "wikipedia-dump": wikipedia,
        "encyclopedia": new,
        "encyclopedia-repeats": repeats,
        "encyclopedia-dump": repeats,
    }


def documents(name: str, corpus: Corpus) -> Iterator[str]:
    """Yield the documents of a candidate."""
    # Both corpora read the same package files.
    folder = ROOT / "resources" / "corpora" / ("starter" if "wiki" in name else corpus.name)
    for _, pieces in CorpusText(corpus, folder).sources():
        for piece in pieces:
            yield piece.text.decode("utf-8", "replace")
    if name.endswith("-dump"):
        yield from dump()


def dump() -> Iterator[str]:
    """Yield the articles of the MediaWiki dump among gensim's tests, without markup."""
    from gensim.corpora.wikicorpus import extract_pages, filter_wiki

    with bz2.open(str(files("gensim") / "test" / "test_data" / DUMP)) as stream:
        for _, text, _ in extract_pages(stream, filter_namespaces=("0",)):
            if text and not text.lower().startswith("#redirect"):
                yield filter_wiki(text)


def run(folder: Path, only: Sequence[str]) -> None:
    """Train and compare the models on candidates (by default all) at every size, in ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("config", "resources"):
        if not (folder / name).exists():
            (folder / name).symlink_to(ROOT / name)
    for name, corpus in candidates().items():
        if only and name not in only:
            continue
        path = folder / f"{of(name)}.jsonl"
        if not path.exists():
            with atomic(path) as temporary, temporary.open("w", encoding="utf-8") as lines:
                for text in documents(name, corpus):
                    # The reader joins the lines of a record, and they end sentences.
                    lines.write(json.dumps({"text": text.replace("\n", " . ")}) + "\n")
        for size in SIZES:
            settings = {
                "corpus": path.name,
                "normaliser": corpus.normaliser,
                "deduplicate": str(corpus.deduplicate).lower(),
                "vocabulary": size,
                "dim": DIM,
                "dynamics": f"{{vocabulary: {size}, dim: {DIM}}}",
                "benchmarks": "{similarity: []}",
            }
            targets = [answers(Path("results"), name, size, model) for model in MODELS]
            command = [sys.executable, "-m", "snakemake", "--cores", "1", "--quiet", "rules"]
            command += ["--snakefile", str(ROOT / "Snakefile"), *map(str, targets), "--config"]
            command += [f"{key}={value}" for key, value in settings.items()]
            subprocess.run(command, cwd=folder, check=True)


def of(name: str) -> str:
    """Return the name of a candidate's text and results, which no corpus has."""
    return f"candidate-{name}"


def answers(results: Path, name: str, size: int, model: str) -> Path:
    """Return the path of a model's answers on one candidate."""
    seed = 0 if model.startswith("svd") else 1
    return (
        results / of(name) / f"v{size}-l16" / f"d{DIM}" / model / f"seed{seed}" / "answers.parquet"
    )


# --- what they are ---


def described(results: Path) -> str:
    """Return a row for each candidate: its size, its questions, and its form letters."""
    google = as_in_text(parse_questions(GOOGLE.read_text(encoding="utf-8")), "text8")
    rows = []
    for name in candidates():
        folder = results / of(name)
        words, counts = read_vocabulary(folder / "vocabulary.tsv")
        tokens, offsets = load_encoded(folder / "tokens.npy", folder / "documents.npy")
        asked = [len(build_questions(google, words[:size], "original")) for size in (1000, 10000)]
        place = {word: i for i, word in enumerate(words)}
        forms = sum(int(counts[place[word]]) for word in FORMS if word in place)
        rows.append(
            (
                f"`{name}`",
                read_description(folder / "corpus.json")["tokens"],
                len(offsets) - 1,
                *asked,
                1e6 * forms / tokens.size,
                100 * shared_runs(np.asarray(tokens), offsets),
            )
        )
    header = ("text", "tokens", "documents", "questions, V = 1,000", "questions, V = 10,000")
    header += (f"{', '.join(FORMS)}: per million words", "words in shared runs, %")
    return markdown(header, rows)


def shared_runs(tokens: np.ndarray, offsets: np.ndarray) -> float:
    """Return the share of words in runs of `RUN` words that `DOCUMENTS` or more documents have."""
    document = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    number = tokens.size - RUN + 1
    key = np.zeros(number, np.uint64)
    for at in range(RUN):
        key = key * np.uint64(0x9E3779B97F4A7C15) + tokens[at : at + number].astype(np.uint64)
        key ^= key >> np.uint64(29)
    inside = np.flatnonzero(document[:number] == document[RUN - 1 :])
    order = inside[np.lexsort((document[inside], key[inside]))]
    first = np.ones(order.size, bool)
    first[1:] = key[order][1:] != key[order][:-1]
    other = first.copy()
    other[1:] |= document[order][1:] != document[order][:-1]
    holders = np.add.reduceat(other.astype(np.int64), np.flatnonzero(first))
    starts = order[holders[np.cumsum(first) - 1] >= DOCUMENTS]
    edges = np.zeros(tokens.size + 1, np.int64)
    np.add.at(edges, starts, 1)
    np.add.at(edges, starts + RUN, -1)
    return float((np.cumsum(edges)[:-1] > 0).mean())


# --- what models learn from them ---


def asked(results: Path, name: str, size: int) -> pd.DataFrame:
    """Return whether each model answers each original question, by the question's words."""
    words = np.array(read_vocabulary(results / of(name) / "vocabulary.tsv")[0][:size], dtype=object)
    columns = {}
    for model in MODELS:
        found = read_parquet(answers(results, name, size, model), "table of answers")
        found = found[found["variant"] == "original"]
        pairs = [
            words[found[side] // size] + " " + words[found[side] % size]
            for side in ("first", "second")
        ]
        index = pd.MultiIndex.from_arrays([found["category"], *pairs], names=["of", "a", "b"])
        columns[model] = pd.Series(found["value"].to_numpy(), index)
    return pd.DataFrame(columns)


def scores(tables: Mapping[str, pd.DataFrame]) -> str:
    """Return a row for each candidate: the models' accuracies, and their paired differences."""
    rows = []
    for name, table in tables.items():
        units = Dyads(*(table.index.get_level_values(level).to_numpy() for level in ("a", "b")))
        differences = []
        for model, other in CONTRASTS:
            answers = (units.estimate(table[name].to_numpy()) for name in (model, other))
            found = difference(*answers)
            low, high = (100 * end for end in found[1:3])
            differences.append(f"{100 * found[0]:+.1f} ({low:+.1f} to {high:+.1f})")
        rows.append(
            (
                f"`{name}`",
                len(table),
                *(f"{100 * table[model].mean():.1f}" for model in MODELS),
                *differences,
            )
        )
    contrasts = (f"{MODELS[model]} − {MODELS[other]}" for model, other in CONTRASTS)
    return markdown(("text", "questions", *MODELS.values(), *contrasts), rows)


def in_common(tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return the answers to the questions that all candidates can be asked."""
    distinct = {name: table[~table.index.duplicated()] for name, table in tables.items()}
    common = None
    for table in distinct.values():
        common = table.index if common is None else common[common.isin(table.index)]
    return {name: table.loc[common] for name, table in distinct.items()}


# --- which claims hold on them ---


def claims(results: Path, names: Sequence[str]) -> dict[str, str]:
    """Return the number of claims by outcome on some corpora, and the claims that differ.

    Only claims that were judged on all of them count, since claims change between versions.
    """
    tables = {
        name: read_table(results / "tables" / name / "claims.tsv").set_index("id") for name in names
    }
    known = tables[names[0]].index
    for table in tables.values():
        known = known[known.isin(table.index)]
    tables = {name: table.loc[known] for name, table in tables.items()}
    tally = []
    for name, table in tables.items():
        group = table["by"].where(table["kind"] == "world", "construction")
        for by, own in table.groupby(group, sort=False):
            counts = (int((own["outcome"] == outcome).sum()) for outcome in OUTCOMES)
            tally.append((f"`{name}`", by, *counts))
    first = tables[names[0]]
    outcomes = pd.DataFrame({name: table["outcome"] for name, table in tables.items()})
    changed = first.index[(outcomes.nunique(axis=1) > 1).to_numpy()]
    rows = (
        (
            f"`{claim}`",
            first.at[claim, "statement"],
            *(
                f"{number(table.at[claim, 'value'])}: {table.at[claim, 'outcome']}"
                for table in tables.values()
            ),
        )
        for claim in changed
    )
    header = ("claim", "statement", *(f"on `{name}`" for name in names))
    return {
        "outcomes": markdown(("text", "claims of", *OUTCOMES), tally),
        "changed": markdown(header, rows),
    }


def write(folder: Path) -> dict[str, str]:
    """Return the tables of the candidates."""
    made = folder / "results"
    tables = {"candidates": described(made)}
    for size in SIZES:
        own = {name: asked(made, name, size) for name in candidates()}
        tables[f"scores-{size}"] = scores(own)
        tables[f"common-{size}"] = scores(in_common(own))
    return tables


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    actions = parser.add_subparsers(dest="action", required=True)
    for action in ("run", "write"):
        actions.add_parser(action).add_argument("folder", type=Path)
    actions.choices["run"].add_argument(
        "--only", nargs="*", default=(), choices=tuple(candidates())
    )
    outcomes = actions.add_parser("claims")
    outcomes.add_argument("results", type=Path)
    outcomes.add_argument("corpora", nargs="+")
    given = parser.parse_args()
    if given.action == "run":
        run(given.folder.resolve(), given.only)
        return
    of_claims = given.action == "claims"
    tables = claims(given.results, given.corpora) if of_claims else write(given.folder)
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(pages.filled(page, tables, partly=True), encoding="utf-8")


if __name__ == "__main__":
    main()
