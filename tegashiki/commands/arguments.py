"""Code shared by several commands: the `--data-dir` option and the number of usable cores."""

import argparse
import os

from tegashiki.file_names import expand_home


def add_data_dir(parser: argparse.ArgumentParser) -> None:
    """Declare `--data-dir`. Its value is a Path, or None for the default, see `find_data_dir`."""
    parser.add_argument(
        "--data-dir",
        type=expand_home,
        metavar="DIR",
        help="folder of the prepared datasets (default: $TEGASHIKI_DATA_DIR, else ~/tensorflow_datasets)",
    )


def usable_cores() -> int:
    """Return the number of cores that this process may use. Containers and `taskset` can restrict it."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
