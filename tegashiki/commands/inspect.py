"""Write a page that shows inks: their strokes, the points that a model gets, symbols and labels.

    tegashiki inspect some.inkml
    tegashiki inspect inks/ --output inks.html
    tegashiki inspect crohme:validation --data-dir data
    tegashiki inspect crohme:train[:500] --data-dir data
    tegashiki inspect configs/open_cpu.py --data-dir data

SOURCE is an ink file; a folder, zip or tar of ink files; a prepared dataset with a split or a part of a split (default:
`train`); or a config, which shows the first 300 inks that training with it would use. A slider on the page sets the
epsilon of the RDP simplification. Several inks are shown as a contact sheet.

Pictures of handwriting (PNG, JPEG, WebP, BMP, TIFF, GIF; docs/pictures.md) are shown with the strokes that are traced
from them and the reading of the model that comes with the package.
"""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tegashiki.commands.arguments import add_data_dir
from tegashiki.errors import UserError
from tegashiki.file_names import expand_home, expand_text

TRAINING_INKS = 300  # inks of a config that are shown


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `tegashiki inspect`."""
    parser.add_argument(
        "source",
        type=expand_text,
        metavar="SOURCE",
        help="file of ink, picture, folder, zip, tar, config, DATASET[:SPLIT]",
    )
    add_data_dir(parser)
    parser.add_argument(
        "--output",
        type=expand_home,
        default=Path("inspect.html"),
        metavar="PAGE",
        help="the .html file to write (default: inspect.html)",
    )


def run(args: argparse.Namespace) -> int:
    """Write the page; return the exit status."""
    from tegashiki.evaluation.pages.inspection_page import Pictures, write_inspection
    from tegashiki.evaluation.samples import EvaluationError
    from tegashiki.safe_files import check_distinct

    check_distinct("--output", args.output, args.source)
    if args.output.is_dir():
        raise EvaluationError(f"--output {args.output} is a folder: give the .html file to write")
    previews: dict[str, str] = {}
    count = write_inspection(args.output, args.source, _samples(args, previews), Pictures(_reader(), previews))
    print(f"{count} inks: open {args.output}")
    return 0


def _reader() -> Callable[[Any], Any]:
    """Return a function that reads an ink with the default model, which is loaded when it is first needed."""
    models: list[Any] = []

    def read(ink: Any) -> Any:
        from tegashiki.open_model import open_model

        if not models:
            models.append(open_model("default"))
        try:
            best = models[0].recognize(ink, 1)[0]
        except UserError:  # too long for the model, or no reading
            return None
        return best.tokens, best.strokes_of_token

    return read


def _samples(args: argparse.Namespace, previews: dict[str, str]) -> Any:
    """Yield the inks; add the pictures among them to `previews`."""
    from tegashiki.evaluation.samples import dataset_samples, ink_samples

    if args.source.endswith(".py"):
        return _training_samples(args.source, args.data_dir)
    if Path(args.source).exists():
        return ink_samples(Path(args.source), readers=_readers(previews))
    dataset, _, split = args.source.partition(":")
    return dataset_samples(dataset, split or "train", args.data_dir, structure=True)


def _readers(previews: dict[str, str]) -> Any:
    """Return the readers of ink and pictures, those of pictures with a note of what they have read."""
    from tegashiki.ink.files import Reader
    from tegashiki.pictures.files import PICTURE_READERS, READERS, read_bytes

    def read(data: bytes, name: str) -> Any:
        ink = read_bytes(data, name)
        from tegashiki.pictures.preview import preview_url  # needs the extra `pictures`

        previews[name] = preview_url(data, name)
        return ink

    return {**READERS, **{suffix: Reader(read, reader.limit) for suffix, reader in PICTURE_READERS.items()}}


def _training_samples(path: str, data_dir: Path | None) -> Any:
    """Yield the first inks that training with a config uses, before the augmentation in the training step."""
    from tegashiki.evaluation.samples import example_sample
    from tegashiki.input_pipeline.batching import decode_example
    from tegashiki.latex.vocabulary import DEFAULT_VOCABULARY
    from tegashiki.training.config import load_config
    from tegashiki.training.feed import open_feed

    config = load_config(path)
    feed = open_feed(config, DEFAULT_VOCABULARY, data_dir, row_multiple=1)
    for number, encoded in enumerate(feed.train[:TRAINING_INKS]):
        name = f"{config.name}/{number}"
        yield example_sample(decode_example(encoded, DEFAULT_VOCABULARY, name), name)
