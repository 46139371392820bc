"""Check the claims of the paper and of this project on the results."""

from mstar.claims.check import check
from mstar.claims.claims import load_claims
from mstar.claims.evidence import Evidence
from mstar.corpus.vocabulary import read_vocabulary
from mstar.files.tables import write_table
from mstar.running.job import logged

with logged(snakemake.log[0]):
    files, given = dict(snakemake.input.items()), snakemake.params
    for kind in ("scores", "answers"):
        files[kind] = dict(zip(given.models, files[kind], strict=True))
    files["runs"] = dict(given.runs)
    for kind in ("traces", "embeddings", "role_answers"):
        files[kind] = dict(zip(given.runs, files[kind], strict=True))
    evidence = Evidence(
        snakemake.wildcards.corpus,
        tuple(given.static),
        tuple(given.dynamic),
        given.init,
        given.negative,
        files,
        read_vocabulary(files["vocabulary"])[0],
        given.word2vec,
    )
    write_table(check(load_claims(files["claims"]), evidence), snakemake.output[0])
