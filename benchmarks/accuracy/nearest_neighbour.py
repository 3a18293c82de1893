"""A baseline: what nearest neighbours and a left-to-right rule read, without training and without layout.

    python -m benchmarks.accuracy.nearest_neighbour --split test_2014 --data-dir data --output nearest.tsv
    tegashiki eval --predictions nearest.tsv --dataset crohme --split test_2014 --data-dir data

The templates are the symbols of crohme/train that are linked to a token of CROHME's official list (the tokens that
`--restrict crohme` allows). A template is the symbol's strokes, end to end, as `POINTS` evenly spaced points in a box
of size 1. `Rules` group consecutive strokes of an ink into symbols. A symbol gets the token of the nearest template by
the Euclidean distance of their points. Tokens are written in the order of the left edges of their boxes, so an ink with
a script, a fraction or a root is never read correctly.

`Rules` were chosen on crohme/validation for the share of symbols that get exactly their own strokes, which is printed.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.spatial import cKDTree

from tegashiki.datasets.prepared import load_examples
from tegashiki.ink.ink import Ink
from tegashiki.latex.vocabulary import CROHME_TOKENS

POINTS = 20  # per symbol
WRITTEN = {"\\frac": "-", "\\sqrt": ""}  # a token with arguments cannot stand in a plain row of symbols


@dataclass(frozen=True)
class Rules:
    """When a stroke belongs to the symbol before it. Lengths are in units of the median stroke size."""

    touch: float = 0.2  # strokes at most this far apart belong together if `overlap` and `wide` hold
    overlap: float = 0.1  # least horizontal overlap of their boxes, in widths of the narrower one
    wide: float = 6.0  # most times that one may be wider than the other; fraction bars and roots are wider
    narrow: float = 0.3  # least width assumed for the narrower one, so that strokes can join a vertical line
    flat: float = 0.5  # largest height over width of a bar
    dot: float = 0.25  # largest size of a dot
    stacked: float = 1.1  # largest vertical gap between two bars, or a dot and a stroke, that belong together


RULES = Rules()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--split", default="validation", help="split of crohme (default: validation)")
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help="where crohme is prepared")
    parser.add_argument("--output", type=Path, metavar="TSV", help="file for the predictions")
    args = parser.parse_args()
    classifier = Classifier(args.data_dir)
    lines = []
    symbols = exact = 0
    for example in load_examples("crohme", args.split, args.data_dir):
        groups = group(example.ink.strokes)
        lines.append(f"{example.ink.source}\t{' '.join(classifier.read(example.ink, groups))}\n")
        known = {tuple(strokes) for _, strokes in symbols_of(example.stroke_tokens)}
        symbols += len(known)
        exact += len(known.intersection(map(tuple, groups)))
    share = f"{100 * exact / symbols:.1f} % of {symbols:,} symbols"
    print(f"{len(classifier.tokens):,} templates; {share} got exactly their own strokes")
    if args.output:
        args.output.write_text("".join(lines), encoding="utf-8")


class Classifier:
    """Finds the nearest of the templates of crohme/train."""

    def __init__(self, data_dir: Path | None) -> None:
        drawings = [
            (example.tokens[token], outline([example.ink.strokes[stroke] for stroke in strokes]))
            for example in load_examples("crohme", "train", data_dir)
            for token, strokes in symbols_of(example.stroke_tokens)
            if example.tokens[token] in CROHME_TOKENS
        ]
        self.tokens = [token for token, _ in drawings]
        self._tree = cKDTree(np.stack([points for _, points in drawings]))

    def read(self, ink: Ink, groups: Sequence[Sequence[int]]) -> list[str]:
        """Return the tokens of an ink whose strokes are grouped into symbols, from left to right."""
        symbols = [[ink.strokes[stroke] for stroke in strokes] for strokes in groups]
        symbols.sort(key=lambda strokes: min(float(stroke[:, 0].min()) for stroke in strokes))
        _, nearest = self._tree.query(np.stack([outline(strokes) for strokes in symbols]))
        tokens = [self.tokens[place] for place in nearest]
        return [WRITTEN.get(token, token) for token in tokens if WRITTEN.get(token, token)]


def symbols_of(stroke_tokens: np.ndarray) -> Iterator[tuple[int, list[int]]]:
    """Yield (index of a token, its strokes) for every token that strokes are linked to."""
    for token in np.unique(stroke_tokens[stroke_tokens >= 0]).tolist():
        yield token, np.flatnonzero(stroke_tokens == token).tolist()


def outline(strokes: Sequence[np.ndarray]) -> np.ndarray:
    """Return a symbol's strokes (N, 2), end to end, as `POINTS` centred points, the longer side 1: (2 POINTS,)."""
    points = np.concatenate(strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    points = (points - (low + high) / 2) / max(float((high - low).max()), 1e-9)
    lengths = np.r_[0.0, np.hypot(*np.diff(points, axis=0).T).cumsum()]
    places = np.linspace(0, lengths[-1], POINTS)
    return np.concatenate([np.interp(places, lengths, points[:, axis]) for axis in (0, 1)])


def group(strokes: Sequence[np.ndarray], rules: Rules = RULES) -> list[list[int]]:
    """Group strokes (N, 2) into symbols: a stroke joins the symbol of the stroke before it or begins a new one."""
    unit = float(np.median([np.ptp(stroke, axis=0).max() for stroke in strokes])) or 1.0
    scaled = [stroke / unit for stroke in strokes]
    groups = [[0]]
    for index in range(1, len(scaled)):
        if any(joins(scaled[other], scaled[index], rules) for other in groups[-1]):
            groups[-1].append(index)
        else:
            groups.append([index])
    return groups


def joins(before: np.ndarray, after: np.ndarray, rules: Rules) -> bool:
    """Whether two strokes, in units of the median stroke size, are parts of one symbol."""
    low, high = np.maximum(before.min(axis=0), after.min(axis=0)), np.minimum(before.max(axis=0), after.max(axis=0))
    sizes = np.ptp(before, axis=0), np.ptp(after, axis=0)
    narrow, wide = sorted(float(size[0]) for size in sizes)
    sideways = float(high[0] - low[0])
    if sideways < rules.overlap * narrow or wide > rules.wide * max(narrow, rules.narrow):
        return False
    if float(np.min(cKDTree(before).query(after)[0])) <= rules.touch:
        return True
    flat = all(size[1] <= rules.flat * size[0] for size in sizes)
    dot = any(size.max() <= rules.dot for size in sizes)
    return (flat or dot) and float(low[1] - high[1]) <= rules.stacked


if __name__ == "__main__":
    main()
