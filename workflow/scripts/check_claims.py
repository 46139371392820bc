"""The claims of the paper, and ours, against these results."""

from mstar.claim_evidence import Evidence
from mstar.claims import check, load_claims
from mstar.evaluation import write_table
from mstar.jobs import logged
from mstar.vocabulary import read_vocabulary

with logged(snakemake.log[0]):
    files, given = dict(snakemake.input.items()), snakemake.params
    files["scores"] = dict(zip(given.models, files["scores"], strict=True))
    files["runs"] = dict(given.runs)
    for kind in ("traces", "embeddings"):
        files[kind] = dict(zip(given.runs, files[kind], strict=True))
    evidence = Evidence(
        snakemake.wildcards.corpus,
        tuple(given.static),
        tuple(given.dynamic),
        given.init,
        given.negative,
        files,
        read_vocabulary(files["vocabulary"])[0],
    )
    write_table(check(load_claims(files["claims"]), evidence), snakemake.output[0])
