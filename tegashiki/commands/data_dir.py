"""The argument by which commands are told where datasets are."""

import argparse
from collections.abc import Callable
from pathlib import Path


def add_data_dir(parser: argparse.ArgumentParser, kind: Callable[[str], str | Path] = Path) -> None:
    """Declare `--data-dir`; its value is a `kind`, or None, for which `find_data_dir` knows the place."""
    parser.add_argument(
        "--data-dir",
        type=kind,
        metavar="DIR",
        help="where datasets are prepared (default: $TEGASHIKI_DATA_DIR, else ~/tensorflow_datasets)",
    )
