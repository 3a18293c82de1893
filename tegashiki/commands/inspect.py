"""Look at inks: one page with their strokes, the points that a model sees, symbols and labels.

    tegashiki inspect some.inkml
    tegashiki inspect inks/ --output inks.html
    tegashiki inspect crohme:validation --data-dir data
    tegashiki inspect crohme:train[:500] --data-dir data

SOURCE is an ink file, a folder or tar of them, or a prepared dataset with a split (or a part of one; `train` where none
is given). A slider sets the epsilon of RDP; a page of many inks is a contact sheet.
"""

import argparse
from pathlib import Path
from typing import Any


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `tegashiki inspect`."""
    parser.add_argument("source", metavar="SOURCE", help="ink file, folder, tar, or DATASET[:SPLIT]")
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help="where datasets are prepared")
    parser.add_argument(
        "--output", type=Path, default=Path("inspect.html"), metavar="PAGE", help="default inspect.html"
    )


def run(args: argparse.Namespace) -> int:
    """Write the page."""
    from tegashiki.evaluation.pages.inspection import write_inspection
    from tegashiki.evaluation.samples import EvaluationError

    if args.output.is_dir():
        raise EvaluationError(f"--output {args.output} is a folder: give the .html file to write")
    count = write_inspection(args.output, args.source, _samples(args))
    print(f"{count} inks: open {args.output}")
    return 0


def _samples(args: argparse.Namespace) -> Any:
    from tegashiki.evaluation.samples import dataset_samples, ink_samples

    if Path(args.source).exists():
        return ink_samples(Path(args.source))
    dataset, _, split = args.source.partition(":")
    return dataset_samples(dataset, split or "train", args.data_dir, structure=True)
