"""What the browser's page does, one picture each for docs/browser.md, with embedded and made-up ink.

    python -m benchmarks.figures.features [--output docs/pictures]

Writes page-answer.png, page-comma.png, page-copy-as.png, page-doubt.png and page-german.png. Needs Chromium (the
variable CHROMIUM names one that is not on the path).
"""

import argparse
import math
from pathlib import Path
from random import Random

import numpy as np

from benchmarks.figures.hand import READ, drop, served, wait
from benchmarks.figures.pages import PICTURES, Tab, chromium
from tegashiki.ink.ink import Ink
from tegashiki.latex.normalize import normalize
from tegashiki.recognizer.recognizer import Recognizer
from tegashiki.synthesis.typeset import typeset
from tegashiki.synthesis.writer import write, writer

SIZE = (900, 570)  # pixels
SHEET = 180  # pixels, height of the sheet
EQUATION = "x^2-5x+6=0"
DECIMAL = "2,5x=1"
WRITERS = 60  # that are tried until one is read as written
CIRCLE = Ink((np.array([[40 * math.cos(t), 45 * math.sin(t)] for t in np.linspace(-1.57, 4.71, 25)]),))
OFFERED = 'document.querySelector("#comma button")'
ANSWERED = 'document.querySelector("#answer button")'
DOUBTED = 'document.querySelector("#candidates .doubt")'


def written(latex: str) -> Ink:
    """Return embedded ink of a formula by the first made-up writer that the model reads right."""
    tokens, recognizer = normalize(latex), Recognizer.load()
    for number in range(WRITERS):
        person = writer(0, number)
        marks = typeset(tokens, person.layout, person.glyph, Random(number))
        strokes, _ = write(marks, person, np.random.default_rng(number))
        ink = Ink(tuple(strokes))
        if recognizer.recognize(ink)[0].tokens == tokens:
            return ink
    raise RuntimeError(f"no writer's {latex} is read as such")


def opened(tab: Tab, address: str) -> None:
    width, height = SIZE
    tab.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
    tab.send("Page.navigate", url=address)
    wait(tab, "document.body?.dataset.ready")
    tab.evaluate(f"document.getElementById('sheet').style.height = '{SHEET}px'")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=PICTURES, help="folder")
    folder: Path = parser.parse_args().output
    equation, decimal = written(EQUATION), written(DECIMAL)
    with served() as address, chromium() as tab:
        opened(tab, address)
        drop(tab, equation)
        wait(tab, ANSWERED)
        tab.picture(folder / "page-answer.png")
        tab.evaluate("document.getElementById('copy-as').click()")
        tab.picture(folder / "page-copy-as.png")
        tab.evaluate("document.getElementById('copies').hidePopover()")
        tab.evaluate("""(() => {
          const list = document.getElementById("language");
          list.value = "de";
          list.dispatchEvent(new Event("change"));
        })()""")
        wait(tab, f"{ANSWERED} && document.documentElement.lang === 'de'")
        tab.picture(folder / "page-german.png")
        drop(tab, decimal)
        wait(tab, f"{READ} && {OFFERED}")
        tab.evaluate(f"{OFFERED}.click()")
        wait(tab, f"{ANSWERED}?.dataset.latex.includes('{{,}}')")
        tab.picture(folder / "page-comma.png")
        tab.evaluate("localStorage.clear()")
        opened(tab, address)
        drop(tab, CIRCLE)
        wait(tab, f"{READ} && {DOUBTED}")
        tab.picture(folder / "page-doubt.png")


if __name__ == "__main__":
    main()
