"""Write the explorer page."""

from pathlib import Path

from plotly.offline import get_plotlyjs

from mstar.corpus.vocabulary import read_vocabulary
from mstar.files.writing import atomic
from mstar.report.explorer import page_data, render
from mstar.running.job import logged
from mstar.spectra import spectrum

with logged(snakemake.log[0]):
    given, about = snakemake.input, snakemake.params.about
    features = spectrum.load(given.spectrum)
    words = read_vocabulary(given.vocabulary)[0][: len(features.eigenvectors)]
    data = page_data(features, words, prop2=spectrum.load(given.prop2), **snakemake.params.settings)
    folder = Path(snakemake.scriptdir).parent / "report"
    parts = (".html.j2", ".css", "_model.js", ".js")
    page, style, *own = ((folder / f"explorer{part}").read_text("utf-8") for part in parts)
    scripts = [get_plotlyjs(), *own]
    with atomic(snakemake.output[0]) as path:
        html = render(page, data=data, scripts=scripts, style=style, **about)
        path.write_text(html, encoding="utf-8")
