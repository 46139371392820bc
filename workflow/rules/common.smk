"""The typed configuration, and the names that paths and wildcards are made of."""

import re
import shutil
import sys

from mstar.config import load
from mstar.corpora import find_corpus, load_corpora
from mstar.files import UserError
from mstar.fingerprint import code_of_script

try:
    CONFIG = load(config, "config")
    CORPUS = find_corpus(
        CONFIG.corpus,
        load_corpora(f"{workflow.basedir}/config/corpora.yaml"),
        CONFIG.documents,
    )
except UserError as error:
    sys.exit(f"{error}")

# Captions read what was validated, defaults filled in, rather than what was typed.
config.update(CONFIG.model_dump(mode="json"))

FIGURES = ["fig1", "fig2", "fig3a", "fig3b", "fig4", "fig7"]
TARGET_OF = {"svd_mstar": "mstar", "svd_ppmi": "ppmi", "svd_pmi": "pmi"}
# The static results at the full vocabulary, and the training runs at their own.
STATIC = (CONFIG.vocabulary, CONFIG.dim)
DYNAMIC = (CONFIG.dynamics.vocabulary, CONFIG.dynamics.dim)
SIZES = sorted({STATIC, DYNAMIC})


def code(script):
    """Fingerprint of the package's code that a script uses; it reruns what an edit affects."""
    return code_of_script(f"{workflow.basedir}/workflow/scripts/{script}.py")


def static(file):
    """Path of one file at the full vocabulary."""
    return f"<results>/{CORPUS.name}/v{CONFIG.vocabulary}-l{CONFIG.window}/{file}"


def dense_memory(copies):
    """Memory in MB for ``copies`` float64 matrices of V x V, and 1 GB for the rest."""

    def memory(wildcards):
        return 1000 + copies * 8 * int(wildcards.V) ** 2 // 10**6

    return memory


def recorded_memory(copies):
    """`dense_memory`, and W at every recorded time in float32."""
    times = CONFIG.dynamics.points + len(CONFIG.dynamics.snapshots)

    def memory(wildcards):
        kept = 4 * times * int(wildcards.V) * int(wildcards.dim) // 10**6
        return dense_memory(copies)(wildcards) + kept

    return memory


wildcard_constraints:
    corpus=CORPUS.name,
    V="|".join(str(size) for size, _ in SIZES),
    L=str(CONFIG.window),
    dim="|".join(str(dim) for _, dim in SIZES),
    seed=r"\d+",
    target="mstar|pmi|ppmi",
