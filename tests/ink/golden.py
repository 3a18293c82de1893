"""Write tegashiki/kit/mobile/frames.json, the results that any port of the preprocessing must reproduce.

Run it with `cd tests && python -m ink.golden`. The masks come from the package rdp. Everything else is a second, plain
Python implementation of the specification in ink/preprocess.py.
"""

import json
from itertools import pairwise
from pathlib import Path
from statistics import median

import numpy as np

from .strokes import procedural_strokes, rdp_of_package

PATH = Path(__file__).parents[2] / "tegashiki" / "kit" / "mobile" / "frames.json"
EPSILON, POINTS = 0.02, 32


def golden_stroke(name: str, raw: list[list[float]]) -> dict:
    points = [point for i, point in enumerate(raw) if i == 0 or point != raw[i - 1]]
    xs, ys = zip(*points, strict=True)
    centre = [(min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2]
    size = max(max(xs) - min(xs), max(ys) - min(ys))
    unit = [[(x - centre[0]) / (size or 1.0), (y - centre[1]) / (size or 1.0)] for x, y in points]
    mask = rdp_of_package(unit, EPSILON)
    for nearby in (EPSILON * (1 - 1e-9), EPSILON * (1 + 1e-9)):  # a rounding difference must not make a port fail
        assert (rdp_of_package(unit, nearby) == mask).all(), f"{name} has a point at the distance epsilon"
    kept = np.flatnonzero(mask).tolist()
    spaced = evenly_spaced([unit[i] for i in kept])
    return {
        "name": name,
        "stroke": raw,
        "unit": unit,
        "kept": kept,
        "box": [*centre, size],
        "points": [[round(x, 9), round(y, 9)] for x, y in spaced],
    }


def evenly_spaced(line: list[list[float]]) -> list[list[float]]:
    lengths = [((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5 for (x0, y0), (x1, y1) in pairwise(line)]
    spaced = []
    for i in range(POINTS):
        rest, segment = sum(lengths) * i / (POINTS - 1), 0
        while segment < len(lengths) - 1 and rest > lengths[segment]:
            rest -= lengths[segment]
            segment += 1
        if not lengths:
            spaced.append([0.0, 0.0])
            continue
        (x0, y0), (x1, y1) = line[segment], line[segment + 1]
        part = min(rest / lengths[segment], 1.0) if lengths[segment] else 1.0
        spaced.append([x0 + part * (x1 - x0), y0 + part * (y1 - y0)])
    return spaced


def golden_boxes(boxes: list[list[float]]) -> list[list[float]]:
    sizes = [size for _, _, size in boxes]
    unit = median(sizes) or max(sizes)  # golden/vectors.json covers inks of only dots
    left, middle = min(x for x, _, _ in boxes), median(y for _, y, _ in boxes)
    return [[(x - left) / unit, (y - middle) / unit, size / unit] for x, y, size in boxes]


def main() -> None:
    strokes = [golden_stroke(name, raw) for name, raw in procedural_strokes().items()]
    boxes = golden_boxes([stroke["box"] for stroke in strokes])
    text = {"epsilon": EPSILON, "points_per_stroke": POINTS, "ink_boxes": boxes}
    head = json.dumps(text)[:-1]
    lines = ",\n".join(json.dumps(stroke) for stroke in strokes)
    PATH.write_text(f'{head}, "strokes": [\n{lines}\n]}}\n')


if __name__ == "__main__":
    main()
