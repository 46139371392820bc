"""Wrong settings, corpora and claims, with the lines that report them: ``docs/config-errors.md``.

``python -m tools.config_mistakes > docs/config-errors.md`` renews the page.
"""

from __future__ import annotations

import datetime
import json
import math
from typing import Any

from mstar.claims.measures import arguments_of_measures

INTRODUCTION = """\
# Mistakes in the configuration

This page is generated (`python -m tools.config_mistakes`); tests make every one of these {}
mistakes and keep the page equal to the lines that report them.

All mistakes are found before anything is made, each reported in one line: key, value, what was
expected and, where there is one, the nearest valid choice. A configuration below is layered on
`config/config.yaml`; the last two tables are of entries in `config/corpora.yaml` and
`config/claims.yaml`.

"""
READABLE = (
    "expected a .txt or .jsonl file, plain or .gz, .xz or .zst, a .parquet or .zip file, or a "
    "folder or glob of one of these kinds, or of WikiExtractor output"
)
FAMILIES = (
    "capital-common-countries, capital-world, currency, city-in-state, family,"
    " gram1-adjective-to-adverb, gram2-opposite, gram3-comparative, gram4-superlative,"
    " gram5-present-participle, gram6-nationality-adjective, gram7-past-tense, gram8-plural,"
    " gram9-plural-verbs"
)
TOP = (
    "corpus, documents, normaliser, vocabulary, window, dim, negative, out_of_vocabulary, shards,"
    " pmi_floor, seeds, factorisations, baselines, gensim, probe_pairs, benchmarks, dynamics,"
    " extras, prediction, figures"
)
RUNS = (
    "sgns_large, sgns_small, qwem_large, qwem_small, exact_large, exact_small, lemma_large,"
    " lemma_small, sampled_qwem, sampled_sgns, ablation_sgns, ablation_quartic,"
    " ablation_setting31, ablation_qwem"
)
PAIR = "a pair of words, such as [king, queen]"
WORD = "a word (in quotes if YAML reads it as something else, as it does no, on, null)"
SEEDS = "a list of different integers >= 0 and below 2**32, such as [1, 2]"
NAME = "a name of lower-case letters, digits and _, not that of another model"
CORPUS = "the name of a corpus or the path of a text, on one line"
DOCUMENTS = "line, file or fixed:N, such as fixed:50000"
SECTION = "a mapping of keys to values"


def run(**changes: Any) -> dict[str, Any]:
    settings = {"estimator": "exact", "loss": "quartic", "weighting": "setting31", "init": 0.1}
    return {"dynamics": {"runs": {"mine": {**settings, **changes}}}}


