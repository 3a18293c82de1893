"""A contact sheet of made-up people: what `tegashiki prepare people` makes, in ink that may be shown.

    python -m benchmarks.figures.people [--output docs/pictures/people.png]

The people of the dataset stay on the machine where it was prepared: the terms of their ink do not let it be passed on.
The sheet's people are those of embedded ink, each with a few drawings of every class; formulas and layout are the
dataset's.
"""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

import numpy as np

from tegashiki.datasets.people import KINDS, WRITE, people_of
from tegashiki.ink.example import Example
from tegashiki.ink.ink import Ink
from tegashiki.latex.symbols import DIGITS, LATIN
from tegashiki.latex.vocabulary import CROHME_TOKENS
from tegashiki.synthesis.held_out_formulas import is_held_out_formula
from tegashiki.synthesis.person import Person, Written, write_formula
from tegashiki.synthesis.typeset import TypesetError, typeset
from tegashiki.synthesis.writer import write, writer

ROWS = 6  # people
DRAWINGS = 3  # of each class
LONGEST = 26  # tokens, so that a cell can be read
MADE_UP = range(3000, 3000 + ROWS)  # writers of embedded ink that no split of it has
SIGNS = [*sorted(CROHME_TOKENS - {*DIGITS, *LATIN, "{", "}", "_", "^", r"\frac"}), ":", r"\%", r"\$"]


def main() -> None:
    """Draw the sheet."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=Path("docs/pictures/people.png"), help="PNG or SVG")
    args = parser.parse_args()
    draw(args.output)
    print(args.output)


def draw(output: Path) -> None:
    """Draw a row a person and a column a kind."""
    from matplotlib.figure import Figure

    people = people_of(drawing for number in MADE_UP for drawing in drawings(number))
    figure = Figure(figsize=(15, 1.35 * ROWS), layout="constrained")
    axes = figure.subplots(ROWS, len(KINDS))
    for row, person in enumerate(people):
        for axis, kind in zip(axes[row], KINDS, strict=True):
            for stroke in formula(kind, person, people, row).strokes:
                axis.plot(stroke[:, 0], -stroke[:, 1], color="black", linewidth=1.1, solid_capstyle="round")
            axis.set_aspect("equal", "datalim")
            axis.axis("off")
            if not row:
                axis.set_title(kind, fontsize=11)
    figure.savefig(output, dpi=70)


def drawings(number: int) -> Iterator[Example]:
    """Every class as a made-up writer draws it, a few times each."""
    person, rng = writer(0, number), np.random.default_rng(number)
    for token in (*DIGITS, *LATIN, *SIGNS):
        tokens = (r"\sqrt", "{", "x", "}") if token == r"\sqrt" else (token,)
        for _ in range(DRAWINGS):
            try:
                marks = typeset(tokens, person.layout, person.glyph)
            except TypesetError:
                continue
            strokes, owners = write(marks, person, rng)
            yield Example(Ink(tuple(strokes), writer=person.name, source=f"{number}/{token}"), tokens, owners)


def formula(kind: str, person: Person, people: Sequence[Person], seed: int) -> Written:
    """A formula of a kind that training never sees, short enough for a cell."""
    random, rng = Random(f"{kind}/{seed}"), np.random.default_rng(seed)
    while True:
        tokens = WRITE[kind](random)
        if is_held_out_formula(tokens) and 5 <= len(tokens) <= LONGEST:
            written = write_formula(tokens, person, people, rng)
            if written is not None:
                return written


if __name__ == "__main__":
    main()
