"""What is checked before the first job, and a word on a job that a cluster refused."""


def planned(dag):
    """The jobs to come, as `mstar.running.start` takes them."""
    jobs = dag.needrun_jobs()
    return [start.Planned(j.rule.name, (*j.output,), j.resources.get("gpu", 0)) for j in jobs]


def partitions(settings):
    """SLURM's file of partitions, if jobs are submitted to it and the profile names one."""
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