WRONG: dict[str, list[tuple[Any, list[str]]]] = {
    "The whole": [
        ([], [f"[]: expected {SECTION}"]),
        ("vocabulary: 3", [f'"vocabulary: 3": expected {SECTION}']),
        ({"dynamics": 5}, [f"dynamics: 5: expected {SECTION}"]),
        ({"figures": {"fig2": [1]}}, [f"figures.fig2: [1]: expected {SECTION}"]),
    ],
    "Unknown keys": [
        (
            {"vocabluary": 3},
            [f'vocabluary: unknown key; expected one of {TOP}; did you mean "vocabulary"?'],
        ),
        ({"tolerance": 1}, ['tolerance: unknown key; did you mean "dynamics.tolerance"?']),
        ({7: 1}, [f"7: unknown key; expected one of {TOP}"]),
        ({"a\nb": 1}, [f'"a\\nb": unknown key; expected one of {TOP}']),
        ({"[key]": 1}, [f'"[key]": unknown key; expected one of {TOP}']),
        ({"../dim": 1}, [f'"../dim": unknown key; expected one of {TOP}; did you mean "dim"?']),
        (
            {"figures": {"fig9": {}}},
            [
                "figures.fig9: unknown key; expected one of fig1, fig2, fig3a, fig4, fig5, fig6, fig7,"
                ' spectra, movie, explorer, scaling, noise, small; did you mean "fig7"?'
            ],
        ),
        (
            {"figures": {"fig2": {"large": {"w2v": "sgns_large"}}}},
            ["figures.fig2.large.w2v: unknown key; expected one of word2vec, qwem, theory"],
        ),
    ],
    "Integers": [
        ({"vocabulary": "many"}, ['vocabulary: "many": expected an integer >= 2']),
        ({"vocabulary": 1}, ["vocabulary: 1: expected an integer >= 2"]),
        ({"window": 0}, ["window: 0: expected an integer >= 1"]),
        ({"window": True}, ["window: true: expected an integer >= 1"]),
        ({"window": 2.5}, ["window: 2.5: expected an integer >= 1"]),
        ({"dim": [200]}, ["dim: [200]: expected an integer >= 1"]),
        ({"dim": "1e400"}, ['dim: "1e400": expected an integer >= 1']),
        ({"window": 10**10}, ["window: 10000000000: expected an integer >= 1 and <= 1000000000"]),
        (
            {"vocabulary": 10**99},
            [
                'vocabulary: "a number of more than 80 digits": expected an integer >= 2 and <= 1000000000'
            ],
        ),
    ],
    "Numbers": [
        ({"negative": 0}, ["negative: 0: expected a number > 0"]),
        ({"negative": -1}, ["negative: -1: expected a number > 0"]),
        ({"negative": False}, ["negative: false: expected a number > 0"]),
        ({"pmi_floor": math.nan}, ["pmi_floor: NaN: expected a number > 0"]),
        ({"pmi_floor": "small"}, ['pmi_floor: "small": expected a number > 0']),
        (
            {"dynamics": {"horizon": math.inf}},
            ["dynamics.horizon: Infinity: expected a number > 0"],
        ),
        ({"dynamics": {"tolerance": 1}}, ["dynamics.tolerance: 1: expected a number > 0 and < 1"]),
        (
            {"dynamics": {"negative_power": -0.5}},
            ["dynamics.negative_power: -0.5: expected a number >= 0"],
        ),
    ],
    "Text": [
        ({"corpus": 1.5}, [f"corpus: 1.5: expected {CORPUS}"]),
        ({"corpus": True}, [f"corpus: true: expected {CORPUS}"]),
        ({"corpus": "a.txt\nrm -r x"}, [f'corpus: "a.txt\\nrm -r x": expected {CORPUS}']),
        ({"corpus": "a\0.txt"}, [f'corpus: "a\\u0000.txt": expected {CORPUS}']),
        ({"corpus": ["a.txt", "b.txt"]}, [f'corpus: ["a.txt", "b.txt"]: expected {CORPUS}']),
        ({"corpus": {"path": "a.txt"}}, [f'corpus: {{"path": "a.txt"}}: expected {CORPUS}']),
        ({"documents": "fixed:9\n"}, [f'documents: "fixed:9\\n": expected {DOCUMENTS}']),
        ({"documents": f"fixed:{10**30}"}, [f'documents: "fixed:{10**30}": expected {DOCUMENTS}']),
        ({"documents": "$(reboot)"}, [f'documents: "$(reboot)": expected {DOCUMENTS}']),
        ({"documents": "lines"}, [f'documents: "lines": expected {DOCUMENTS}']),
        ({"documents": "fixed:0"}, [f'documents: "fixed:0": expected {DOCUMENTS}']),
        ({"documents": 50000}, [f"documents: 50000: expected {DOCUMENTS}"]),
        (
            {"benchmarks": {"men": 0.5}},
            ["benchmarks.men: 0.5: expected the path of a file, on one line"],
        ),
        (
            {"benchmarks": {"men": "a\u2028b"}},
            ['benchmarks.men: "a\\u2028b": expected the path of a file, on one line'],
        ),
        (
            {"corpus": datetime.date(2024, 1, 31)},
            [f'corpus: "2024-01-31": expected {CORPUS}'],
        ),
    ],
    "Choices": [
        (
            {"normaliser": "utf-8"},
            ['normaliser: "utf-8": expected one of text8, paper, unicode'],
        ),
        (
            {"normaliser": "Unicode"},
            [
                'normaliser: "Unicode": expected one of text8, paper, unicode; did you mean'
                ' "unicode"?'
            ],
        ),
        (
            {"out_of_vocabulary": "gaps"},
            ['out_of_vocabulary: "gaps": expected one of removed, gap; did you mean "gap"?'],
        ),
        (
            {"dynamics": {"device": "tpu9"}},
            ['dynamics.device: "tpu9": expected one of auto, cpu, cuda'],
        ),
        (
            {"dynamics": {"dtype": "float62"}},
            [
                'dynamics.dtype: "float62": expected one of float32, float64; did you mean "float64"?'
            ],
        ),
        (
            {"factorisations": ["svd_mstar", "svd_ppm"]},
            [
                'factorisations[1]: "svd_ppm": expected one of svd_mstar, svd_ppmi, svd_pmi; '
                'did you mean "svd_ppmi"?'
            ],
        ),
        (
            {"figures": {"fig4": {"family": "gram7-past"}}},
            [
                f'figures.fig4.family: "gram7-past": expected one of {FAMILIES}; '
                'did you mean "gram7-past-tense"?'
            ],
        ),
    ],
    "Lists": [
        ({"seeds": []}, [f"seeds: []: expected {SEEDS}"]),
        ({"seeds": 1}, [f"seeds: 1: expected {SEEDS}"]),
        ({"seeds": [1, 1]}, [f"seeds: [1, 1]: expected {SEEDS}"]),
        ({"seeds": [1, "b"]}, ['seeds[1]: "b": expected an integer >= 0 and <= 4294967295']),
        ({"seeds": [-1]}, ["seeds[0]: -1: expected an integer >= 0 and <= 4294967295"]),
        ({"seeds": "[1, 2"}, [f'seeds: "[1, 2": expected {SEEDS}']),
        (
            {"factorisations": ["svd_pmi", "svd_pmi"]},
            ['factorisations: ["svd_pmi", "svd_pmi"]: expected a list of factorisations'],
        ),
        (
            {"figures": {"fig4": {"dims": [8, 4]}}},
            ["figures.fig4.dims: [8, 4]: expected a list of increasing integers >= 1"],
        ),
        (
            {"figures": {"fig3a": {"components": [0, 1]}}},
            ["figures.fig3a.components[0]: 0: expected an integer >= 1"],
        ),
        ({"probe_pairs": ["of the"]}, [f'probe_pairs[0]: "of the": expected {PAIR}']),
        ({"probe_pairs": [["the"]]}, [f'probe_pairs[0]: ["the"]: expected {PAIR}']),
        ({"probe_pairs": [["a", "b", "c"]]}, [f'probe_pairs[0]: ["a", "b", "c"]: expected {PAIR}']),
        ({"probe_pairs": [[False, "yes"]]}, [f"probe_pairs[0][0]: false: expected {WORD}"]),
        (
            {"probe_pairs": [["new york", "city"]]},
            [f'probe_pairs[0][0]: "new york": expected {WORD}'],
        ),
    ],
    "Runs": [
        (
            run(estimator="exat"),
            [
                'dynamics.runs.mine.estimator: "exat": expected one of population, exact, sigmoid,'
                ' sampled; did you mean "exact"?'
            ],
        ),
        (
            run(estimator="population", loss="quartc", weighting="unigrams"),
            [
                'dynamics.runs.mine.loss: "quartc": expected one of sgns, quartic; did you mean'
                ' "quartic"?',
                'dynamics.runs.mine.weighting: "unigrams": expected one of word2vec, setting31,'
                ' unigram; did you mean "unigram"?',
            ],
        ),
        (run(init=0), ["dynamics.runs.mine.init: 0: expected a number > 0"]),
        (run(init=None), ["dynamics.runs.mine.init: missing; expected a number > 0"]),
        (
            run(k=2),
            [
                "dynamics.runs.mine.k: unknown key; expected one of estimator, loss, weighting, init,"
                " negative, sgd"
            ],
        ),
        (
            run(estimator="sampled"),
            [
                "dynamics.runs.mine.sgd: null: expected settings such as {learning_rate: 5}, since the"
                " estimator is sampled"
            ],
        ),
        (
            run(estimator="population", sgd={"learning_rate": 5}),
            [
                'dynamics.runs.mine.sgd: {"learning_rate": 5.0}: expected none, since the estimator is'
                " population"
            ],
        ),
        (
            run(estimator="sampled", sgd={"learning_rate": 5, "drops": [[9, 0.1], [9, 0.1]]}),
            [
                "dynamics.runs.mine.sgd.drops: [[9, 0.1], [9, 0.1]]: expected a list of pairs"
                " [step, factor], their steps increasing"
            ],
        ),
        (
            run(estimator="sampled", sgd={"learning_rate": 5, "drops": [[9, 0.1]], "steps": 9}),
            ["dynamics.runs.mine.sgd.drops: [9]: expected steps below those to make (9)"],
        ),
        (
            run(estimator="sampled", sgd={"learning_rate": 5, "drops": [[9, 0]]}),
            ["dynamics.runs.mine.sgd.drops[0][1]: 0: expected a number > 0"],
        ),
        (
            run(estimator="sampled", sgd={"rate": 5}),
            [
                "dynamics.runs.mine.sgd.learning_rate: missing; expected a number > 0",
                "dynamics.runs.mine.sgd.rate: unknown key; expected one of learning_rate, loss_scale,"
                " batch, drops, steps, sampler",
            ],
        ),
        (
            run(negative=2),
            [
                "dynamics.runs.mine.negative: 2.0: expected no other than negative (1), since it reads"
                " the spectrum of M*"
            ],
        ),
        (
            run(loss="sgns"),
            ['dynamics.runs.mine.loss: "sgns": expected quartic, since the estimator is exact'],
        ),
        (
            run(estimator="sigmoid", weighting="word2vec"),
            [
                'dynamics.runs.mine.weighting: "word2vec": expected setting31, since the estimator is'
                " sigmoid"
            ],
        ),
        (
            {"dynamics": {"runs": {"Mine": run()["dynamics"]["runs"]["mine"]}}},
            [f'dynamics.runs.Mine: "Mine": expected {NAME}'],
        ),
        (
            {"dynamics": {"runs": {"../x": run()["dynamics"]["runs"]["mine"]}}},
            [f'dynamics.runs."../x": "../x": expected {NAME}'],
        ),
        (
            {"dynamics": {"runs": {"a b;ls": run()["dynamics"]["runs"]["mine"]}}},
            [f'dynamics.runs."a b;ls": "a b;ls": expected {NAME}'],
        ),
        (
            {"dynamics": {"runs": {"[key]": run(**{"[key]": 1})["dynamics"]["runs"]["mine"]}}},
            [
                f'dynamics.runs."[key]": "[key]": expected {NAME}',
                'dynamics.runs."[key]"."[key]": unknown key; expected one of estimator, loss,'
                " weighting, init, negative, sgd",
            ],
        ),
        (
            {"dynamics": {"runs": {"svd_pmi": run()["dynamics"]["runs"]["mine"]}}},
            [f'dynamics.runs.svd_pmi: "svd_pmi": expected {NAME}'],
        ),
        (
            {"dynamics": {"runs": {"gensim": run()["dynamics"]["runs"]["mine"]}}},
            [f'dynamics.runs.gensim: "gensim": expected {NAME}'],
        ),
        (
            {"baselines": ["gensin"], "gensim": {"epochs": 0}},
            [
                'baselines[0]: "gensin": expected one of gensim, gensim_sum; did you mean "gensim"?',
                "gensim.epochs: 0: expected an integer >= 1",
            ],
        ),
    ],
    "Between keys": [
        (
            {"baselines": ["gensim"], "out_of_vocabulary": "gap"},
            [
                'baselines: ["gensim"]: expected none, since gensim knows no out_of_vocabulary but'
                " removed"
            ],
        ),
        (
            {"figures": {"spectra": {"fit_from": 200}}},
            [
                "figures.spectra.fit_from: 200: expected an integer below figures.spectra.modes"
                " (200)"
            ],
        ),
        ({"dim": 10000}, ["dim: 10000: expected an integer below vocabulary (10000)"]),
        (
            {"dynamics": {"vocabulary": 50}},
            ["dynamics.dim: 100: expected an integer below dynamics.vocabulary (50)"],
        ),
        (
            {"dynamics": {"start": 30}},
            ["dynamics.start: 30.0: expected a number below dynamics.horizon (30)"],
        ),
        (
            {"dynamics": {"snapshots": [0.1, 1]}},
            [
                "dynamics.snapshots: [0.1, 1.0]: expected times from dynamics.start (0.3) to "
                "dynamics.horizon (30)"
            ],
        ),
        (
            {"dynamics": {"snapshots": [3, 31]}},
            [
                "dynamics.snapshots: [3.0, 31.0]: expected times from dynamics.start (0.3) to "
                "dynamics.horizon (30)"
            ],
        ),
        (
            {"dynamics": {"dim": 2, "vocabulary": 50}},
            [
                "dynamics.dim: 2: expected an integer >= 3, since Figure 1 shows the third principal"
                " direction"
            ],
        ),
        (
            {"extras": ["scaling"], "figures": {"scaling": {"vocabularies": [200, 1000]}}},
            ["figures.scaling.vocabularies: 200: expected vocabularies above dim (200)"],
        ),
        (
            {"dynamics": {"snapshots": [3, 1]}},
            ["dynamics.snapshots: [3, 1]: expected a list of increasing numbers > 0"],
        ),
        (
            {"figures": {"fig1": {"word2vec": "sgns_smal"}}},
            [
                f'figures.fig1.word2vec: "sgns_smal": expected one of dynamics.runs ({RUNS}); '
                'did you mean "sgns_small"?'
            ],
        ),
        (
            {"dynamics": {"runs": {"lemma_large": None}}},
            [
                'figures.fig2.large.theory: "lemma_large": expected one of dynamics.runs '
                f'({RUNS.replace("lemma_large, ", "")}); did you mean "qwem_large"?'
            ],
        ),
        (
            {"vocabulary": 100, "dim": 10},
            [
                "figures.fig4.histogram_dims: [128, 256, 512, 1024]: expected at least one d below "
                "vocabulary (100)"
            ],
        ),
    ],
    "The noise figure, where it is made": [
        (
            {"extras": ["noise"], "figures": {"noise": {"base": "qwem_large", "horizon": 0.2}}},
            [
                'figures.noise.base: "qwem_large": expected a run with estimator sampled, which that'
                " one has not",
                "figures.noise.horizon: 0.2: expected a number above dynamics.start (0.3)",
            ],
        ),
        (
            {"extras": ["noise"], "figures": {"noise": {"base": "sampled_qwen"}}},
            [
                f'figures.noise.base: "sampled_qwen": expected one of dynamics.runs ({RUNS}); did you'
                ' mean "sampled_qwem"?'
            ],
        ),
        (
            {
                "extras": ["noise"],
                "dynamics": {"runs": {"noise_mine": run()["dynamics"]["runs"]["mine"]}},
            },
            [
                'dynamics.runs.noise_mine: "noise_mine": expected another name, since those of the'
                " noise figure's runs begin with noise_"
            ],
        ),
    ],
    "The runs scored against the prediction": [
        (
            {"prediction": {"runs": ["sampled_qwen", "ablation_qwem"]}},
            [
                'prediction.runs[1]: "ablation_qwem": expected a run with no other than negative'
                " (1), as M* has",
                f'prediction.runs[0]: "sampled_qwen": expected one of dynamics.runs ({RUNS}); did'
                ' you mean "sampled_qwem"?',
            ],
        ),
        ({"prediction": {"rank": 0}}, ["prediction.rank: 0: expected an integer >= 1"]),
    ],
    "All at once, and no complaint that only follows from another mistake": [
        (
            {"dim": "x", "vocabulary": 150, "sede": 1, "dynamics": {"dim": 3000}},
            [
                'dim: "x": expected an integer >= 1',
                f'sede: unknown key; expected one of {TOP}; did you mean "seeds"?',
                "dynamics.dim: 3000: expected an integer below dynamics.vocabulary (1000)",
            ],
        ),
        (
            {"dynamics": {"horizon": "long", "runs": {"qwem_small": {"loss": "mse"}}}},
            [
                'dynamics.horizon: "long": expected a number > 0',
                'dynamics.runs.qwem_small.loss: "mse": expected one of sgns, quartic',
            ],
        ),
    ],
}

