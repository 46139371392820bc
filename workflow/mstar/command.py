"""The command ``mstar``: what word2vec learns from a text, without Snakemake.

``features`` lists what will be learned, in order; ``predict`` adds learning curves and the features
that halves of the text share, and writes tables and a page; ``compare`` writes what two texts learn
in common, and what each alone; ``embed`` writes vectors; ``explore`` writes the explorer page.
Options are settings of the workflow, with its defaults and messages.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import sys
import time
from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from mstar.corpus.corpora import Corpus, local_corpus
from mstar.corpus.encode import CorpusText, encode_corpus
from mstar.corpus.encoded import EncodedCorpus
from mstar.corpus.encoded_text import EncodedText
from mstar.counts import targets
from mstar.counts.cooccurrence import Cooccurrence
from mstar.counts.counting import count
from mstar.evaluation.analogies import build_questions
from mstar.evaluation.coverage import as_in_text
from mstar.evaluation.question_files import Sections, decoded, parse_questions
from mstar.files.mistakes import checked
from mstar.files.tables import write_table
from mstar.files.writing import UserError, atomic, no_room
from mstar.library import TARGET_OF
from mstar.prediction import comparison, halves, two_texts
from mstar.prediction import curves as prediction_curves
from mstar.prediction import features as prediction
from mstar.prediction.two_texts import Counting
from mstar.settings.comparison import Comparison
from mstar.settings.config import Config
from mstar.settings.study import Study
from mstar.spectra.decomposition import decompose
from mstar.spectra.spectrum import Spectrum
from mstar.training import viewer_format, word2vec_format

# Settings of the configuration that are options.
SETTINGS = (
    "documents",
    "field",
    "reader",
    "normaliser",
    "words",
    "deduplicate",
    "vocabulary",
    "window",
    "dim",
    "negative",
    "out_of_vocabulary",
)
# Settings of the section ``comparison``, options of `compare` in place of V and d.
COMPARED = tuple(Comparison.model_fields)
SHOWN = 20
FORMATS = (*word2vec_format.FORMATS, *viewer_format.FORMATS)
EMBED_AS = " or ".join(f".{ending}" for ending in FORMATS)


@dataclass(frozen=True)
class Text:
    """A text as the command reads it.

    Attributes:
        study: its corpus and settings; V and d are at most what the text allows.
        encoded: its words as integers.
        threads: worker threads.
    """

    study: Study
    encoded: EncodedCorpus
    threads: int

    @property
    def words(self) -> Sequence[str]:
        """The V words, most frequent first."""
        return self.encoded.words[: self.study.config.vocabulary]

    def counts(self) -> Cooccurrence:
        """Return the exact pair counts."""
        config, text = self.study.config, self.encoded
        _say(f"counting pairs, V = {config.vocabulary:,}, window {config.window}")
        return count(
            text.tokens,
            text.document_offsets,
            config.vocabulary,
            config.window,
            config.out_of_vocabulary,
            self.threads,
            len(text.words),
        )

    def spectrum(self, counts: Cooccurrence, target: str, rank: int) -> Spectrum:
        """Return the ``rank`` leading eigenpairs of a target."""
        _say(f"computing {rank} eigenpairs of {target}")
        settings: dict[str, Any] = self.study.target_settings(target)
        p = targets.probabilities(counts)
        return decompose(target, p, rank, threads=self.threads, progress=_say, **settings)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status; a mistake is one line on standard error."""
    given = _parser().parse_args(arguments)
    try:
        given.run(_read(given, given.text), given)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        if (why := no_room(error)) or error.filename:
            where = error.filename or given.output
            print(f"error: {where}: cannot be written ({why or error.strerror})", file=sys.stderr)
            return 1
        raise
    return 0


def features(text: Text, given: argparse.Namespace) -> None:
    """Print the features that QWEM will learn, in order; write all of them if asked to."""
    table = _features(text, text.spectrum(text.counts(), "mstar", text.study.config.dim))
    if given.output:
        write_table(table, given.output)
    _show(table, given.output)


