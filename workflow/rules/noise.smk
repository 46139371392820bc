"""What the noise of minibatches does: the runs of its figure, and what theory predicts."""


def noise_runs():
    """Learning rate, batch and drop [step, factor] of the noise figure's sampled runs, by name."""
    return {
        name: {
            "learning_rate": run.sgd.learning_rate,
            "batch": run.sgd.batch,
            "drop": list(*run.sgd.drops),
        }
        for name, run in NOISE.items()
        if run.sgd
    }


def noise_settings(wildcards):
    """The settings that the sampled runs of the noise figure share."""
    run = RUNS[CONFIG.figures.noise.base]
    sgd = {"loss_scale": run.sgd.loss_scale}
    kept = {"loss": run.loss, "weighting": run.weighting, "sgd": sgd}
    return {**kept, "negative": run.negative or CONFIG.negative}


rule predict_noise:
    """What minibatch noise should do to QWEM at rest, from the covariance of its gradients."""
    input:
        counts="<results>/{corpus}/v{V}-l{L}/cooccurrence.npz",
        embedding="<results>/{corpus}/v{V}-l{L}/d{dim}/noise_exact/seed{seed}/embedding.npz",
    output:
        "<results>/{corpus}/v{V}-l{L}/d{dim}/noise_exact/seed{seed}/noise.tsv",
    log:
        "<logs>/{corpus}/v{V}-l{L}/d{dim}/predict_noise-seed{seed}.log",
    benchmark:
        "<benchmarks>/{corpus}/v{V}-l{L}/d{dim}/predict_noise-seed{seed}.tsv"
    conda:
        "../../envs/torch.yaml"
    resources:
        mem_mb=memory(training_size),
        runtime=runtime(training_size),
    params:
        run=noise_settings,
        code=code("predict_noise"),
    script:
        "../scripts/predict_noise.py"