CASES = [case for cases in WRONG.values() for case in cases]

# Values of `corpus`, with documents and normaliser, in a folder that holds text.txt, "empty" (a
# folder), notes.pdf and "$(ls) a;b.txt".
CORPORA: list[tuple[str, str | None, str | None, str]] = [
    (
        "text",
        None,
        None,
        "corpus: 'text' is neither a known corpus (starter) nor a path to text",
    ),
    (
        "startr",
        None,
        None,
        "corpus: 'startr' is neither a known corpus (starter) nor a path to text; did you mean"
        " starter?",
    ),
    (
        "starter",
        "line",
        None,
        "documents: 'line' is for text given by path; the corpus starter has its own documents (one"
        " article, passage, country page or speech each): leave it null",
    ),
    (
        "starter",
        None,
        "unicode",
        "normaliser: 'unicode' is for text given by path; the corpus starter has its own (text8):"
        " leave it null",
    ),
    (
        "txet.txt",
        None,
        None,
        f"txet.txt: no such file or folder: {READABLE}; did you mean text.txt?",
    ),
    ("empty", None, None, f"empty: no text file there: {READABLE}"),
    ("*.gz", None, None, f"*.gz: no text file there: {READABLE}"),
    ("notes.pdf", None, None, f"notes.pdf: this kind of file is not read: {READABLE}"),
    (
        "../no/such/text.txt",
        None,
        None,
        f"../no/such/text.txt: no such file or folder: {READABLE} (there is no folder ../no/such"
        " either)",
    ),
    ("$(reboot)", None, None, f"$(reboot): no such file or folder: {READABLE}"),
    ("x" * 300, None, None, f"corpus: {'x' * 60}: cannot be read (File name too long)"),
]


