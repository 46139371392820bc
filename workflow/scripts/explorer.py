"""Write the explorer page."""

from pathlib import Path

from plotly.offline import get_plotlyjs

from mstar import spectrum
from mstar.explorer import page_data, render
from mstar.files import atomic
from mstar.jobs import logged
from mstar.vocabulary import read_vocabulary

with logged(snakemake.log[0]):
    given, about = snakemake.input, snakemake.params.about
    features = spectrum.load(given.spectrum)
    words = read_vocabulary(given.vocabulary)[0][: len(features.eigenvectors)]
    data = page_data(features, words, **snakemake.params.settings)
    page, style, *scripts = (Path(file).read_text(encoding="utf-8") for file in given.sources)
    scripts = [get_plotlyjs(), *scripts]
    with atomic(snakemake.output[0]) as path:
        html = render(page, data=data, scripts=scripts, style=style, **about)
        path.write_text(html, encoding="utf-8")
