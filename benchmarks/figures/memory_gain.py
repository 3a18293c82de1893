r"""What a writer's memory gains with the number of inks learnt: docs/pictures/memory-gain.png.

    python eval.py default --dataset crohme --split test_2014 --restrict crohme --beam 5 --by-writer \
        --json test_2014.json
    python -m benchmarks.figures.memory_gain test_2014.json [FILE ...] [--output docs/pictures/memory-gain.png]

Each file is one line. Bars are 95 % intervals, by bootstrap over writers. The files are named after their splits.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from tegashiki.evaluation.by_writer import Stage

SIZE = (7.2, 3.6)  # inches
DOTS = 110  # per inch
APART = 0.12  # between the bars of two files, where neighbouring stages are 1 apart


def main() -> None:
    """Draw the figure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", type=Path, nargs="+", metavar="FILE", help="what eval.py --by-writer --json wrote")
    parser.add_argument("--output", type=Path, default=Path("docs/pictures/memory-gain.png"), help="PNG or SVG")
    args = parser.parse_args()
    splits = {file.stem: stages_in(json.loads(file.read_text())["by_writer"]) for file in args.files}
    figure_of(splits).savefig(args.output, dpi=DOTS)
    print(args.output)


def stages_in(entries: Sequence[dict[str, Any]]) -> list[Stage]:
    """Return the stages of a file."""
    return [Stage(**{**entry, "learnt": tuple(entry["learnt"])}) for entry in entries]


def figure_of(splits: dict[str, list[Stage]]) -> Figure:
    """Return a figure with one line for each split."""
    figure = Figure(figsize=SIZE, layout="constrained")
    axis = figure.subplots()
    axis.axhline(0, color="0.7", linewidth=1)
    for number, (split, stages) in enumerate(splits.items()):
        aside = APART * (number - (len(splits) - 1) / 2)
        shown = [(place + aside, stage) for place, stage in enumerate(stages) if stage.inks]
        gains = np.array([stage.gain for _, stage in shown])
        low = np.array([stage.gain_low for _, stage in shown])
        high = np.array([stage.gain_high for _, stage in shown])
        bars = np.maximum([gains - low, high - gains], 0)  # a gain of 0 has no interval, but for rounding
        axis.errorbar([place for place, _ in shown], gains, bars, marker="o", capsize=4, label=split)
    longest = max(splits.values(), key=len)
    axis.set_xticks(range(len(longest)), [stage.name for stage in longest])
    axis.set_xlabel("inks of the same writer learnt before")
    axis.set_ylabel("gain in ExpRate (points)")
    axis.legend(frameon=False, loc="upper left")
    axis.spines[["top", "right"]].set_visible(False)
    return figure


if __name__ == "__main__":
    main()