def corpus_entry(changes: dict[str, Any]) -> dict[str, Any]:
    """Return an entry of ``corpora.yaml`` and its one file, with changes to either."""
    file = {
        "name": "x",
        "title": "X",
        "licence": "public domain",
        "source": "url",
        "urls": ["https://example.org/x.txt"],
        "filename": "x.txt",
        "sha256": "0" * 64,
        "reader": "plain",
    }
    of_file = changes.get("file", {})
    entry = {
        "title": "X",
        "document_rule": "line",
        "files": [{key: item for key, item in {**file, **of_file}.items() if item != ABSENT}],
    }
    return {**entry, **{key: item for key, item in changes.items() if key != "file"}}


ABSENT = "(absent)"
# Changes of an entry of corpora.yaml, or of its file; then the lines, without the path.
CORPUS_ENTRIES: list[tuple[dict[str, Any], list[str]]] = [
    (
        {"normalizer": "text8"},
        [
            "mine: normalizer: unknown key; expected one of name, title, normaliser, document_rule,"
            ' min_tokens, files, path, field, tokens; did you mean "normaliser"?'
        ],
    ),
    (
        {"normaliser": "text9"},
        ['mine: normaliser: "text9": expected one of text8, paper, unicode; did you mean "text8"?'],
    ),
    (
        {"path": "x.txt"},
        ["mine: expected either files to fetch or the path of a text"],
    ),
    (
        {"file": {"source": "hugingface"}},
        [
            'mine: files[0].source: "hugingface": expected one of package, url, huggingface; did'
            ' you mean "huggingface"?'
        ],
    ),
    (
        {"file": {"reader": "parket", "licence": ABSENT}},
        [
            "mine: files[0].licence: missing; expected text",
            'mine: files[0].reader: "parket": expected one of plain, jsonl, wiki, parquet,'
            ' wikitext, passages, json_strings, text; did you mean "parquet"?',
        ],
    ),
    (
        {"file": {"sha256": "abc", "bytes": 0}},
        [
            "mine: files[0].bytes: 0: expected an integer > 0",
            'mine: files[0].sha256: "abc": expected text matching ^[0-9a-f]{64}$',
        ],
    ),
    (
        {"file": {"urls": ["ftp://x/y"]}},
        [
            'mine: files[0].urls: ["ftp://x/y"]: expected one or more addresses, each http://,'
            " https:// or file://"
        ],
    ),
]


