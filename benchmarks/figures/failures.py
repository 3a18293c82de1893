"""The picture in docs/model-card.md: a random sample of the inks that a model reads wrong.

    tegashiki eval default --dataset crohme --split validation --data-dir data --restrict crohme --json result.json
    python -m benchmarks.figures.failures result.json --data-dir data --output docs/pictures/failures.svg

A seed chooses the inks, not a person, so that they are typical.
"""

import argparse
import random
from collections.abc import Sequence
from pathlib import Path

from tegashiki.evaluation import drawing
from tegashiki.evaluation.ink_result import InkResult
from tegashiki.evaluation.report import read_json
from tegashiki.evaluation.samples import dataset_samples
from tegashiki.recognizer.metadata import read_metadata
from tegashiki.recognizer.recognizer import DEFAULT_MODEL


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("result", type=Path, metavar="JSON", help="written by `tegashiki eval --dataset ... --json`")
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help="where the dataset is prepared")
    parser.add_argument("--count", type=int, default=12, metavar="N", help="number of inks (default: 12)")
    parser.add_argument("--output", type=Path, required=True, metavar="FILE", help="an .svg or .png file")
    args = parser.parse_args()
    result = read_json(args.result)
    samples = {sample.file: sample for sample in dataset_samples(result["dataset"], result["split"], args.data_dir)}
    wrong = failures(result["per_ink"])
    chosen = by_lot(wrong, args.count)
    model = read_metadata(DEFAULT_MODEL)["name"] if result["model"] == "default" else result["model"]
    title = f"{len(chosen)} of the {len(wrong)} inks of {len(samples)} that {model} reads wrong"
    inks = [(samples[each.file].ink, each) for each in chosen]
    sheet = [drawing.SheetEntry(ink, each.prediction or "", each.truth) for ink, each in inks if ink is not None]
    drawing.draw_sheet(sheet, args.output, columns=3, title=title)


def failures(readings: Sequence[InkResult]) -> list[InkResult]:
    """Return the wrong readings, without inks that could not be read at all."""
    return [reading for reading in readings if reading.edits]


def by_lot(readings: Sequence[InkResult], count: int) -> list[InkResult]:
    """Draw `count` of the readings with a fixed seed, and return those with the fewest edits first."""
    chosen = random.Random(0).sample(sorted(readings, key=lambda each: each.file), min(count, len(readings)))
    return sorted(chosen, key=lambda each: (each.edits or 0, each.file))


if __name__ == "__main__":
    main()
