"""Train models, follow them in closed form, factorise, and train a baseline.

Every model has two files: embedding and trace.
"""


rule train_population:
    """Follow the expected gradient of a loss from random weights, without sampling noise."""
    input:
        counts="<shared>/{corpus}/v{V}-l{L}/cooccurrence.npz",
        vocabulary="<shared>/{corpus}/vocabulary.tsv",
        questions=RESULTS.followed(),
    output:
        embedding="<results>/{corpus}/v{V}-l{L}/d{dim}/{run}/seed{seed}/embedding.npz",
        trace="<results>/{corpus}/v{V}-l{L}/d{dim}/{run}/seed{seed}/trace.parquet",
    log:
        "<logs>/{corpus}/v{V}-l{L}/d{dim}/{run}/seed{seed}.log",
    benchmark:
        "<benchmarks>/{corpus}/v{V}-l{L}/d{dim}/{run}/seed{seed}.tsv"
    wildcard_constraints:
        run=STUDY.run_pattern("population"),
    # Long jobs first; short ones that draw or score fill the gaps at the end.
    priority: 2
    conda:
        TORCH
    threads: QUARTER
    resources:
        gpu=STUDY.gpus,
        device=CONFIG.dynamics.device,
        mem_mb=ASK.memory(WORK.training),
        runtime=ASK.runtime(WORK.training),
        seconds=ASK.seconds(WORK.training),
        disk_mb=ASK.disk(WORK.training),
    params:
        run=lambda wildcards: STUDY.settings_of(wildcards.run),
        code=code("train_population"),
    script:
        "../scripts/train_population.py"


rule train_sparse:
    """Follow the expected gradient with word2vec's weights from counts; a killed job resumes."""
    input:
        counts="<shared>/{corpus}/v{V}-l{L}/cooccurrence.npz",
        vocabulary="<shared>/{corpus}/vocabulary.tsv",
        questions=RESULTS.followed(),
    output:
        embedding="<results>/{corpus}/v{V}-l{L}/d{dim}/{run}/seed{seed}/embedding.npz",
        trace="<results>/{corpus}/v{V}-l{L}/d{dim}/{run}/seed{seed}/trace.parquet",
    log:
        "<logs>/{corpus}/v{V}-l{L}/d{dim}/{run}/seed{seed}.log",
    benchmark:
        "<benchmarks>/{corpus}/v{V}-l{L}/d{dim}/{run}/seed{seed}.tsv"
    wildcard_constraints:
        run=STUDY.run_pattern("sparse"),
    priority: 2
    conda:
        TORCH
    threads: HALF
    resources:
        gpu=STUDY.gpus,
        device=CONFIG.dynamics.device,
        mem_mb=ASK.memory(WORK.sparse),
        runtime=ASK.runtime(WORK.sparse),
        seconds=ASK.seconds(WORK.sparse),
        disk_mb=ASK.disk(WORK.sparse),
    params:
        run=lambda wildcards: STUDY.settings_of(wildcards.run),
        code=code("train_sparse"),
    script:
        "../scripts/train_sparse.py"


rule follow_closed_form:
    """Follow QWEM in closed form: the exact flow from random weights, or Lemma 3.1."""
    input:
        spectrum="<results>/{corpus}/v{V}-l{L}/mstar/spectrum.npz",
        vocabulary="<shared>/{corpus}/vocabulary.tsv",
        questions=RESULTS.followed(),
    output:
        embedding="<results>/{corpus}/v{V}-l{L}/d{dim}/{run}/seed{seed}/embedding.npz",
        trace="<results>/{corpus}/v{V}-l{L}/d{dim}/{run}/seed{seed}/trace.parquet",
    log:
        "<logs>/{corpus}/v{V}-l{L}/d{dim}/{run}/seed{seed}.log",
    benchmark:
        "<benchmarks>/{corpus}/v{V}-l{L}/d{dim}/{run}/seed{seed}.tsv"
    wildcard_constraints:
        run=STUDY.run_pattern("exact", "sigmoid"),
    conda:
        TORCH
    resources:
        gpu=STUDY.gpus,
        device=CONFIG.dynamics.device,
        mem_mb=ASK.memory(WORK.flow),
        runtime=ASK.runtime(WORK.flow),
        seconds=ASK.seconds(WORK.flow),
        disk_mb=ASK.disk(WORK.flow),
    params:
        run=lambda wildcards: STUDY.settings_of(wildcards.run),
        code=code("follow_closed_form"),
    script:
        "../scripts/follow_closed_form.py"