def claim_entry(changes: dict[str, Any]) -> dict[str, Any]:
    """Return an entry of ``claims.yaml`` with changes."""
    entry = {
        "id": "a.b",
        "where": "Figure 0",
        "statement": "it is so",
        "measure": "d_eff",
        "arguments": {"family": "family", "dim": 256},
        "relation": "about",
        "expected": 1,
        "why": "because",
    }
    return {key: item for key, item in {**entry, **changes}.items() if item != ABSENT}


# Changes of an entry of claims.yaml; then the lines, without the path.
CLAIMS: list[tuple[dict[str, Any], list[str]]] = [
    (
        {"measure": "d_ef"},
        [
            f'claim a.b: measure: "d_ef": expected one of {", ".join(arguments_of_measures())};'
            ' did you mean "d_eff"?'
        ],
    ),
    (
        {"arguments": {"famly": "family", "dim": 256}},
        [
            "claim a.b: arguments.family: missing; expected text",
            "claim a.b: arguments.famly: unknown key; expected one of family, dim; did you mean"
            ' "family"?',
        ],
    ),
    (
        {"arguments": {"family": "family"}},
        ["claim a.b: arguments.dim: missing; expected an integer"],
    ),
    (
        {"arguments": {"family": 3, "dim": "256"}},
        [
            "claim a.b: arguments.family: 3: expected text",
            'claim a.b: arguments.dim: "256": expected an integer',
        ],
    ),
    (
        {"measure": "one_at_a_time", "arguments": {"role": "qwen"}},
        [
            'claim a.b: arguments.role: "qwen": expected one of qwem, word2vec, theory, sgns,'
            ' quartic, setting31, ablation_qwem, svd_ppmi; did you mean "qwem"?'
        ],
    ),
    (
        {"measure": "largest_entry", "arguments": {"modes": 3}},
        ["claim a.b: arguments.modes: unknown key; expected none"],
    ),
    (
        {"arguments": [1]},
        ["claim a.b: arguments: [1]: expected a mapping of keys to values"],
    ),
    (
        {"relation": "at lest"},
        [
            'claim a.b: relation: "at lest": expected one of about, at least, at most, interval'
            ' above; did you mean "at least"?'
        ],
    ),
    (
        {"scope": {"token": 1e9, "dim": 200}},
        [
            "claim a.b: scope.token: unknown key; expected one of tokens, vocabulary, dim, corpus,"
            ' of; did you mean "tokens"?'
        ],
    ),
    (
        {"tokens": 1e9, "expected": None, "where": ABSENT},
        [
            "claim a.b: where: missing; expected text",
            "claim a.b: expected: null: expected a number",
            'claim a.b: tokens: unknown key; did you mean "scope.tokens"?',
        ],
    ),
    (
        {"id": "No Good"},
        ['claim No Good: id: "No Good": expected a name of lower-case letters, digits, _, - and .'],
    ),
]


