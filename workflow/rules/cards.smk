"""GPUs that jobs ask for."""

from mstar.machine import gpus


def cards(wildcards):
    """One GPU where one will be used: asked for, or found by ``auto`` on this machine."""
    present = {"cpu": False, "cuda": True, "auto": shutil.which("nvidia-smi") is not None}
    return int(present[CONFIG.dynamics.device])


def sampled_cards(wildcards):
    """None for a run that draws its pairs from the text, which is done on a CPU."""
    return cards(wildcards) if RUNS[wildcards.run].sgd.sampler == "counts" else 0


def refuse_without_cards():
    """End the workflow if a job to do here asks for a GPU and no GPU can be used."""
    if CONFIG.dynamics.device != "cuda" or not workflow.local_exec or gpus.usable():
        return
    if any(job.resources.get("gpu") for job in workflow.dag.needrun_jobs()):
        sys.exit(
            f"dynamics.device is cuda, but {gpus.why_none()}: set it to auto or cpu, or submit"
            " the workflow to machines that have one"
        )