rule follow_saddles:
    """Predict a run by the saddle-to-saddle recursion, from counts and without training."""
    input:
        counts="<shared>/{corpus}/v{V}-l{L}/cooccurrence.npz",
        vocabulary="<shared>/{corpus}/vocabulary.tsv",
        questions=RESULTS.followed(),
    output:
        embedding="<results>/{corpus}/v{V}-l{L}/d{dim}/{run}/seed{seed}/embedding.npz",
        trace="<results>/{corpus}/v{V}-l{L}/d{dim}/{run}/seed{seed}/trace.parquet",
        times="<results>/{corpus}/v{V}-l{L}/d{dim}/{run}/seed{seed}/times.tsv",
        directions="<results>/{corpus}/v{V}-l{L}/d{dim}/{run}/seed{seed}/directions.npz",
    log:
        "<logs>/{corpus}/v{V}-l{L}/d{dim}/{run}/seed{seed}.log",
    benchmark:
        "<benchmarks>/{corpus}/v{V}-l{L}/d{dim}/{run}/seed{seed}.tsv"
    wildcard_constraints:
        run=STUDY.run_pattern("saddles"),
    conda:
        TORCH
    resources:
        mem_mb=ASK.memory(WORK.training),
        runtime=ASK.runtime(WORK.training),
        seconds=ASK.seconds(WORK.training),
    params:
        run=lambda wildcards: STUDY.settings_of(wildcards.run),
        code=code("follow_saddles"),
    script:
        "../scripts/follow_saddles.py"


rule factorise:
    """Factorise a target: the d leading eigenvectors times square roots of eigenvalues."""
    input:
        spectrum=lambda wildcards: RESULTS.factorised(wildcards.run),
        vocabulary="<shared>/{corpus}/vocabulary.tsv",
        questions=RESULTS.followed(),
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
        mem_mb=ASK.memory(WORK.reading),
        runtime=ASK.runtime(WORK.reading),
        seconds=ASK.seconds(WORK.read),
    params:
        code=code("factorise"),
    script:
        "../scripts/factorise.py"


rule compare_with_theory:
    """Compare trained QWEM with the exact flow from equal weights, and first steps with tau_1."""
    input:
        spectrum=RESULTS.dynamic("mstar/spectrum.npz"),
        trained=RESULTS.over_seeds("embedding.npz", *STUDY.counterparts),
        trained_traces=RESULTS.over_seeds("trace.parquet", *STUDY.counterparts),
        exact=RESULTS.over_seeds("embedding.npz", *STUDY.counterparts.values()),
        exact_traces=RESULTS.over_seeds("trace.parquet", *STUDY.counterparts.values()),
        drawn_traces=RESULTS.over_seeds("trace.parquet", *STUDY.drawn),
    output:
        "<results>/tables/{corpus}/agreement.tsv",
    log:
        "<logs>/{corpus}/compare_with_theory.log",
    benchmark:
        "<benchmarks>/{corpus}/compare_with_theory.tsv"
    conda:
        "../../envs/counting.yaml"
    resources:
        mem_mb=ASK.memory(WORK.reading),
        runtime=ASK.runtime(WORK.reading),
        seconds=ASK.seconds(WORK.read),
    params:
        runs=STUDY.seeded(STUDY.counterparts),
        drawn=STUDY.seeded(STUDY.drawn),
        code=code("compare_with_theory"),
    script:
        "../scripts/compare_with_theory.py"


rule train_sampled:
    """Train on minibatches of pairs, from counts or text; a killed job resumes."""
    input:
        counts="<shared>/{corpus}/v{V}-l{L}/cooccurrence.npz",
        vocabulary="<shared>/{corpus}/vocabulary.tsv",
        questions=RESULTS.followed(),
        text=lambda wildcards: encoded(
            TEXT.files_of(wildcards.corpus, STUDY.draws_from_text(wildcards.run))
        ),
    output:
        embedding="<results>/{corpus}/v{V}-l{L}/d{dim}/{run}/seed{seed}/embedding.npz",
        trace="<results>/{corpus}/v{V}-l{L}/d{dim}/{run}/seed{seed}/trace.parquet",
    log:
        "<logs>/{corpus}/v{V}-l{L}/d{dim}/{run}/seed{seed}.log",
    benchmark:
        "<benchmarks>/{corpus}/v{V}-l{L}/d{dim}/{run}/seed{seed}.tsv"
    wildcard_constraints:
        run=STUDY.run_pattern("sampled"),
    priority: 2
    conda:
        TORCH
    threads: QUARTER
    resources:
        gpu=lambda wildcards: STUDY.gpus_of(wildcards.run),
        device=CONFIG.dynamics.device,
        mem_mb=ASK.sampled_memory,
        runtime=ASK.runtime(WORK.training),
        seconds=ASK.seconds(WORK.training),
        disk_mb=ASK.disk(WORK.training),
    params:
        run=lambda wildcards: STUDY.settings_of(wildcards.run),
        code=code("train_sampled"),
    script:
        "../scripts/train_sampled.py"


rule predict_noise:
    """Predict the effect of minibatch noise on QWEM at its fixed point, from gradient covariances."""
    input:
        counts="<shared>/{corpus}/v{V}-l{L}/cooccurrence.npz",
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
        mem_mb=ASK.memory(WORK.training),
        runtime=ASK.runtime(WORK.training),
        seconds=ASK.seconds(WORK.training),
        disk_mb=ASK.disk(WORK.training),
    params:
        run=lambda wildcards: STUDY.noise_base,
        code=code("predict_noise"),
    script:
        "../scripts/predict_noise.py"