def markdown() -> str:
    """Return the page."""
    rows = []
    tables = {
        **{heading: ("configuration", cases) for heading, cases in WRONG.items()},
        "Entries of corpora.yaml": ("changes of an entry", CORPUS_ENTRIES),
        "Entries of claims.yaml": ("changes of an entry", CLAIMS),
    }
    for heading, (left, cases) in tables.items():
        rows += [f"## {heading}", "", f"| {left} | message |", "|---|---|"]
        for changes, lines in cases:
            message = "<br>".join(f"`{_cell(line)}`" for line in lines)
            rows.append(f"| `{_cell(_written(changes))}` | {message} |")
        rows.append("")
    rows += ["## The text", "", "| corpus | documents, normaliser | message |", "|---|---|---|"]
    for corpus, *settings, message in CORPORA:
        given = ", ".join(filter(None, settings))
        shown = corpus if len(corpus) < 80 else f"{corpus[:20]} ... ({len(corpus)} letters)"
        rows.append(f"| `{_cell(shown)}` | {given} | `{_cell(message)}` |")
    count = len(CASES) + len(CORPORA) + len(CORPUS_ENTRIES) + len(CLAIMS)
    return INTRODUCTION.format(count) + "\n".join(rows) + "\n"


def _written(value: Any) -> str:
    """A configuration on one line."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _cell(text: str) -> str:
    """Text within backquotes, in a table."""
    return text.replace("|", "\\|").replace("\u2028", "\\u2028")


if __name__ == "__main__":
    print(markdown(), end="")
