"""The typed configuration, and the names that paths and wildcards are made of."""

import os
import re
import shutil
import sys

from mstar.running import run_lock
from mstar.settings.config import load
from mstar.settings.kinds import BASELINES
from mstar.corpus.corpora import find_corpus, load_corpora
from mstar.corpus.folders import check_folder
from mstar.files.writing import UserError
from mstar.running.fingerprint import code_of_script, digest_of_files

try:
    CONFIG = load(config, "config")
    CORPUS = find_corpus(
        CONFIG.corpus,
        load_corpora(f"{ROOT}/config/corpora.yaml"),
        CONFIG.documents,
        CONFIG.normaliser,
    )
    check_folder(os.path.join(workflow.pathvars.apply("<results>"), CORPUS.name), CORPUS.path)
    if workflow.is_main_process and run_lock.join():
        print("A run in this folder was killed: its lock is removed", file=sys.stderr)
except UserError as error:
    sys.exit(f"{error}")

# Captions read what was validated, defaults filled in, rather than what was typed.
config.update(CONFIG.model_dump(mode="json"))

FIGURES = ["fig1", "fig2", "fig3a", "fig3b", "fig4", "fig5", "fig6", "fig7", "fig8"]
FIGURES += ["spectra", "participation"]
EXTRA_FIGURES = ("movie", "scaling", "noise", "small")
COMPARED = (*CONFIG.factorisations, *CONFIG.baselines)
TARGET_OF = {"svd_mstar": "mstar", "svd_ppmi": "ppmi", "svd_pmi": "pmi"}
# The static results at the full vocabulary, and the training runs at their own.
STATIC = (CONFIG.vocabulary, CONFIG.dim)
DYNAMIC = (CONFIG.dynamics.vocabulary, CONFIG.dynamics.dim)
SIZES = sorted({STATIC, DYNAMIC})
# The runs configured, and those that the noise figure adds where it is made.
NOISE = CONFIG.noise_runs()
RUNS = {**CONFIG.dynamics.runs, **NOISE}
# Vocabularies of the scaling figure, where it is made.
SCALED = CONFIG.figures.scaling.vocabularies if "scaling" in CONFIG.extras else ()


def own(file):
    """Path of a file of this project from the folder that the workflow runs in."""
    return os.path.relpath(os.path.join(ROOT, file))


def code(script):
    """Fingerprint of the package's code that a script uses; it reruns what an edit affects."""
    return code_of_script(f"{ROOT}/workflow/scripts/{script}.py")


def templates(*files):
    """Fingerprint of files in workflow/report that a script fills in."""
    return digest_of_files(*(f"{ROOT}/workflow/report/{file}" for file in files))


def corpus_if(condition):
    """The corpus as a pattern, or one that matches nothing: then the rule is not for this run."""
    return CORPUS.name if condition else "(?!)"


def names(*estimators):
    """Names of the runs of some estimators, as a regular expression for the wildcard ``run``."""
    return "|".join(name for name, run in RUNS.items() if run.estimator in estimators) or "(?!)"


def seeds_of(run):
    """The configured seeds of a random run; a deterministic one has the single seed 0."""
    settings = RUNS.get(run)
    random = settings.estimator != "sigmoid" if settings else run in BASELINES
    return CONFIG.seeds if random else (0,)


def run_path(run, vocabulary, dim, file, seed=None):
    """Path of one file of one run, at its first seed unless told otherwise."""
    seed = seeds_of(run)[0] if seed is None else seed
    return f"<results>/{CORPUS.name}/v{vocabulary}-l{CONFIG.window}/d{dim}/{run}/seed{seed}/{file}"


def trained(run, file):
    """Path of one file of a training run."""
    return run_path(run, *DYNAMIC, file)


def static(file):
    """Path of one file at the full vocabulary."""
    return f"<results>/{CORPUS.name}/v{CONFIG.vocabulary}-l{CONFIG.window}/{file}"


def run_settings(wildcards):
    """What decides a training run, as plain values that Snakemake can compare."""
    run = RUNS[wildcards.run].model_dump(mode="json")
    kept = {"start", "horizon", "points", "snapshots"}
    if run["estimator"] == "population":
        kept |= {"tolerance", "dtype"}
    if run["weighting"] == "word2vec":
        kept |= {"subsample", "negative_power"}
    if run["estimator"] != "sampled":
        del run["sgd"]
    elif run["sgd"]["sampler"] == "text":
        run["out_of_vocabulary"] = CONFIG.out_of_vocabulary
    dynamics = CONFIG.dynamics.model_dump(mode="json", include=kept)
    if wildcards.run in NOISE:
        noise = CONFIG.figures.noise
        dynamics |= {"horizon": noise.horizon, "points": noise.points, "snapshots": []}
    return {**dynamics, **run, "negative": run["negative"] or CONFIG.negative}


wildcard_constraints:
    corpus=CORPUS.name,
    V="|".join(str(size) for size in sorted({*SCALED, *(size for size, _ in SIZES)})),
    L=str(CONFIG.window),
    dim="|".join(str(dim) for _, dim in SIZES),
    seed=r"\d+",
    target="mstar|pmi|ppmi",
