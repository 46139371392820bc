"""What the noise of minibatches does: the runs of its figure, and what theory predicts."""


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
        disk_mb=disk(training_size),
    params:
        run=noise_settings,
        code=code("predict_noise"),
    script:
        "../scripts/predict_noise.py"
