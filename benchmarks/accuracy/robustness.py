"""How a recogniser reads the same inks changed as other devices and writers would change them, and unfinished inks.

    python -m benchmarks.accuracy.robustness MODEL --split validation --data-dir data [--restrict crohme]

The first table changes one thing at a time, see `benchmarks/accuracy/perturb.py`. For the second table an ink is cut
after a part of its strokes, at the nearest point where the strokes support a reading (`tegashiki/synthesis/prefix.py`).
It shows how often that reading is the first candidate, and how often it is among the first five.
"""

import argparse
import os
from pathlib import Path

import numpy as np
from tqdm import tqdm

from benchmarks.accuracy.perturb import PERTURBATIONS, perturb
from tegashiki.datasets.prepared import load_examples
from tegashiki.evaluation.evaluate import evaluate
from tegashiki.evaluation.samples import dataset_samples
from tegashiki.ink.ink import Ink
from tegashiki.open_model import recognizer_opener
from tegashiki.recognizer.recognizer import Recognizer
from tegashiki.synthesis.framed_ink import FramedInk
from tegashiki.synthesis.prefix import first_strokes

PARTS = (0.25, 0.5, 0.75, 1.0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", help="a .tflite, or the word default")
    parser.add_argument("--dataset", default="crohme", help="default: crohme")
    parser.add_argument("--split", required=True, help="a split of the dataset")
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help="where datasets are prepared")
    parser.add_argument("--restrict", help="use a part of the vocabulary only: crohme")
    args = parser.parse_args()
    perturbations(args)
    prefixes(args)


def perturbations(args: argparse.Namespace) -> None:
    samples = list(dataset_samples(args.dataset, args.split, args.data_dir))
    opener = recognizer_opener(args.model, beams=1, restrict=args.restrict)
    print(
        f"| {args.dataset}/{args.split}, {len(samples)} inks, greedy | ExpRate | <=1 | CER |\n| --- | --- | --- | --- |"
    )
    for name in PERTURBATIONS:
        changed = [perturb(sample, name, seed) for seed, sample in enumerate(samples)]
        report = evaluate(opener, changed, len(os.sched_getaffinity(0)), len(changed))
        scores = report.scores
        print(f"| {name} | {scores.exprate:.2f} | {scores.exprate_le1:.2f} | {scores.cer:.4f} |", flush=True)


def prefixes(args: argparse.Namespace) -> None:
    recognizer = Recognizer.load(None if args.model == "default" else args.model, beams=5, restrict=args.restrict)
    examples = load_examples(args.dataset, args.split, args.data_dir)
    hits: dict[float, list[tuple[bool, bool]]] = {part: [] for part in PARTS}
    for example in tqdm(examples, desc="prefixes", unit=" inks", disable=None):
        ink = FramedInk.of_example(example)
        if not ink.aligned:
            continue
        for part in PARTS:
            first = nearest_prefix(ink, part)
            if first is not None:
                found = [each.tokens for each in recognizer.recognize(Ink(example.ink.strokes[: len(first)]), 5)]
                hits[part].append((found[0] == first.tokens, first.tokens in found))
    print("\n| strokes written | inks | first candidate | among five |\n| --- | --- | --- | --- |")
    for part, each in hits.items():
        among_one, among_five = 100 * np.mean(each, axis=0)
        print(f"| {part:.0%} | {len(each)} | {among_one:.1f} % | {among_five:.1f} % |")


def nearest_prefix(ink: FramedInk, part: float) -> FramedInk | None:
    """Cut an ink after a part of its strokes, or at the nearest number that supports a reading, if one is near."""
    wanted = part * len(ink)
    counts = sorted(range(1, len(ink) + 1), key=lambda count: abs(count - wanted))
    near = (first_strokes(ink, count) for count in counts if abs(count - wanted) <= 0.15 * len(ink) + 0.5)
    return next((first for first in near if first is not None), None)


if __name__ == "__main__":
    main()
