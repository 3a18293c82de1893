"""What several commands share: the argument that says where datasets are, and the number of cores."""

import argparse
import os
from pathlib import Path


def add_data_dir(parser: argparse.ArgumentParser) -> None:
    """Declare `--data-dir`; its value is a Path, or None, for which `find_data_dir` knows the place."""
    parser.add_argument(
        "--data-dir",
        type=Path,
        metavar="DIR",
        help="where datasets are prepared (default: $TEGASHIKI_DATA_DIR, else ~/tensorflow_datasets)",
    )


def usable_cores() -> int:
    """Return the number of cores that this process may use, which containers and `taskset` keep below the machine's."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
