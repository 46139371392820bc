"""Models: trained, followed in closed form, or factorised. All write the same two files."""


rule train_population:
    """Follow the expected gradient of a loss from random weights, without sampling noise."""
    input:
        counts="<results>/{corpus}/v{V}-l{L}/cooccurrence.npz",
        vocabulary="<results>/{corpus}/vocabulary.tsv",
        google="<resources>/benchmarks/questions-words.txt",
    output:
        embedding="<results>/{corpus}/v{V}-l{L}/d{dim}/{run}/seed{seed}/embedding.npz",
        trace="<results>/{corpus}/v{V}-l{L}/d{dim}/{run}/seed{seed}/trace.parquet",
    log:
        "<logs>/{corpus}/v{V}-l{L}/d{dim}/{run}/seed{seed}.log",
    benchmark:
        "<benchmarks>/{corpus}/v{V}-l{L}/d{dim}/{run}/seed{seed}.tsv"
    wildcard_constraints:
        run=names("population"),
    # Long jobs first; what is quickly drawn or scored fills the gaps at the end.
    priority: 2
    conda:
        torch_env()
    threads: training_threads()
    resources:
        gpu=cards,
        device=CONFIG.dynamics.device,
        mem_mb=memory(training_size),
        runtime=runtime(training_size),
        disk_mb=disk(training_size),
    params:
        run=run_settings,
        code=code("train_population"),
    script:
        "../scripts/train_population.py"


rule follow_closed_form:
    """QWEM's own dynamics in closed form: the exact flow from random weights, or Lemma 3.1."""
    input:
        spectrum="<results>/{corpus}/v{V}-l{L}/mstar/spectrum.npz",
        vocabulary="<results>/{corpus}/vocabulary.tsv",
        google="<resources>/benchmarks/questions-words.txt",
    output:
        embedding="<results>/{corpus}/v{V}-l{L}/d{dim}/{run}/seed{seed}/embedding.npz",
        trace="<results>/{corpus}/v{V}-l{L}/d{dim}/{run}/seed{seed}/trace.parquet",
    log:
        "<logs>/{corpus}/v{V}-l{L}/d{dim}/{run}/seed{seed}.log",
    benchmark:
        "<benchmarks>/{corpus}/v{V}-l{L}/d{dim}/{run}/seed{seed}.tsv"
    wildcard_constraints:
        run=names("exact", "sigmoid"),
    conda:
        torch_env()
    resources:
        gpu=cards,
        device=CONFIG.dynamics.device,
        mem_mb=memory(flow_size),
        runtime=runtime(flow_size),
        disk_mb=disk(flow_size),
    params:
        run=run_settings,
        code=code("follow_closed_form"),
    script:
        "../scripts/follow_closed_form.py"


rule factorise:
    """svd(M*), svd(PPMI) or svd(PMI): the d leading eigenvectors times root eigenvalues."""
    input:
        spectrum=factorised_spectrum,
        vocabulary="<results>/{corpus}/vocabulary.tsv",
        google="<resources>/benchmarks/questions-words.txt",
    output:
        embedding="<results>/{corpus}/v{V}-l{L}/d{dim}/{run}/seed{seed}/embedding.npz",
        trace="<results>/{corpus}/v{V}-l{L}/d{dim}/{run}/seed{seed}/trace.parquet",
    log:
        "<logs>/{corpus}/v{V}-l{L}/d{dim}/{run}/seed{seed}.log",
    benchmark:
        "<benchmarks>/{corpus}/v{V}-l{L}/d{dim}/{run}/seed{seed}.tsv"
    wildcard_constraints:
        run="|".join(TARGET_OF),
    conda:
        "../../envs/counting.yaml"
    resources:
        mem_mb=memory(reading_size),
        runtime=runtime(reading_size),
    params:
        code=code("factorise"),
    script:
        "../scripts/factorise.py"


rule compare_with_theory:
    """Trained QWEM against the exact flow from the same weights, and first steps against tau_1."""
    input:
        spectrum=f"<results>/{CORPUS.name}/v{DYNAMIC[0]}-l{CONFIG.window}/mstar/spectrum.npz",
        trained=over_seeds("embedding.npz", *counterparts()),
        trained_traces=over_seeds("trace.parquet", *counterparts()),
        exact=over_seeds("embedding.npz", *counterparts().values()),
        exact_traces=over_seeds("trace.parquet", *counterparts().values()),
        drawn_traces=over_seeds("trace.parquet", *drawn_runs()),
    output:
        "<results>/tables/{corpus}/agreement.tsv",
    log:
        "<logs>/{corpus}/compare_with_theory.log",
    benchmark:
        "<benchmarks>/{corpus}/compare_with_theory.tsv"
    conda:
        "../../envs/counting.yaml"
    resources:
        mem_mb=memory(reading_size),
        runtime=runtime(reading_size),
    params:
        runs=seeded(counterparts()),
        drawn=seeded(drawn_runs()),
        code=code("compare_with_theory"),
    script:
        "../scripts/compare_with_theory.py"
