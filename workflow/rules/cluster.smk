"""Checks before the first job, and explanations of jobs refused by a cluster."""


def planned(dag):
    """Return the planned jobs, for `mstar.running.start`."""
    jobs = dag.needrun_jobs()
    return [start.Planned(j.rule.name, (*j.output,), j.resources.get("gpu", 0)) for j in jobs]


def partitions(settings):
    """Return SLURM's file of partitions, if jobs go to SLURM and the profile names one."""
    return getattr(settings, "partition_config", None)


onstart:
    jobs = planned(workflow.dag)
    sizes = dict(zip(CORPUS.filenames, CORPUS.sizes, strict=True))
    try:
        print(start.announcement(jobs, sizes), end="", file=sys.stderr)
        where = EXECUTOR, partitions(workflow.executor_settings)
        start.check_machines(jobs, CONFIG.dynamics.device, *where)
    except UserError as error:
        sys.exit(f"error: {error}")


onerror:
    said = start.explain(log, EXECUTOR, partitions(workflow.executor_settings))
    print(f"error: {said}\n" * bool(said), end="", file=sys.stderr)
