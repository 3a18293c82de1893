"""Convert downloaded ink into a dataset for training.

    tegashiki prepare crohme --source DIR       InkML archives of CROHME (and label lists), packed or unpacked
    tegashiki prepare mathwriting               MathWriting, downloaded; or --source ARCHIVE_OR_DIR
    tegashiki prepare ink_folder --source DIR   your own InkML or JSON ink with labels
    tegashiki prepare symbols --source DIR      isolated symbols of UNIPEN, Detexify, DigiLeTs, Omniglot and others
    tegashiki prepare lines --source DIR        handwritten lines of numbers and sums from UNIPEN
    tegashiki prepare people                    formulas of held-out people, assembled from crohme, symbols and lines
    tegashiki prepare embedded                  synthetic ink made from fonts, no download
    tegashiki prepare synthetic --config configs/recombined_cpu.py --inks 100000
                                                recombined ink, the same as training generates on the fly

The dataset is built in a temporary folder and moved to its place when it is complete. So an interrupted preparation
leaves nothing behind, and --force keeps the old dataset until the new one is complete. An interrupted `synthetic`
preparation keeps its complete files, and the same command continues with the rest.

Before the dataset is finished, 200 of its strokes, chosen at random, are simplified with the reference package `rdp`.
Preparation fails if the result of tegashiki.ink.simplify differs for one of them.
"""

import argparse
import contextlib
import importlib
import re
import shlex
from pathlib import Path
from typing import Any

from tegashiki.commands.arguments import add_data_dir
from tegashiki.errors import UserError
from tegashiki.file_names import expand_home, expand_text