rule train_gensim:
    """Train gensim's word2vec on the vocabulary: input vectors, and sums with output vectors."""
    input:
        text=lambda wildcards: encoded(TEXT.files_of(wildcards.corpus)),
        vocabulary="<shared>/{corpus}/vocabulary.tsv",
        questions=RESULTS.followed(),
    output:
        embedding="<results>/{corpus}/v{V}-l{L}/d{dim}/gensim{variant}/seed{seed}/embedding.npz",
        trace="<results>/{corpus}/v{V}-l{L}/d{dim}/gensim{variant}/seed{seed}/trace.parquet",
        sum_embedding="<results>/{corpus}/v{V}-l{L}/d{dim}/gensim_sum{variant}/seed{seed}/embedding.npz",
        sum_trace="<results>/{corpus}/v{V}-l{L}/d{dim}/gensim_sum{variant}/seed{seed}/trace.parquet",
    log:
        "<logs>/{corpus}/v{V}-l{L}/d{dim}/gensim{variant}/seed{seed}.log",
    benchmark:
        "<benchmarks>/{corpus}/v{V}-l{L}/d{dim}/gensim{variant}/seed{seed}.tsv"
    wildcard_constraints:
        corpus=STUDY.corpus_pattern(CONFIG.out_of_vocabulary == "removed", subsets=True),
        variant=r"(_k\d+)?",
    priority: 2
    conda:
        "../../envs/gensim.yaml"
    threads: CONFIG.gensim.workers
    resources:
        mem_mb=ASK.memory(WORK.gensim),
        runtime=ASK.runtime(WORK.gensim),
        seconds=ASK.seconds(WORK.gensim),
        disk_mb=ASK.disk(WORK.gensim),
    params:
        settings=lambda wildcards: STUDY.gensim(wildcards.variant),
        code=code("train_gensim"),
    script:
        "../scripts/train_gensim.py"


rule export_word2vec:
    """Export an embedding in word2vec's text (txt) or binary (bin) format, which gensim reads."""
    input:
        embedding="<results>/{corpus}/v{V}-l{L}/d{dim}/{run}/seed{seed}/embedding.npz",
        vocabulary="<shared>/{corpus}/vocabulary.tsv",
    output:
        "<results>/{corpus}/v{V}-l{L}/d{dim}/{run}/seed{seed}/embedding.word2vec.{format}",
    log:
        "<logs>/{corpus}/v{V}-l{L}/d{dim}/{run}/export/seed{seed}-{format}.log",
    benchmark:
        "<benchmarks>/{corpus}/v{V}-l{L}/d{dim}/{run}/export/seed{seed}-{format}.tsv"
    wildcard_constraints:
        format="bin|txt",
    localrule: True
    conda:
        "../../envs/counting.yaml"
    resources:
        mem_mb=ASK.memory(WORK.reading),
        runtime=ASK.runtime(WORK.reading),
        seconds=ASK.seconds(WORK.read),
    params:
        code=code("export_word2vec"),
    script:
        "../scripts/export_word2vec.py"


rule export_viewers:
    """Export an embedding for viewers: parquet (Embedding Atlas), TSV (TensorBoard's projector)."""
    input:
        embedding="<results>/{corpus}/v{V}-l{L}/d{dim}/{run}/seed{seed}/embedding.npz",
        vocabulary="<shared>/{corpus}/vocabulary.tsv",
    output:
        parquet="<results>/{corpus}/v{V}-l{L}/d{dim}/{run}/seed{seed}/embedding.parquet",
        vectors="<results>/{corpus}/v{V}-l{L}/d{dim}/{run}/seed{seed}/embedding.tsv",
        metadata="<results>/{corpus}/v{V}-l{L}/d{dim}/{run}/seed{seed}/embedding.metadata.tsv",
    log:
        "<logs>/{corpus}/v{V}-l{L}/d{dim}/{run}/export/seed{seed}-viewers.log",
    benchmark:
        "<benchmarks>/{corpus}/v{V}-l{L}/d{dim}/{run}/export/seed{seed}-viewers.tsv"
    localrule: True
    conda:
        "../../envs/counting.yaml"
    resources:
        mem_mb=ASK.memory(WORK.reading),
        runtime=ASK.runtime(WORK.reading),
        seconds=ASK.seconds(WORK.read),
    params:
        code=code("export_viewers"),
    script:
        "../scripts/export_viewers.py"


rule export:
    """Export every embedding except those of sampled and sparse runs, at every seed."""
    input:
        RESULTS.exported(),


rule vectors:
    """Export QWEM's word vectors of this text, for programs and for viewers."""
    input:
        RESULTS.vectors(),
