"""The typed configuration and what follows from it: what rules call by name is defined here."""

import os
import sys

from mstar.claims.claims import load_claims
from mstar.corpus.catalogue import load_corpora
from mstar.corpus.corpora import find_corpus
from mstar.corpus.folders import check_folder
from mstar.report.captions import caption_settings
from mstar.files.writing import UserError
from mstar.running import cost_model, run_lock, start
from mstar.running.fingerprint import code_of_modules, code_of_script, digest_of_files
from mstar.settings.config import load
from mstar.settings.figures import FIGURES
from mstar.settings.results import Results
from mstar.settings.study import TARGET_OF, TARGETS, Study
from mstar.settings.inputs import Text, benchmark_files, packaged_files
from mstar.settings.work import Requests, Work

try:
    CONFIG = load(config, "config")
    CORPORA = load_corpora(f"{ROOT}/config/corpora.yaml")
    CORPUS = find_corpus(CONFIG.corpus, CORPORA, CONFIG.documents, CONFIG.normaliser)
    check_folder(os.path.join(workflow.pathvars.apply("<results>"), CORPUS.name), CORPUS.path)
    TEXT = Text(CORPUS, CONFIG.shards)
    STUDY = Study(CONFIG, CORPUS)
    RESULTS = Results(STUDY)
    WORK = Work(STUDY, TEXT)
    PACKAGED, BENCHMARKS = packaged_files(), benchmark_files(CONFIG)
    ASK = Requests(cost_model.load(f"{ROOT}/config/costs.tsv"), WORK)
    if workflow.is_main_process:
        load_claims(f"{ROOT}/config/claims.yaml")
    if workflow.is_main_process and run_lock.join():
        print("A run in this folder was killed: its lock is removed", file=sys.stderr)
except UserError as error:
    sys.exit(f"{error}")

# Captions read what was validated, defaults filled in, rather than what was typed. A workflow that
# uses this one as a module keeps its own.
config = caption_settings(CONFIG.model_dump(mode="json"))

# Threads of jobs that share the cores here; on a cluster the profile sets them.
CORES = workflow.resource_settings.cores or 1
HALF, QUARTER = max(1, CORES // 2), max(1, CORES // 4)
# The build of torch follows from the configuration: where jobs run cannot be seen from here.
TORCH = f"../../envs/{STUDY.torch_build}.yaml"
EXECUTOR = getattr(workflow.executor_plugin, "name", "local")


def own(file):
    """Path of a file of this project from the folder that the workflow runs in."""
    return os.path.relpath(os.path.join(ROOT, file))


def code(script):
    """Fingerprint of the package's code that a script uses; it reruns what an edit affects."""
    return code_of_script(f"{ROOT}/workflow/scripts/{script}.py")


def templates(*files):
    """Fingerprint of files in workflow/report that a script fills in."""
    return digest_of_files(*(f"{ROOT}/workflow/report/{file}" for file in files))


wildcard_constraints:
    corpus=CORPUS.name,
    V="|".join(map(str, STUDY.vocabularies)),
    L=str(CONFIG.window),
    dim="|".join(str(dim) for _, dim in STUDY.sizes),
    seed=r"\d+",
    target="|".join(TARGETS),
