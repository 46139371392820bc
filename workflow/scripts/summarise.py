"""One small file to compare machines by."""

from mstar.jobs import logged
from mstar.summary import summarise, write

with logged(snakemake.log[0]):
    given, pairs = dict(snakemake.input.items()), snakemake.params.probe_pairs
    write(summarise(probe_pairs=pairs, **given), snakemake.output[0])