def predict(text: Text, given: argparse.Namespace) -> None:
    """Write the tables of the prediction and its page to a folder."""
    # The page needs matplotlib, which takes a second to load.
    from mstar.figures import prediction as figure
    from mstar.figures.drawing import style
    from mstar.report import prediction_page
    from mstar.report.page import data_uri

    study, config = text.study, text.study.config
    folder = Path(given.output or "prediction")
    questions = build_questions(_sections(text, given.questions), text.words, "regenerated")
    counts = text.counts()
    mstar = text.spectrum(counts, "mstar", study.prediction_rank)
    words = list(text.words)
    section = config.prediction
    flow: dict[str, Any] = {
        "init": section.init,
        "learning_rate": section.learning_rate,
        "drops": section.drops,
        "negative": config.negative,
        "points": section.points,
        "seed": section.seed,
    }
    _say("following the flow")
    curves = prediction_curves.curves(mstar, questions, dim=config.dim, **flow)
    prop2 = text.spectrum(counts, "prop2", config.dim)
    unigram = text.encoded.counts[: len(words)]
    tables = {
        "features": _features(text, mstar),
        "word2vec": prediction.word2vec_features(prop2, words, unigram, config.dim, section.words),
        "curves": curves,
        "categories": prediction_curves.categories(curves, questions),
        "reproducibility": _halves(text, mstar),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name in prediction_page.TABLES:
        write_table(tables[name], folder / f"{name}.tsv")
    drawn = {name: tables[name] for name in ("curves", "reproducibility")}
    made, numbers = style.make(figure, drawn, {})
    style.save(made, numbers, csv=folder / "picture.csv", png=folder / "picture.png")
    about = {
        "title": study.corpus.title,
        "tokens": int(text.encoded.tokens.size),
        "documents": int(text.encoded.document_offsets.size - 1),
    }
    settings = {**study.prediction, "followed": given.questions or "none"}
    advice = prediction_page.recommended(tables, settings)
    write_table(advice, folder / "recommended.tsv")
    page = prediction_page.render(
        prediction_page.template(),
        about,
        settings,
        tables,
        advice,
        data_uri(folder / "picture.png", "image/png"),
        {
            f"{name}.tsv.gz": data_uri(folder / f"{name}.tsv", "application/gzip", compress=True)
            for name in prediction_page.TABLES
        },
    )
    with atomic(folder / "prediction.html") as temporary:
        temporary.write_text(page, encoding="utf-8")
    _show(tables["features"], folder / "prediction.html")


def compare(text: Text, given: argparse.Namespace) -> None:
    """Write what this text and another learn in common, and what each alone, to a folder."""
    from mstar.figures import comparison as figure
    from mstar.figures.drawing import style
    from mstar.report import comparison_page

    study = text.study
    settings: dict[str, Any] = study.comparison
    other = _read(given, given.against)
    names = [each.study.corpus.name for each in (text, other)]
    if names[0] == names[1]:
        names = [f"{names[0]} (1)", f"{names[1]} (2)"]
    first, second = _to_compare(text, names[0]), _to_compare(other, names[1])
    _say(f"counting pairs of {settings['vocabulary']:,} shared words")
    counting = Counting(settings["window"], study.config.out_of_vocabulary, text.threads)
    sizes = settings["vocabulary"], settings["seed"]
    try:
        prepared = two_texts.prepare(first, second, counting, *sizes)
    except UserError as error:
        raise UserError(f"{error}".replace("comparison.", "--", 1)) from None
    own = {key: settings[key] for key in ("negative", "init", "moved")}
    rank, threads = settings["features"], text.threads
    found = comparison.compare(prepared, rank, **own, threads=threads, progress=_say)
    tables = {"features": found.features, "words": found.words, "texts": prepared.table}
    folder = Path(given.output or "comparison")
    folder.mkdir(parents=True, exist_ok=True)
    paths = {name: folder / f"{name}.tsv" for name in comparison_page.TABLES}
    for name, path in paths.items():
        write_table(tables[name], path)
    made, numbers = style.make(figure, tables, {})
    picture = folder / "comparison.png"
    style.save(made, numbers, csv=folder / "comparison.csv", png=picture)
    page = comparison_page.from_files(comparison_page.template(), paths, picture, settings)
    with atomic(folder / "comparison.html") as temporary:
        temporary.write_text(page, encoding="utf-8")
    print(f"{folder / 'comparison.html'}: open it in a browser")


def _to_compare(text: Text, name: str) -> two_texts.Text:
    """Return a text for `mstar.prediction.two_texts.prepare`."""
    encoded, title = text.encoded, text.study.corpus.title
    offsets = encoded.document_offsets
    return two_texts.Text(name, encoded.tokens, offsets, encoded.words, encoded.counts, title)


def embed(text: Text, given: argparse.Namespace) -> None:
    """Write the vectors that a model tends to, in word2vec's formats or those of viewers."""
    dim = text.study.config.dim
    found = text.spectrum(text.counts(), TARGET_OF[given.model], dim)
    path = Path(given.output)
    wanted = viewer_format if path.suffix[1:] in viewer_format.FORMATS else word2vec_format
    wanted.write(path, text.words, found.embedding(dim))
    opened = {
        ".parquet": f"    embedding-atlas {shlex.quote(given.output)} --text word --vector vector",
        ".tsv": f"    TensorBoard's projector; the words are in {viewer_format.metadata(path)}",
    }
    reader = (
        f"    KeyedVectors.load_word2vec_format({given.output!r}, binary={path.suffix == '.bin'})"
    )
    print(f"{path}: {len(text.words):,} vectors of {dim} numbers. To read it:")
    print(opened.get(path.suffix, reader))


def explore(text: Text, given: argparse.Namespace) -> None:
    """Write the explorer page."""
    from plotly.offline import get_plotlyjs

    from mstar.report.explorer import page_data, render, sources

    study = text.study
    counts = text.counts()
    mstar = text.spectrum(counts, "mstar", study.prediction_rank)
    prop2 = text.spectrum(counts, "prop2", study.config.dim)
    data = page_data(mstar, text.words, prop2=prop2, **study.explorer)
    template, css, scripts = sources()
    about: dict[str, Any] = {"corpus": study.corpus.title, "window": study.config.window}
    html = render(template, data=data, scripts=[get_plotlyjs(), *scripts], style=css, **about)
    output = given.output or f"{study.corpus.name}.html"
    with atomic(output) as temporary:
        temporary.write_text(html, encoding="utf-8")
    print(f"{output}: open it in a browser")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="mstar", description="What word2vec learns from a text, and when."
    )
    commands = parser.add_subparsers(required=True, metavar="command")
    for name, run, about, output in (
        ("features", features, "list the features that will be learned, in order", "table (.tsv)"),
        ("predict", predict, "predict learning, as tables and a page", "folder (prediction)"),
        ("compare", compare, "compare two texts, as tables and a page", "folder (comparison)"),
        ("embed", embed, "write vectors in a format of word2vec or of viewers", EMBED_AS),
        ("explore", explore, "write the explorer page", "page (NAME-OF-TEXT.html)"),
    ):
        command = commands.add_parser(name, help=about, description=(run.__doc__ or "").strip())
        command.set_defaults(run=run)
        command.add_argument("text", help="a file, a folder or a glob")
        if name == "compare":
            command.add_argument("against", help="the other text, read as the first is")
        command.add_argument("-o", "--output", required=name == "embed", help=output)
        own = COMPARED if name == "compare" else ()
        for key in (*own, *(key for key in SETTINGS if not own or key not in (*own, "dim"))):
            field = (Comparison if key in own else Config).model_fields[key]
            option = "--" + key.replace("_", "-")
            default = "{}" if key == "words" else field.default
            text = f"{field.description} (default: {default})".replace("%", "%%")
            if key == "deduplicate":
                command.add_argument(option, action="store_true", default=None, help=text)
            elif key == "words":
                command.add_argument(option, metavar="JSON", help=text)
            else:
                command.add_argument(option, help=text)
        command.add_argument("--threads", type=int, default=os.cpu_count() or 1)
        if name == "predict":
            command.add_argument("--questions", help="analogies, in the form of Google's")
        if name == "embed":
            command.add_argument(
                "--model",
                choices=list(TARGET_OF),
                default="qwem",
                help="the closed form of QWEM, or Proposition 2 with word2vec's own weights",
            )
    return parser


