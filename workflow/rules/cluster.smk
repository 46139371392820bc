"""Checks before the first job, and an explanation if a cluster refuses a job."""


def planned(dag):
    """Return the jobs to be run, as `mstar.running.start` takes them."""
    jobs = dag.needrun_jobs()
    return [start.Planned(j.rule.name, (*j.output,), j.resources.get("gpu", 0)) for j in jobs]


def destination(workflow):
    """Return the executor's name, known once jobs start, and SLURM's file of partitions if any."""
    name = getattr(workflow.executor_plugin, "name", "local")
    return name, getattr(workflow.executor_settings, "partition_config", None)


onstart:
    jobs = planned(workflow.dag)
    sizes = dict(zip(CORPUS.filenames, CORPUS.sizes, strict=True))
    try:
        print(start.announcement(jobs, sizes), end="", file=sys.stderr)
        start.check_machines(jobs, CONFIG.dynamics.device, *destination(workflow))
        outputs = [path for job in jobs for path in job.outputs]
        for name, settings in MADE.items():
            record_shared(SHARED, name, outputs, settings)
    except UserError as error:
        sys.exit(f"error: {error}")
    for handler in workflow.logger_manager.get_log_handlers():
        if hasattr(handler, "plan"):  # of --logger progress
            handler.plan(workflow.dag.needrun_jobs(), log)


onerror:
    said = start.explain(log, *destination(workflow))
    print(f"error: {said}\n" * bool(said), end="", file=sys.stderr)
