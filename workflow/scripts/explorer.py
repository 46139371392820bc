"""Write the explorer page."""

from plotly.offline import get_plotlyjs

from mstar.corpus.vocabulary import read_vocabulary
from mstar.files.writing import atomic
from mstar.report.explorer import page_data, render, sources
from mstar.running.job import logged
from mstar.spectra import spectrum

with logged(snakemake.log[0]):
    given, about = snakemake.input, snakemake.params.about
    features = spectrum.load(given.spectrum)
    words = read_vocabulary(given.vocabulary)[0][: len(features.eigenvectors)]
    data = page_data(features, words, prop2=spectrum.load(given.prop2), **snakemake.params.settings)
    page, style, scripts = sources()
    with atomic(snakemake.output[0]) as path:
        html = render(page, data=data, scripts=[get_plotlyjs(), *scripts], style=style, **about)
        path.write_text(html, encoding="utf-8")
