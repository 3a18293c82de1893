"""How a recogniser reads the same inks as other devices and hands would give them, and while they are being written.

    python benchmarks/accuracy/robustness.py MODEL --dataset crohme --split validation --data-dir data [--restrict crohme]

MODEL is a .tflite or the word `default`. The first table changes one thing at a time: see
`benchmarks/accuracy/perturb.py`. The second shows inks cut after a part of their strokes, at the nearest moment at
which the strokes support a reading (`tegashiki/synthesis/prefix.py`): how often the first, and one of the first five
candidates, is that reading.
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


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", help="a .tflite, or default")
    parser.add_argument("--dataset", default="crohme")
    parser.add_argument("--split", required=True)
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--restrict", help="use a part of the vocabulary only: crohme")
    args = parser.parse_args()
    perturbations(args)
    prefixes(args)


def perturbations(args):
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


def prefixes(args):
    recognizer = Recognizer.load(None if args.model == "default" else args.model, beams=5, restrict=args.restrict)
    examples = load_examples(args.dataset, args.split, args.data_dir)
    hits = {part: [] for part in PARTS}
    for example in tqdm(examples, desc="prefixes", unit=" inks", disable=None):
        page = FramedInk.of_example(example)
        if not page.aligned:
            continue
        for part in PARTS:
            count = nearest_moment(page, part)
            if count:
                expected = first_strokes(page, count).tokens
                found = recognizer.recognize(Ink(example.ink.strokes[:count]), 5)
                hits[part].append((found[0].tokens == expected, expected in [each.tokens for each in found]))
    print("\n| strokes written | inks | first candidate | among five |\n| --- | --- | --- | --- |")
    for part, each in hits.items():
        first, five = 100 * np.mean(each, axis=0)
        print(f"| {part:.0%} | {len(each)} | {first:.1f} % | {five:.1f} % |")


def nearest_moment(page, part):
    """The number of strokes nearest to a part of the page's at which they support a reading; 0 where there is none."""
    wanted = part * len(page)
    counts = sorted(range(1, len(page) + 1), key=lambda count: abs(count - wanted))
    near = [count for count in counts if abs(count - wanted) <= 0.15 * len(page) + 0.5]
    return next((count for count in near if first_strokes(page, count) is not None), 0)


if __name__ == "__main__":
    main()