def _read(given: argparse.Namespace, path: str) -> Text:
    """Return the text at ``path`` with its settings.

    V and d that were not asked for are at most what the text allows.

    Raises:
        UserError: a setting is wrong, the text cannot be read, or has too few words for them.
    """
    options = {key: _value(value) for key, value in vars(given).items() if value is not None}
    raw: dict[str, Any] = {key: options[key] for key in SETTINGS if key in options}
    if given.run is compare:
        raw.pop("vocabulary", None)
        raw["comparison"] = {key: options[key] for key in COMPARED if key in options}
    config, mistakes = checked(Config, raw)
    if config is None:
        raise UserError(_as_option(mistakes[0]))
    if given.threads < 1:
        raise UserError(f"--threads: {given.threads}: expected an integer >= 1")
    corpus = local_corpus(
        path,
        config.documents,
        config.normaliser or "text8",
        bool(config.deduplicate),
        config.words,
        field=config.field or "text",
        reader=config.reader,
    )
    _check_output(given, corpus)
    _say(f"reading {path}")
    encoded = encode_corpus(CorpusText(corpus, processes=given.threads))
    documents = encoded.document_offsets.size - 1
    types = len(encoded.words)
    _say(f"{encoded.tokens.size:,} words, {types:,} of them different, in {documents:,} documents")
    vocabulary = min(config.vocabulary, types)
    if "vocabulary" in raw and vocabulary < config.vocabulary:
        raise UserError(
            f"--vocabulary: {config.vocabulary} asked for, and the text has {types} different words"
        )
    dim = config.dim if "dim" in raw else min(config.dim, vocabulary - 1)
    if not 0 < dim < vocabulary:
        raise UserError(f"--dim: {dim}: expected a number from 1 to {vocabulary - 1}, below V")
    sized = config.model_copy(update={"vocabulary": vocabulary, "dim": dim})
    return Text(Study(sized, corpus), encoded, given.threads)


