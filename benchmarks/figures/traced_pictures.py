"""Draw docs/pictures/traced.png: made-up pictures, the strokes that are found in them, and how the model reads them.

    python -m benchmarks.figures.traced_pictures [MODEL]

All ink is drawn by the package (dataset `embedded`); no picture of a person's writing is shown. Needs the extra
`pictures`.
"""

import argparse
from collections.abc import Callable
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib import pyplot
from matplotlib.axes import Axes
from PIL import Image

from tegashiki.decoding.search import NoReadingError
from tegashiki.ink.ink import Ink
from tegashiki.open_model import open_model
from tegashiki.pictures.picture import read_picture
from tegashiki.synthesis.embedded import generate
from tests.pictures.pictures import drawn, encoded, photographed

OUTPUT = Path("docs/pictures/traced.png")
SEED = 12


def ruled(picture: np.ndarray) -> np.ndarray:
    """Put a picture on lined paper that is held a little askew."""
    paper = np.pad(picture, 14, constant_values=255)
    rows, columns = np.indices(paper.shape)
    lines = (rows + (0.02 * columns).astype(int)) % 34 == 20
    return np.where(lines, np.minimum(paper, 140), paper).astype(np.uint8)


def squared(picture: np.ndarray) -> np.ndarray:
    paper = np.pad(picture, 14, constant_values=255)
    rows, columns = np.indices(paper.shape)
    return np.where((rows % 28 == 5) | (columns % 28 == 5), np.minimum(paper, 170), paper).astype(np.uint8)


def turned(picture: np.ndarray) -> np.ndarray:
    return np.asarray(Image.fromarray(255 - picture).rotate(4, Image.Resampling.BICUBIC, expand=True))


# Title -> the picture of some strokes, and the kind of file.
LOOKS: dict[str, tuple[Callable[[Ink], np.ndarray], str]] = {
    "clean": (lambda ink: drawn(ink.strokes, 90, 3), "PNG"),
    "photo with a shadow": (lambda ink: photographed(drawn(ink.strokes, 100, 3), 1), "JPEG"),
    "faint pencil": (lambda ink: photographed(drawn(ink.strokes, 100, 2), 2, 0.3), "JPEG"),
    "lined paper": (lambda ink: photographed(ruled(drawn(ink.strokes, 100, 3)), 3), "JPEG"),
    "squared paper": (lambda ink: photographed(squared(drawn(ink.strokes, 110, 4)), 4), "JPEG"),
    "blackboard": (lambda ink: 255 - photographed(drawn(ink.strokes, 110, 5), 5, 0.7), "JPEG"),
    "turned by 4 degrees": (lambda ink: turned(drawn(ink.strokes, 100, 4)), "PNG"),
    "few pixels": (lambda ink: drawn(ink.strokes, 34, 1), "PNG"),
    "thick marker": (lambda ink: drawn(ink.strokes, 160, 11), "PNG"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", nargs="?", default="default", help="a .tflite, or `default` (default)")
    args = parser.parse_args()
    matplotlib.use("Agg")
    recognizer = open_model(args.model)
    inks = [example.ink for example in generate("validation", 200, seed=SEED) if 6 <= len(example.ink.strokes) <= 11]
    figure, rows = pyplot.subplots(len(LOOKS), 2, figsize=(9, 1.5 * len(LOOKS)), width_ratios=(1, 1))
    for (title, (look, kind)), ink, axes in zip(LOOKS.items(), inks, rows, strict=False):
        picture = look(ink)
        found = read_picture(encoded(picture, kind))
        try:
            reading = recognizer.recognize(found, 1)[0].latex
        except NoReadingError:
            reading = "no reading"
        draw(axes, picture, found, title, reading)
    figure.tight_layout()
    OUTPUT.parent.mkdir(exist_ok=True)
    figure.savefig(OUTPUT, dpi=100)
    print(OUTPUT)


def draw(axes: list[Axes], picture: np.ndarray, found: Ink, title: str, reading: str) -> None:
    axes[0].imshow(picture, cmap="gray", vmin=0, vmax=255)
    axes[0].set_title(title, fontsize=9, loc="left")
    for number, stroke in enumerate(found.strokes):
        colour = f"C{number % 10}"
        axes[1].plot(*stroke.T, color=colour, linewidth=1.5)
        axes[1].plot(*stroke[0], marker=".", color=colour)
    axes[1].set(xlim=(0, picture.shape[1]), ylim=(picture.shape[0], 0), aspect="equal")
    axes[1].set_title(f"{len(found.strokes)} strokes: {reading}".replace("$", r"\$"), fontsize=9, loc="left")
    for each in axes:
        each.set_xticks([])
        each.set_yticks([])


if __name__ == "__main__":
    main()
