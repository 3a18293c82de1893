"""What a result would be without the inks of CROHME's test sets whose labels or files have a problem.

    tegashiki eval MODEL --dataset crohme --split test_2014 --data-dir data --restrict crohme --json result.json
    python -m benchmarks.accuracy.label_problems result.json [MORE.json ...]

`label_problems.tsv` beside this file lists these inks with reasons, of three kinds:

    label   the label is not, or may not be, what is drawn, or the ink occurs twice
    listed  the organisers list the file as faulty
    file    the file's own truth or symbols are wrong; the published label, which we score against, is right

docs/evaluation.md says how they were found. The figures in README include all inks: figures without some of them could
be compared with nobody else's.
"""

import argparse
import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from tegashiki.evaluation.ink_result import InkResult
from tegashiki.evaluation.report import read_json, summarize, table

LIST = Path(__file__).with_suffix(".tsv")
KINDS = ("label", "listed", "file")


@dataclass(frozen=True)
class Problem:
    """Why one ink is listed."""

    split: str
    ink: str  # file name without folder and suffix
    kind: str  # one of `KINDS`
    reason: str


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", nargs="+", type=Path, metavar="JSON", help="written by `tegashiki eval --json`")
    args = parser.parse_args()
    problems = read_problems()
    for path in args.results:
        result = read_json(path)
        print(f"{result.get('model', path)} on {result.get('split') or result.get('inkml')}")
        print(table((name, summarize(readings)) for name, readings in without(result["per_ink"], problems)))


def read_problems(path: Path = LIST) -> list[Problem]:
    """Read the list: a header, then split, ink, kind and reason of each ink, separated by tabs."""
    with path.open(encoding="utf-8", newline="") as file:
        _, *rows = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
    return [Problem(*row) for row in rows]


def without(readings: Sequence[InkResult], problems: Sequence[Problem]) -> Iterator[tuple[str, list[InkResult]]]:
    """Yield (what is left out, the remaining readings) for no kind, the first kind, the first two and all kinds."""
    yield "all", list(readings)
    for count in range(1, len(KINDS) + 1):
        kinds = KINDS[:count]
        names = {problem.ink for problem in problems if problem.kind in kinds}
        kept = [reading for reading in readings if PurePosixPath(reading.file).stem not in names]
        yield f"without {', '.join(kinds)}", kept


if __name__ == "__main__":
    main()