def _as_option(mistake: str) -> str:
    """Return a line on a setting as one on the option that sets it."""
    key, _, rest = mistake.removeprefix("comparison.").partition(":")
    return f"--{key.replace('_', '-')}:{rest}"


def _value(text: Any) -> Any:
    """Return an option's value as the configuration has it: a number where it is one."""
    if not isinstance(text, str):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text


def _check_output(given: argparse.Namespace, corpus: Corpus) -> None:
    """Check before the work that the output can be written.

    Raises:
        UserError: its folder does not exist, or its ending is not that of a known format.
    """
    output = given.output
    if not output:
        return
    path = Path(output)
    folder = given.run in (predict, compare)
    if folder and path.exists() and not path.is_dir():
        raise UserError(f"-o: {output}: is a file: expected a folder")
    if not folder and not path.absolute().parent.is_dir():
        raise UserError(f"-o: {path.parent}: no such folder")
    if not folder and path.is_dir():
        raise UserError(f"-o: {output}: is a folder: expected the name of a file")
    if given.run is embed and path.suffix[1:] not in FORMATS:
        raise UserError(f"-o: {output}: expected a name that ends in {EMBED_AS}")


def _features(text: Text, mstar: Spectrum) -> pd.DataFrame:
    config = text.study.config
    return prediction.features(
        mstar,
        text.words,
        text.encoded.counts[: len(text.words)],
        init=config.prediction.init,
        learning_rate=config.prediction.learning_rate,
        negative=config.negative,
        drops=config.prediction.drops,
        shown=config.prediction.words,
    )


def _sections(text: Text, path: str | None) -> Sections:
    """Return analogies in the words of the text; none without a file."""
    if path is None:
        return {}
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise UserError(f"--questions: {path}: cannot be read ({error.strerror})") from None
    parsed = parse_questions(decoded(content, path), path)
    corpus = text.study.corpus
    return as_in_text(parsed, corpus.normaliser, corpus.words, frozenset(text.words))


def _halves(text: Text, mstar: Spectrum) -> pd.DataFrame:
    """Return what halves of the text share."""
    config, encoded = text.study.config, text.encoded
    _say("comparing halves of the text")
    leading = halves.leading_modes(
        config.vocabulary,
        config.window,
        config.negative,
        config.out_of_vocabulary,
        text.threads,
    )
    with redirect_stdout(sys.stderr):  # it tells its progress
        return halves.compare(
            EncodedText.of(encoded.tokens, encoded.document_offsets, len(encoded.words)),
            mstar.eigenvectors,
            leading,
            config.prediction.compared,
            config.prediction.seed,
        )


def _show(table: pd.DataFrame, output: Any) -> None:
    """Print the first features."""
    print("rank  eigenvalue  time/tau_1          step  name")
    for row in table.head(SHOWN).to_dict("records"):
        numbers = f"{row['rank']:4}  {row['eigenvalue']:10.4g}  {row['time_tau1']:10.2f}"
        print(f"{numbers}  {row['steps']:12,.0f}  {row['name']}")
    if output:
        print(f"{output}: all {len(table)}")


def _say(line: str) -> None:
    """Print a line of progress, with the seconds since the start."""
    print(f"[{time.monotonic() - START:6.1f} s] {line}", file=sys.stderr, flush=True)


START = time.monotonic()

if __name__ == "__main__":
    sys.exit(main())
