"""Draw figures, by one rule for each entry of `mstar.settings.figures`, with its name."""

for figure in FIGURES.values():

    rule:
        name:
            figure.name
        input:
            **RESULTS.files_of(figure),
        output:
            picture=report(
                RESULTS.picture(figure),
                caption=f"../report/{figure.name}.rst",
                category=figure.section or "Before training",
                labels={"figure": figure.title},
            ),
            other=RESULTS.figure(figure, figure.other),
            numbers=RESULTS.numbers(figure),
        log:
            f"<logs>/{CORPUS.name}/{figure.name}.log",
        benchmark:
            f"<benchmarks>/{CORPUS.name}/{figure.name}.tsv"
        localrule: figure.local
        conda:
            "../../envs/plots.yaml"
        resources:
            mem_mb=ASK.memory(WORK.reading),
            runtime=ASK.runtime(WORK.reading),
            seconds=ASK.seconds(WORK.read),
        params:
            module=figure.module,
            inputs=figure.handed(RESULTS),
            settings=figure.settings(RESULTS),
            code=[code("draw"), code_of_modules(figure.module, *figure.loaders(RESULTS))],
        script:
            "../scripts/draw.py"
