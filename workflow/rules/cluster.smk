"""What only a cluster needs: checks before the first job, and a word on a job refused."""

from pathlib import Path

from mstar.running import slurm as clusters


def torch_env():
    """The build of torch, by the configuration alone: where jobs run cannot be seen from here."""
    build = "torch-cuda" if CONFIG.dynamics.device == "cuda" else "torch"
    return f"../../envs/{build}.yaml"


def on_slurm():
    """Whether jobs go to SLURM."""
    return workflow.executor_plugin is not None and workflow.executor_plugin.name == "slurm"


def check_cluster():
    """End the workflow if the cluster has not what its jobs need."""
    if on_slurm():
        try:
            card = any(job.resources.get("gpu") for job in workflow.dag.needrun_jobs())
            path = workflow.executor_settings.partition_config
            clusters.check(path, clusters.partitions_here(), card)
        except UserError as error:
            sys.exit(f"error: {error}")


def explain_refusal(logs):
    """Say which setting calls for a change, if Snakemake's logs tell of a job refused."""
    if on_slurm():
        text = "".join(Path(log).read_text(encoding="utf-8", errors="replace") for log in logs)
        refused = clusters.refusal(text, workflow.executor_settings.partition_config)
        if refused:
            print(f"error: {refused}", file=sys.stderr)


onstart:
    announce_downloads()
    refuse_without_cards()
    check_cluster()


onerror:
    explain_refusal(log)
