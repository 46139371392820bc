"""The typed configuration, and the names derived from it that other rule files use."""

import os
import sys
from urllib.parse import unquote
from glob import glob

from mstar.claims.claims import load_claims
from mstar.corpus.catalogue import load_corpora
from mstar.corpus.folders import check_folder, setting_folder
from mstar.report.captions import caption_settings
from mstar.figures.inputs import TABLE, modules
from mstar.files.writing import UserError, warn
from mstar.files.yaml_files import check_files
from mstar.running import cost_model, run_lock, start, storage as object_storage
from mstar.running.fingerprint import code_of_modules, code_of_script, digest_of_files
from mstar.settings.check import check_registries
from mstar.settings.commands import by_make, with_commands
from mstar.settings.config import load
from mstar.settings.figures import FIGURES
from mstar.settings.naming import check_setting, check_shared, record_shared, shared_settings
from mstar.settings.results import Results
from mstar.settings.study import TARGET_OF, TARGETS, Study
from mstar.settings.inputs import Text, archive_path, archives
from mstar.settings.inputs import benchmark_files, benchmark_requests
from mstar.settings.inputs import fetched_files, find_corpora, packaged_files
from mstar.settings.work import Requests, Work

try:
    if workflow.is_main_process:
        check_files([*workflow.configfiles, *glob(f"{ROOT}/profiles/*/config.yaml")])
        if workflow.storage_settings.default_storage_provider == "s3":
            object_storage.check_bucket(
                workflow.storage_registry.default_storage_provider,
                workflow.storage_settings.default_storage_prefix,
            )
    CONFIG = load(config, "config")
    CORPORA = load_corpora(f"{ROOT}/config/corpora.yaml")
    SHARED = workflow.pathvars.apply("<results>")
    check_setting(SHARED, CONFIG.setting)
    CORPUS, AGAINST = find_corpora(CONFIG, CORPORA, workflow.pathvars.apply("<resources>"))
    # What all settings share of each text, by the text's name.
    MADE = {}
    for text in filter(None, (CORPUS, AGAINST)):
        check_folder(os.path.join(SHARED, text.name), text.path)
        known, counted = text.name in CORPORA, text is CORPUS
        MADE[text.name] = shared_settings(CONFIG, text, known, counted)
        check_shared(SHARED, text.name, CONFIG.setting, MADE[text.name], known)
    TEXT = Text(CORPUS, CONFIG.shards)
    STUDY = Study(CONFIG, CORPUS, AGAINST)
    RESULTS = Results(STUDY)
    WORK = Work(STUDY, TEXT)
    PACKAGED, BENCHMARKS = packaged_files(), benchmark_files(CONFIG)
    OWN_BENCHMARKS = benchmark_requests(CONFIG, BENCHMARKS)
    FETCHED, ARCHIVES = fetched_files(), archives()
    CAPTIONS = caption_settings(CONFIG.model_dump(mode="json"))
    # The text to compare with is read at once; without one, no rule matches its name.
    OTHER = Text(AGAINST, 1) if AGAINST else TEXT
    ASK_OTHER = Requests(
        cost_model.load(f"{ROOT}/config/costs.tsv"), Work(Study(CONFIG, OTHER.corpus), OTHER)
    )
    ASK = Requests(cost_model.load(f"{ROOT}/config/costs.tsv"), WORK)
    if workflow.is_main_process:
        load_claims(f"{ROOT}/config/claims.yaml")
        check_registries(RESULTS, CAPTIONS, ROOT)
        for line in (*TEXT.warnings(), *(OTHER.warnings() if AGAINST else ())):
            warn(line)
    if workflow.is_main_process and run_lock.join():
        print("A run in this folder was killed: its lock is removed", file=sys.stderr)
except UserError as error:
    sys.exit(with_commands(f"{error}", by_make(workflow.configfiles)))

# Captions read the validated configuration with defaults. A workflow that uses this one as a module
# keeps its own configuration.
config = CAPTIONS


# Each named setting has results and logs of its own; all share the text and the counts of its pairs.
pathvars:
    shared=SHARED,
    results=setting_folder(SHARED, CONFIG.setting),
    logs=setting_folder(workflow.pathvars.apply("<logs>"), CONFIG.setting),


if workflow.pathvars.apply("<results>") != setting_folder(SHARED, CONFIG.setting):
    sys.exit(
        f"setting: {CONFIG.setting}: the workflow that uses this one sets the pathvar results, which"
        " comes first: leave setting null, and give results a folder of its own there"
    )

# Threads of jobs that share the cores of this machine; on a cluster the profile sets them.
CORES = workflow.resource_settings.cores or 1
HALF, QUARTER = max(1, CORES // 2), max(1, CORES // 4)
# The build of torch depends on the configuration, since the machines of jobs are unknown here.
TORCH = f"../../envs/{STUDY.torch_build}.yaml"


def own(file):
    """Return the path of a file of this project, relative to the working folder."""
    return local(os.path.relpath(os.path.join(ROOT, file)))


def source(file):
    """Return an input that is fetched, or the user's own, which is on this disk wherever results are."""
    return file if file.startswith("<resources>") else local(file)


def encoded(files):
    """Return the files of an encoded text as inputs: only another description reruns a job.

    The description, the last of them, has the checksums of all others. Snakemake compares files as
    small as it by content, so that a part made again with the same bytes makes nothing else again.
    """
    return [*map(ancient, files[:-1]), *files[-1:]]


def code(script):
    """Return a fingerprint of the package code that a script uses, to rerun affected jobs."""
    return code_of_script(f"{ROOT}/workflow/scripts/{script}.py")


def templates(*files):
    """Return a fingerprint of page templates that a script uses."""
    return digest_of_files(*(f"{ROOT}/workflow/mstar/report/templates/{file}" for file in files))


wildcard_constraints:
    corpus=f"{CORPUS.name}|{STUDY.subset_pattern}",
    V="|".join(map(str, STUDY.vocabularies)),
    L=str(CONFIG.window),
    dim="|".join(str(dim) for _, dim in STUDY.sizes),
    seed=r"\d+",
    target="|".join(TARGETS),
