"""The picture of docs/model-card.md: inks that a model reads wrong, drawn by lot.

    python eval.py default --dataset crohme --split validation --data-dir data --restrict crohme --json result.json
    python benchmarks/figures/failures.py result.json --data-dir data --output docs/pictures/failures.svg

Which ones is decided by a seed and not by anybody, so that they are neither the funniest nor the nearest to right.
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
    parser.add_argument("result", type=Path, metavar="JSON", help="what `eval --dataset ... --json` wrote")
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help="where the dataset is prepared")
    parser.add_argument("--count", type=int, default=12, metavar="N", help="how many inks (12)")
    parser.add_argument("--output", type=Path, required=True, metavar="FILE", help="an .svg or .png")
    args = parser.parse_args()
    result = read_json(args.result)
    samples = {sample.file: sample for sample in dataset_samples(result["dataset"], result["split"], args.data_dir)}
    wrong = failures(result["per_ink"])
    chosen = by_lot(wrong, args.count)
    model = read_metadata(DEFAULT_MODEL)["name"] if result["model"] == "default" else result["model"]
    title = f"{len(chosen)} of the {len(wrong)} inks of {len(samples)} that {model} reads wrong"
    sheet = [drawing.SheetEntry(samples[each.file].ink, each.prediction or "", each.truth) for each in chosen]
    drawing.draw_sheet(sheet, args.output, columns=3, title=title)


def failures(readings: Sequence[InkResult]) -> list[InkResult]:
    """Return the readings that are not their truths, of inks that could be read at all."""
    return [reading for reading in readings if reading.edits]


def by_lot(readings: Sequence[InkResult], count: int) -> list[InkResult]:
    """Return `count` of the readings, the same ones at each call, those with the fewest edits first."""
    chosen = random.Random(0).sample(sorted(readings, key=lambda each: each.file), min(count, len(readings)))
    return sorted(chosen, key=lambda each: (each.edits or 0, each.file))


if __name__ == "__main__":
    main()
