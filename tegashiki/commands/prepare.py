"""Turn downloaded ink into a dataset ready for training.

    tegashiki prepare crohme --source DIR       CROHME's InkML archives (and label lists), or the same unpacked
    tegashiki prepare mathwriting               MathWriting, downloaded; or --source ARCHIVE_OR_DIR
    tegashiki prepare ink_folder --source DIR   your own InkML or JSON ink with labels
    tegashiki prepare symbols --source DIR      UNIPEN's and Detexify's isolated symbols, to train with
    tegashiki prepare embedded                  ink made up from fonts, no download

The set is built beside its place and moved there when all is done, so an interrupted preparation leaves
nothing behind. Before that, 200 random strokes are simplified by `rdp` itself, the definition of what
tegashiki.ink.simplify does, and preparation refuses to finish if one differs.
"""

import argparse
import importlib
from pathlib import Path

from tegashiki.errors import UserError

BUILDERS = {
    "crohme": ("tegashiki.datasets.crohme", "Crohme"),
    "mathwriting": ("tegashiki.datasets.mathwriting", "MathWriting"),
    "ink_folder": ("tegashiki.datasets.ink_folder", "InkFolder"),
    "symbols": ("tegashiki.datasets.symbols", "Symbols"),
    "embedded": ("tegashiki.datasets.embedded", "Embedded"),
}
NEEDS_SOURCE = frozenset({"crohme", "ink_folder", "symbols"})
SHOWN_REASONS = 10


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the subcommand's arguments."""
    parser.add_argument("dataset", choices=sorted(BUILDERS), help="which dataset")
    parser.add_argument("--source", type=Path, metavar="DIR", help="folder or archive with the ink")
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help="where datasets are kept")
    parser.add_argument(
        "--limit", type=_positive, metavar="N", help="take only N inks of each part, as a set named NAME/limit_N"
    )
    parser.add_argument("--name", help="keep this set apart from others of its kind, as DATASET/NAME")
    parser.add_argument("--force", action="store_true", help="build again what is already there")


def run(args: argparse.Namespace) -> int:
    """Prepare the dataset and print what it holds; returns the exit status."""
    import tensorflow_datasets as tfds

    from tegashiki.datasets.reading import default_data_dir

    _check_source(args.dataset, args.source)
    data_dir = (args.data_dir or default_data_dir()).expanduser().absolute()
    module, name = BUILDERS[args.dataset]
    source = args.source.expanduser().absolute() if args.source else None
    builder_class = getattr(importlib.import_module(module), name)
    builder = builder_class(data_dir=data_dir, source=source, limit=args.limit, variant=args.name)
    where = Path(builder.data_dir)
    if where.exists() and not args.force:
        print(f"{where} is already prepared; --force builds it again")
        return 0
    tfds.disable_progress_bar()  # ours counts inks read, over all splits
    mode = tfds.GenerateMode.REUSE_CACHE_IF_EXISTS if args.force else tfds.GenerateMode.REUSE_DATASET_IF_EXISTS
    builder.download_and_prepare(download_config=tfds.download.DownloadConfig(download_mode=mode))
    report(builder)
    print(f"prepared {where}")
    return 0


def report(builder) -> None:
    """Print a table of the splits: inks, strokes, tokens, inks with known alignment, skipped and why."""
    print(f"{'split':18} {'inks':>8} {'strokes':>9} {'tokens':>9} {'aligned':>8} {'skipped':>8}")
    for split in dict.fromkeys((*builder.counts, *builder.skipped)):
        counts, skipped = builder.counts.get(split, {}), builder.skipped.get(split, [])
        columns = [counts.get(column, 0) for column in ("inks", "strokes", "tokens", "aligned")]
        print(f"{split:18} {columns[0]:8,} {columns[1]:9,} {columns[2]:9,} {columns[3]:8,} {len(skipped):8,}")
    _report_reasons("skipped", builder.skipped)
    _report_reasons("label does not parse", builder.unparsed)


def _report_reasons(what: str, inks: dict[str, list[tuple[str, str]]]) -> None:
    for split, found in inks.items():
        reasons: dict[str, list[str]] = {}
        for source, reason in found:
            reasons.setdefault(reason.removeprefix(source).lstrip(": "), []).append(source)
        for reason, sources in sorted(reasons.items(), key=lambda item: -len(item[1]))[:SHOWN_REASONS]:
            print(f"{what} in {split}: {len(sources)} ({sources[0]}{', ...' if len(sources) > 1 else ''}): {reason}")


def _check_source(dataset: str, source: Path | None) -> None:
    if source is None and dataset in NEEDS_SOURCE:
        raise UserError(f"{dataset} needs --source DIR: where its files lie on this machine")
    if source is not None and not source.expanduser().exists():
        raise UserError(f"--source {source} does not exist")


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{value} is not 1 or more")
    return value
