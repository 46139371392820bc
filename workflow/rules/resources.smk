"""Memory, time, disk, threads and cards that rules ask for, from the size of their work.

Memory and disk (MB) and time (minutes) come from the cost model of config/costs.tsv.
"""

import math

from mstar.running.cost_model import LEAST_MINUTES, SPARE_TIME, load as load_costs

try:
    COSTS = load_costs(f"{ROOT}/config/costs.tsv")
except UserError as error:
    sys.exit(f"{error}")


def memory(size_of):
    """Memory in MB to ask for, by the size of the work; a job that failed asks for more."""

    def megabytes(wildcards, input, attempt):
        return attempt * COSTS.request(*size_of(wildcards, input))[0]

    return megabytes


def sampled_memory(wildcards, input, attempt):
    """That of a run in general, and the text where pairs are drawn from it."""
    text = (sizes_of(input.text) or 4 * expected_tokens()) / 2**20 if input.text else 0
    return memory(training_size)(wildcards, input, attempt) + attempt * math.ceil(text)


def runtime(size_of):
    """Minutes to ask for, by the size of the work."""

    def minutes(wildcards, input, attempt):
        return attempt * COSTS.request(*size_of(wildcards, input))[1]

    return minutes


def disk(size_of):
    """Megabytes that the work leaves in results/, for ``make plan`` to add up."""

    def megabytes(wildcards, input):
        work, size = size_of(wildcards, input)
        return math.ceil(size.written(work) / 1e6)

    return megabytes


def download(wildcards):
    """Megabytes of a file to fetch."""
    sizes = dict(zip(CORPUS.filenames, CORPUS.sizes, strict=True))
    return math.ceil(sizes[wildcards.file] / 1e6)


def download_time(wildcards, attempt):
    """Minutes to fetch it in, at ten megabytes a second and with as much to spare as all work."""
    return attempt * (LEAST_MINUTES + math.ceil(SPARE_TIME * download(wildcards) / 10 / 60))


def share_of_cores(share):
    """Threads of one of ``share`` jobs side by side; one on a cluster, whose profile sets them."""
    return max(1, (workflow.resource_settings.cores or 1) // share)


def spectrum_threads():
    """Half of the cores: what else can be done meanwhile uses the others better."""
    return share_of_cores(2)


def training_threads():
    """A quarter of the cores, so that the four runs of Figure 2 go side by side; one at least."""
    return share_of_cores(4)
