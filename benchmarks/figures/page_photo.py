"""The browser's page with a dropped photo: the picture in docs/pictures.md, with embedded ink.

    python -m benchmarks.figures.page_photo [--output docs/pictures/page-photo.png]

Makes a photo of two lines of writing on lined paper and drops it on the page in headless Chromium. Needs Chromium (the
variable CHROMIUM names one that is not on the path) and the extra `pictures`.
"""

import argparse
import base64
import json
from pathlib import Path

import numpy as np

from benchmarks.figures.hand import READ, served, wait
from benchmarks.figures.pages import PICTURES, Tab, chromium
from benchmarks.figures.traced_pictures import ruled
from tegashiki.synthesis.embedded import generate
from tests.pictures.pictures import drawn, encoded, photographed

SEED = 12
LINES = (8, 4)  # which of the inks
SIZE = (1000, 720)  # pixels
DROP = """(async () => {
  const bytes = Uint8Array.from(atob(BASE64), (letter) => letter.charCodeAt(0));
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([bytes], "photo.jpg", { type: "image/jpeg" }));
  document.dispatchEvent(new DragEvent("drop", { dataTransfer, cancelable: true }));
})()"""


def photo() -> bytes:
    """Return the JPEG of a page held a little askew."""
    inks = [example.ink for example in generate("validation", 200, seed=SEED) if 6 <= len(example.ink.strokes) <= 11]
    lines = [drawn(inks[place].strokes, 100, 4) for place in LINES]
    page = np.full((sum(len(line) for line in lines) + 190, max(line.shape[1] for line in lines) + 160), 255, np.uint8)
    top = 60
    for line in lines:
        page[top : top + line.shape[0], 80 : 80 + line.shape[1]] = line
        top += line.shape[0] + 70
    return encoded(photographed(ruled(page), 1, 0.7), "JPEG", quality=85)


def drop(tab: Tab, picture: bytes) -> None:
    """Drop a picture on the page, and wait until its first line is read."""
    tab.evaluate(DROP.replace("BASE64", json.dumps(base64.b64encode(picture).decode())))
    wait(tab, f"!document.getElementById('photo').hidden && {READ}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=PICTURES / "page-photo.png", help="PNG")
    args = parser.parse_args()
    with served() as address, chromium() as tab:
        width, height = SIZE
        tab.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        tab.send("Page.navigate", url=address)
        wait(tab, "document.body?.dataset.ready")
        drop(tab, photo())
        tab.picture(args.output)


if __name__ == "__main__":
    main()
