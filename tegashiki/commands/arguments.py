"""The argument by which commands are told where datasets are."""

import argparse
from pathlib import Path


def add_data_dir(parser: argparse.ArgumentParser) -> None:
    """Declare `--data-dir`; its value is a Path, or None, for which `find_data_dir` knows the place."""
    parser.add_argument(
        "--data-dir",
        type=Path,
        metavar="DIR",
        help="where datasets are prepared (default: $TEGASHIKI_DATA_DIR, else ~/tensorflow_datasets)",
    )
