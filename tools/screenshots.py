"""Take pictures of the explorer page for docs/:  python -m tools.screenshots explorer.html docs"""

from __future__ import annotations

import io
import sys
from pathlib import Path

from PIL import Image

from tests.support.browser import find_browser, open_browser

WIDTHS = {390: 844, 1440: 900}
CHOSEN = "k=3&word=france&t=3.3&x=4&y=2"
COLOURS = 256  # of the palette: few are there, and the files stay small


def take(page_file: Path, folder: Path) -> list[Path]:
    """Write explorer-390.png and explorer-1440.png: the whole page at both widths."""
    executable = find_browser()
    if executable is None:
        sys.exit("no Chromium here to take pictures with: install chromium")
    written = []
    with open_browser(executable) as browser:
        for width, height in WIDTHS.items():
            page = browser.new_page(viewport={"width": width, "height": height})
            page.goto(f"{page_file.resolve().as_uri()}#{CHOSEN}")
            page.wait_for_timeout(500)
            picture = Image.open(io.BytesIO(page.screenshot(full_page=True)))
            written.append(folder / f"explorer-{width}.png")
            few = picture.convert("RGB").quantize(COLOURS, Image.Quantize.MAXCOVERAGE)
            few.save(written[-1], optimize=True)
    return written


if __name__ == "__main__":
    for file in take(Path(sys.argv[1]), Path(sys.argv[2])):
        print(file)
