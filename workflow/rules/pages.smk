"""What claims, report and explorer are made from, as functions."""


def shown_figures():
    """The figures of the report: all of them, and those among the extras that are made."""
    return [*FIGURES, *(extra for extra in CONFIG.extras if extra in EXTRA_FIGURES)]


def picture(figure):
    """What a figure looks like."""
    ending = "gif" if figure == "movie" else "png"
    return f"<results>/figures/{CORPUS.name}/{figure}.{ending}"


def numbers(figure):
    """What a figure draws."""
    if figure == "fig3b":
        return f"<results>/tables/{CORPUS.name}/fig3b.tsv"
    return f"<results>/figures/{CORPUS.name}/{figure}.csv"


def page_links():
    """Further pages in the folder of the report, by title."""
    pages = {"Prediction": "prediction", "Explorer": "explorer"}
    return {title: f"{page}.html" for title, page in pages.items() if page in CONFIG.extras}


def summaries():
    """The summary at each vocabulary."""
    sizes = sorted({V for V, _ in SIZES})
    return [f"<results>/{CORPUS.name}/v{V}-l{CONFIG.window}/summary.json" for V in sizes]


def extra_files():
    """What is made beside figures, tables and report: the extras that the configuration asks for."""
    files = {
        "scaling": f"<results>/figures/{CORPUS.name}/scaling.png",
        "noise": f"<results>/figures/{CORPUS.name}/noise.png",
        "small": f"<results>/figures/{CORPUS.name}/small.png",
        "movie": f"<results>/figures/{CORPUS.name}/movie.gif",
        "explorer": f"<results>/report/{CORPUS.name}/explorer.html",
        "prediction": f"<results>/report/{CORPUS.name}/prediction.html",
    }
    return [file for extra, file in files.items() if extra in CONFIG.extras]
