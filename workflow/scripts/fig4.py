"""Draw Figure 4."""

import pandas as pd

from mstar.figures import fig4
from mstar.figures.style import save
from mstar.jobs import logged

with logged(snakemake.log[0]):
    gram, fits, modes, curves = (
        pd.read_csv(snakemake.input[name], sep="\t", float_precision="round_trip")
        for name in ("gram", "fits", "modes", "curves")
    )
    shares = modes["share"].to_numpy()
    chosen = [(k, str(modes["words"][k]).split()[:4]) for k in fig4.annotation_modes(shares)]
    settings = snakemake.params.settings
    keys = ("family", "families", "dims", "histogram_dims")
    asked = {key: settings[key] for key in keys}
    table = fig4.table(gram, fits, shares, chosen, curves, **asked)
    save(fig4.draw(table), table, **dict(snakemake.output.items()))
