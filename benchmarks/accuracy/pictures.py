"""How a recogniser reads pictures: written ink drawn as pixels and traced again, and photos and scans.

    python -m benchmarks.accuracy.pictures MODEL --split validation --data-dir data [--robustness] [--restrict crohme]
    python -m benchmarks.accuracy.pictures MODEL --sets pictures/
    python -m benchmarks.accuracy.pictures --speed

The first table reads a split as written and as published pictures show it (white on black, pen of 4 pixels, symbols 31
pixels high), with --robustness in other looks too (`picture_looks.py`); it counts the strokes that were found for each
ink. --sets reads each folder or archive of pictures in a folder, with its labels.tsv. --speed measures tracing alone on
one core. Needs the extra `pictures`.
"""

import argparse
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image
from tqdm import tqdm

from benchmarks.accuracy.picture_looks import LOOKS
from tegashiki.evaluation.evaluate import evaluate
from tegashiki.evaluation.samples import Sample, example_sample, ink_samples
from tegashiki.ink.example import Example
from tegashiki.ink.ink import InkError
from tegashiki.ink.labels import read_labels
from tegashiki.open_model import recognizer_opener
from tegashiki.pictures.files import PICTURE_READERS
from tegashiki.pictures.picture import read_picture
from tegashiki.synthesis.embedded import generate
from tests.pictures.pictures import drawn, encoded, photographed

HEADER = "| {} | inks | ExpRate | <=1 | <=2 | CER | strokes |\n| --- | --- | --- | --- | --- | --- | --- |"
PAGE = (1224, 816)  # pixels, about one megapixel
PAGES = ("clean, 1 megapixel", "photo, 1 megapixel", "photo, 12 megapixels")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", nargs="?", default="default", help="a .tflite, or `default` (default)")
    parser.add_argument("--split", help="a split of CROHME, drawn as pictures")
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help="where datasets are prepared")
    parser.add_argument("--limit", type=int, metavar="N", help="use about N inks of the split (default: all)")
    parser.add_argument("--robustness", action="store_true", help="also read the split in other looks")
    parser.add_argument("--sets", type=Path, metavar="DIR", help="folder of folders with pictures and labels.tsv")
    parser.add_argument("--speed", action="store_true", help="measure milliseconds and memory of tracing")
    parser.add_argument("--restrict", help="use a part of the vocabulary only: crohme")
    parser.add_argument("--beam", type=int, default=5, metavar="N", help="beam width (default: 5)")
    args = parser.parse_args()
    if args.split:
        read_split(args)
    if args.sets:
        read_sets(args)
    if args.speed:
        measure_speed()


def read_split(args: argparse.Namespace) -> None:
    from tegashiki.datasets.prepared import load_examples

    examples = load_examples("crohme", args.split, args.data_dir)
    step = max(1, len(examples) // (args.limit or len(examples)))
    chosen = [examples[place] for place in range(0, len(examples), step)]
    print(HEADER.format(f"crohme/{args.split}"))
    report(args, "as written", [example_sample(example, f"{place}") for place, example in enumerate(chosen)])
    for look in LOOKS if args.robustness else list(LOOKS)[:1]:
        report(args, look, list(look_samples(look, chosen)))


def look_samples(look: str, examples: list[Example]) -> Iterator[Sample]:
    """Yield the inks that are traced from pictures of other inks."""
    for place, example in enumerate(tqdm(examples, desc=look, unit=" inks", disable=None, leave=False)):
        truth = " ".join(example.tokens)
        try:
            yield Sample(f"{place}", read_picture(LOOKS[look](example), f"{place}"), truth)
        except InkError as error:
            yield Sample(f"{place}", None, truth, error=str(error))


def read_sets(args: argparse.Namespace) -> None:
    print(HEADER.format("pictures"))
    for folder in sorted(path.parent for path in args.sets.glob("*/labels.tsv")):
        labels = read_labels(folder / "labels.tsv")
        report(args, folder.name, list(ink_samples(folder, labels, readers=PICTURE_READERS)))


def report(args: argparse.Namespace, name: str, samples: list[Sample]) -> None:
    opener = recognizer_opener(args.model, beams=args.beam, restrict=args.restrict)
    scores = evaluate(opener, samples, len(os.sched_getaffinity(0)), len(samples)).scores
    strokes = np.mean([len(sample.ink.strokes) if sample.ink else 0 for sample in samples])
    rates = f"{scores.exprate:.1f} | {scores.exprate_le1:.1f} | {scores.exprate_le2:.1f} | {scores.cer:.3f}"
    print(f"| {name} | {len(samples)} | {rates} | {strokes:.1f} |", flush=True)


def measure_speed() -> None:
    """Trace a page of generated formulas, clean and as a photo, each in a process of its own to see its memory."""
    print("| picture | strokes | ms | MB |\n| --- | --- | --- | --- |")
    for kind in PAGES:
        code = f"from benchmarks.accuracy.pictures import trace_page; trace_page({kind!r})"
        print(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout, end="")


def page_picture(kind: str) -> bytes:
    """Return the file of a page of generated formulas, such as "photo, 12 megapixels"."""
    page = np.full(PAGE[::-1], 255, np.uint8)
    top = 10
    for example in generate("train", 40):
        formula = drawn(example.ink.strokes, 60, 3)
        height, width = formula.shape
        if width < PAGE[0] and top + height < PAGE[1]:
            page[top : top + height, :width] = formula
            top += height + 25
    picture = Image.fromarray(photographed(page) if kind.startswith("photo") else page)
    if "12" in kind:
        picture = picture.resize((4243, 2828), Image.Resampling.BICUBIC)
    return encoded(picture, "JPEG" if kind.startswith("photo") else "PNG")


def trace_page(kind: str) -> None:
    data = page_picture(kind)
    read_picture(data)  # imports and caches
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    times = []
    for _ in range(5):
        start = time.process_time()
        ink = read_picture(data)
        times.append(1000 * (time.process_time() - start))
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"| {kind} | {len(ink.strokes)} | {np.median(times):.0f} | {max(before, after) / 1024:.0f} |")


if __name__ == "__main__":
    main()