BUILDERS = {
    "crohme": ("tegashiki.datasets.crohme", "Crohme"),
    "mathwriting": ("tegashiki.datasets.mathwriting", "MathWriting"),
    "ink_folder": ("tegashiki.datasets.ink_folder", "InkFolder"),
    "symbols": ("tegashiki.datasets.symbols", "Symbols"),
    "lines": ("tegashiki.datasets.lines", "Lines"),
    "people": ("tegashiki.datasets.people", "People"),
    "embedded": ("tegashiki.datasets.embedded", "Embedded"),
    "synthetic": ("tegashiki.datasets.synthetic", "Synthetic"),
}
NEEDS_SOURCE = frozenset({"crohme", "ink_folder", "symbols", "lines"})
SHOWN_REASONS = 10


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `tegashiki prepare`."""
    parser.add_argument("dataset", choices=sorted(BUILDERS), help="the dataset to prepare")
    parser.add_argument(
        "--source",
        type=expand_home,
        metavar="DIR",
        help="folder or archive with the ink (default for mathwriting: download; the others need none or require it)",
    )
    add_data_dir(parser)
    parser.add_argument(
        "--limit",
        type=_positive,
        metavar="N",
        help="take only N inks of each part, as a dataset named DATASET/limit_N (default: all)",
    )
    parser.add_argument(
        "--name", type=_variant, help="store the dataset as DATASET/NAME, beside others of its kind (default: DATASET)"
    )
    parser.add_argument("--force", action="store_true", help="build the dataset again if it exists")
    made = parser.add_argument_group("synthetic")
    made.add_argument(
        "--config",
        type=expand_text,
        metavar="CONFIG",
        help="config of the recombined ink, such as configs/recombined_cpu.py (required)",
    )
    made.add_argument("--inks", type=_positive, metavar="N", help="number of inks (required)")
    made.add_argument(
        "--workers", type=int, default=0, metavar="W", help="worker processes (default: 0, this process does the work)"
    )
    made.add_argument(
        "--beam-options",
        metavar="OPTIONS",
        help='generate the ink with Apache Beam instead (extra `beam`), such as "--runner=FlinkRunner '
        '--parallelism=64"; its workers must have access to --data-dir',
    )


def run(args: argparse.Namespace) -> int:
    """Prepare the dataset and print its sizes; return the exit status."""
    import tensorflow_datasets as tfds

    from tegashiki.datasets.prepared import check_place, find_data_dir, naming_damage
    from tegashiki.safe_files import restore_folder

    source = _source(args.dataset, args.source)
    _check_synthetic(args)
    data_dir = find_data_dir(args.data_dir).absolute()
    check_place(data_dir)
    module, name = BUILDERS[args.dataset]
    builder_class = getattr(importlib.import_module(module), name)
    made: dict[str, Any] = {}
    if args.dataset == "synthetic":
        made = {"recipe": _recipe(args.config, args.inks, data_dir), "workers": args.workers}
    with naming_damage(data_dir / args.dataset):  # an existing dataset may be damaged
        builder = builder_class(data_dir=data_dir, source=source, limit=args.limit, variant=args.name, **made)
    where = Path(builder.data_dir)
    restore_folder(where)  # the old dataset, if an earlier run with --force was killed
    if where.exists() and not args.force:
        with naming_damage(where):
            builder.check_limit()
            if made:
                builder.check_recipe()
        print(f"{where} is already prepared; --force builds it again")
        return 0
    tfds.disable_progress_bar()  # our own progress bar counts the inks of all splits
    _prepare(builder, where, tfds.download.DownloadConfig(beam_options=_beam_options(args.beam_options)))
    report(builder)
    print(f"prepared {where}")
    return 0


def _prepare(builder: Any, where: Path, config: Any) -> None:
    """Build the dataset. An existing one is kept until the new one is complete; TFDS alone would delete it first."""
    from tegashiki.safe_files import SYSTEM, atomic_folder

    with contextlib.ExitStack() as ends:
        if where.exists():
            builder._data_dir = str(ends.enter_context(atomic_folder(where)))
        try:
            builder.download_and_prepare(download_config=config)
        except RuntimeError as error:  # array_record raises it for system errors such as a full disk
            found = SYSTEM.search(str(error))
            if not found:
                raise
            raise UserError(f"{where} cannot be written: {found.group()}; nothing of it is kept") from error


def report(builder: Any) -> None:
    """Print the numbers of inks, strokes, tokens, aligned and skipped inks of each split, and the reasons for skipping.

    An aligned ink is one whose strokes are assigned to tokens.
    """
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


def _source(dataset: str, given: Path | None) -> Path | None:
    if given is not None and not given.exists():
        raise UserError(f"--source {given} does not exist")
    if given is None and dataset in NEEDS_SOURCE:
        raise UserError(f"{dataset} needs --source DIR: the folder or archive with its files")
    return given.absolute() if given else None


def _check_synthetic(args: argparse.Namespace) -> None:
    settings = {"--config": args.config, "--inks": args.inks, "--workers": args.workers}
    settings["--beam-options"] = args.beam_options
    given = [name for name, value in settings.items() if value]
    if args.dataset != "synthetic":
        if given:
            raise UserError(f"{' and '.join(given)} belong to `tegashiki prepare synthetic`, not to {args.dataset}")
    elif not {"--config", "--inks"} <= {*given}:
        raise UserError("synthetic needs --config CONFIG and --inks N: the config of the ink and the number of inks")
    elif args.limit or args.source:
        raise UserError("synthetic takes neither --source nor --limit: the config names the data, --inks the size")


def _recipe(config: str, inks: int, data_dir: Path) -> Any:
    from tegashiki.training.config import load_config
    from tegashiki.training.synthetic_recipe import recipe

    return recipe(load_config(config), inks, data_dir)


def _beam_options(text: str | None) -> Any:
    if text is None:
        return None
    try:
        from apache_beam.options.pipeline_options import PipelineOptions
    except ModuleNotFoundError as error:
        raise UserError("--beam-options needs Apache Beam: pip install 'tegashiki[beam]'") from error
    return PipelineOptions(shlex.split(text))


def _positive(text: str) -> int:
    if not re.fullmatch(r"0*[1-9]\d{0,14}", text, re.ASCII):
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is not a whole number of 1 or more")
    return int(text)


def _variant(text: str) -> str:
    if not re.fullmatch(r"\w[\w-]{0,99}", text):
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is not 1 to 100 letters, digits, _ and -")
    return text
