"""Ink that is struck out and selected in the browser: the picture in docs/gestures.md, with embedded ink.

    python -m benchmarks.figures.gestures [--output docs/pictures/page-gestures.png]

Opens the page in headless Chromium, gives it an ink, and draws on it with made-up pointer events. Needs Chromium (the
variable CHROMIUM names one that is not on the path).
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.figures.hand import served, wait
from benchmarks.figures.pages import PICTURES, Tab, chromium
from tegashiki.synthesis.embedded import Drawn

EXAMPLE = 0  # of the embedded test split
SIZE = (895, 190)  # pixels
SHEET = (440, 200)  # pixels
STRUCK = 4  # the token that is struck out
LAST = 5  # the tokens after it are selected

POINTERS = """(() => {
  const sheet = document.getElementById("sheet");
  const { left, top } = sheet.getBoundingClientRect();
  const send = (type, [x, y]) => sheet.dispatchEvent(new PointerEvent(type, {
    bubbles: true, cancelable: true, pointerId: 9, pointerType: "pen", buttons: type === "pointerup" ? 0 : 1,
    button: type === "pointermove" ? -1 : 0, clientX: x + left + 1, clientY: y + top + 1 }));
  const points = POINTS;
  if (DOWN) send("pointerdown", points[0]);
  for (const point of points) send("pointermove", point);
  if (UP) send("pointerup", points.at(-1));
})()"""
SHOWN = "(window.panels ??= []).push(document.getElementById('sheet').toDataURL()); undefined"
LAID_OUT = """(async () => {
  const captions = CAPTIONS;
  document.body.innerHTML = `<div style="display: flex; gap: 10px; padding: 10px">${panels.map((panel, i) =>
    `<figure style="margin: 0"><img src="${panel}" style="border: 1px solid var(--line); border-radius: 10px;
     background: var(--paper); width: 285px"><figcaption>${captions[i]}</figcaption></figure>`).join("")}</div>`;
  await Promise.all([...document.images].map((image) => image.decode()));
})()"""
CAPTIONS = ("a zigzag is drawn over a symbol ...", "... and both vanish", "strokes are selected, to move them")


def draw(tab: Tab, points: np.ndarray, *, down: bool = True, up: bool = True) -> None:
    """Move a pen over the sheet."""
    script = POINTERS.replace("POINTS", json.dumps(points.tolist()))
    tab.evaluate(script.replace("DOWN", json.dumps(down)).replace("UP", json.dumps(up)))


def fitted(strokes: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Return strokes scaled and moved to the middle of the sheet."""
    points = np.concatenate(strokes)
    low, size = points.min(axis=0), np.ptp(points, axis=0)
    scale = float(np.min(np.array(SHEET) * 0.8 / size))
    return [(stroke - low - size / 2) * scale + np.array(SHEET) / 2 for stroke in strokes]


def box(strokes: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    points = np.concatenate(strokes)
    return points.min(axis=0), points.max(axis=0)


def zigzag(strokes: Sequence[np.ndarray], sweeps: int = 7) -> np.ndarray:
    """Return a zigzag over strokes."""
    (left, top), (right, bottom) = box(strokes)
    at = np.linspace(0, sweeps, 12 * sweeps + 1)
    across = np.interp(at, np.arange(sweeps + 1), np.resize([left - 6, right + 6], sweeps + 1))
    return np.stack([across, np.linspace(top, bottom, len(at))], axis=1)


def lasso(strokes: Sequence[np.ndarray]) -> np.ndarray:
    """Return an ellipse around strokes."""
    low, high = box(strokes)
    angle = np.linspace(0, 6, 60)
    return (low + high) / 2 + np.stack([np.cos(angle), np.sin(angle)], axis=1) * ((high - low) * 0.8 + 8)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=PICTURES / "page-gestures.png", help="PNG")
    args = parser.parse_args()
    example = Drawn("test")[EXAMPLE]
    strokes = fitted(example.ink.strokes)
    width, height = SIZE
    with served() as address, chromium() as tab:
        tab.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        tab.send("Page.navigate", url=address)
        wait(tab, "document.body?.dataset.ready")
        size = f"{{ width: '{SHEET[0]}px', height: '{SHEET[1]}px' }}"
        tab.evaluate(f"Object.assign(document.getElementById('sheet').style, {size})")
        for stroke in strokes:
            draw(tab, stroke)
        scratch = zigzag([strokes[index] for index in np.flatnonzero(example.stroke_tokens == STRUCK)])
        draw(tab, scratch, up=False)
        tab.evaluate(SHOWN)
        draw(tab, scratch[-1:], down=False)
        tab.evaluate(SHOWN)
        tab.evaluate("document.getElementById('select').click()")
        draw(tab, lasso([strokes[index] for index in np.flatnonzero(example.stroke_tokens > LAST)]))
        tab.evaluate(SHOWN)
        tab.evaluate(LAID_OUT.replace("CAPTIONS", json.dumps(CAPTIONS)))
        tab.picture(args.output)


if __name__ == "__main__":
    main()
