"""How often ink is taken for a gesture, and how often gestures are recognised.

    python -m benchmarks.accuracy.gestures --splits train validation --data-dir data [--dataset crohme]

False alarms: every ink is written stroke after stroke, and each stroke is given to `tegashiki.ink.gestures.struck`
with those before it. Beside them stand two rules that were not built: "a line through the middle" takes a nearly
straight stroke that crosses another between their ends as a strike, and "written over" takes a stroke whose box is that
of an earlier one (intersection over union of at least 0.7) as its replacement.

Recognised: gestures are made up over the same inks (`drawn_gestures.py`). A gesture is recognised if it takes ink away.
The other columns are the share that takes at least half of the strokes meant, all of them, and exactly them.
"""

import argparse
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from tqdm import tqdm

from benchmarks.accuracy.drawn_gestures import gestures
from tegashiki.datasets.prepared import load_examples
from tegashiki.evaluation.report import align
from tegashiki.ink.example import Example
from tegashiki.ink.gestures import struck

Rule = Callable[[Sequence[np.ndarray], np.ndarray], bool]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dataset", default="crohme", help="default: crohme")
    parser.add_argument("--splits", nargs="+", required=True, help="splits of the dataset")
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help="where datasets are prepared")
    args = parser.parse_args()
    alarms: list[tuple[str, ...]] = [("inks", "strokes", *RULES)]
    drawn: list[tuple[str, ...]] = [("gesture", "over", "count", *COLUMNS)]
    for split in args.splits:
        examples = load_examples(args.dataset, split, args.data_dir)
        alarms.append((f"{len(examples)} of {split}", *false_alarms(examples)))
        drawn.extend((kind, f"{over}, {split}", *shares) for (kind, over), shares in recognised(examples).items())
    print("Inks with a false alarm:\n" + align(alarms) + "\n\nGestures recognised, in %:\n" + align(drawn))


def false_alarms(examples: Sequence[Example]) -> list[str]:
    """Return the number of strokes, and for each rule that of the inks that it takes something away from."""
    strokes, inks = 0, dict.fromkeys(RULES, 0)
    for example in tqdm(examples, desc="false alarms", unit=" inks", disable=None):
        written = example.ink.strokes
        strokes += len(written)
        for name, rule in RULES.items():
            inks[name] += any(rule(written[:index], written[index]) for index in range(1, len(written)))
    return [str(strokes), *map(str, inks.values())]


def recognised(examples: Sequence[Example]) -> dict[tuple[str, str], list[str]]:
    """Return the number of gestures of each kind over each target, and the shares of `COLUMNS`."""
    found = defaultdict(list)
    for seed, example in enumerate(tqdm(examples, desc="gestures", unit=" inks", disable=None)):
        for gesture in gestures(example, seed):
            taken, targets = set(struck(example.ink.strokes, gesture.points)), gesture.targets
            half = len(taken & targets) >= len(targets) / 2
            found[gesture.kind, gesture.over].append((bool(taken), half, taken >= targets, taken == targets))
    return {key: [str(len(of)), *(f"{100 * share:.1f}" for share in np.mean(of, 0))] for key, of in found.items()}


def line_through(strokes: Sequence[np.ndarray], stroke: np.ndarray) -> bool:
    """Whether a stroke is nearly straight and crosses another between the ends of both."""
    start, step = stroke[0], stroke[-1] - stroke[0]
    length = float(np.hypot(*step))
    if length == 0 or np.hypot(*np.diff(stroke, axis=0).T).sum() > 1.05 * length:
        return False
    for other in strokes:
        along, side = (other - start) @ step / length**2, (other - start) @ [-step[1], step[0]]
        crosses = (np.sign(side[1:]) != np.sign(side[:-1])) & (abs(along[1:] - 0.5) < 0.3)
        at = np.flatnonzero(crosses) / max(len(other) - 1, 1)
        if np.any(abs(at - 0.5) < 0.3):
            return True
    return False


def written_over(strokes: Sequence[np.ndarray], stroke: np.ndarray) -> bool:
    """Whether the box of a stroke is about that of an earlier one."""
    low, high = stroke.min(axis=0), stroke.max(axis=0)
    for other in strokes:
        lows, highs = np.stack([low, other.min(axis=0)]), np.stack([high, other.max(axis=0)])
        common = np.prod(np.maximum(highs.min(axis=0) - lows.max(axis=0), 0))
        together = np.prod(highs - lows, axis=1).sum() - common
        if common and common >= 0.7 * together:
            return True
    return False


COLUMNS = ("recognised", "half", "all", "exactly")
RULES: dict[str, Rule] = {
    "gestures": lambda strokes, stroke: bool(struck(strokes, stroke)),
    "a line through the middle": line_through,
    "written over": written_over,
}

if __name__ == "__main__":
    main()
