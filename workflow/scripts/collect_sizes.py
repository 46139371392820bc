"""Collect the values of claims on subsets of a text, and extrapolate them to the paper's size."""

from mstar.claims.claims import load_claims
from mstar.claims.trends import collect, lines, trends
from mstar.corpus.encoded import read_description
from mstar.files.tables import read_table, write_table
from mstar.running.job import logged

with logged(snakemake.log[0]):
    given = snakemake.input
    plan = read_table(given.plan)
    sizes = collect(
        plan,
        [read_table(path) for path in given.subsets],
        read_table(given.whole),
        read_description(given.description)["tokens"],
    )
    claims, params, made = load_claims(given.claims), snakemake.params, snakemake.output
    write_table(sizes, made.sizes)
    write_table(lines(claims, sizes), made.lines)
    dims = {"static": tuple(params.static), "dynamic": tuple(params.dynamic)}
    write_table(trends(claims, sizes, dims), made.trends)
