"""What the ink of a run costs a host: memory, and seconds until the first batch, for growing numbers of inks.

    python -m benchmarks.speed.memory --data-dir data
    python -m benchmarks.speed.memory --data-dir data --config configs/transformer_cpu.py --copies 1 10 80

The ink is CROHME's training set, repeated --copies times in a dataset whose shards are links to CROHME's, so that
copies take no disk space. Each size is opened twice, each time in a new process: the first one makes what is kept for
later ones. `memory` cannot be dropped by the kernel. `mapped` are pages of files, which it drops where others need the
room. 80 copies are 640,000 inks, the size of MathWriting.
"""

import argparse
import json
import re
import tempfile
import time
from multiprocessing import get_context
from pathlib import Path

SHARD = "crohme-{}.array_record-{:05d}-of-{:05d}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path, required=True, help="where crohme is prepared")
    parser.add_argument(
        "--config",
        default="configs/transformer_cpu_long.py",
        help="config whose input is opened (default: configs/transformer_cpu_long.py)",
    )
    parser.add_argument("--copies", type=int, nargs="+", default=[1, 10], metavar="N", help="default: 1 10")
    args = parser.parse_args()
    print(f"{'inks':>9} {'opened':>7} {'memory MB':>10} {'mapped MB':>10} {'seconds':>8} {'CPU s':>9} {'disk MB':>8}")
    for copies in args.copies:
        with tempfile.TemporaryDirectory() as folder:
            inks = write_copies(args.data_dir.absolute() / "crohme", Path(folder), copies)
            for opened in ("first", "again"):
                with get_context("spawn").Pool(1) as pool:
                    seconds, processor, memory, mapped = pool.apply(first_batch, (args.config, folder))
                disk = sum(path.stat().st_size for path in Path(folder).rglob("*") if not path.is_symlink())
                print(
                    f"{inks:9,} {opened:>7} {memory / 1e6:10.0f} {mapped / 1e6:10.0f} {seconds:8.1f} {processor:9.1f} "
                    f"{disk / 1e6:8.0f}",
                    flush=True,
                )


def write_copies(crohme: Path, data_dir: Path, copies: int) -> int:
    """Make a dataset `crohme` with every training ink `copies` times. Returns the number of training inks."""
    there = max(path.parent for path in crohme.glob("*/dataset_info.json"))
    here = data_dir / "crohme" / there.name
    here.mkdir(parents=True)
    info = json.loads((there / "dataset_info.json").read_text())
    for split in info["splits"]:
        shards, name = len(split["shardLengths"]), split["name"]
        times = copies if name == "train" else 1
        for number in range(times * shards):
            target = there / SHARD.format(name, number % shards, shards)
            (here / SHARD.format(name, number, times * shards)).symlink_to(target)
        split["shardLengths"] *= times
    (here / "dataset_info.json").write_text(json.dumps(info))
    (here / "features.json").symlink_to(there / "features.json")
    return sum(int(count) for split in info["splits"] if split["name"] == "train" for count in split["shardLengths"])


def first_batch(config: str, data_dir: str) -> tuple[float, float, int, int]:
    """Open a run's input. Returns seconds, CPU seconds, bytes of memory and bytes of mapped files."""
    from tegashiki.latex.vocabulary import DEFAULT_VOCABULARY
    from tegashiki.training.config import load_config
    from tegashiki.training.feed import open_feed, prefetch

    start, processor = time.perf_counter(), time.process_time()
    loaded = load_config(config)
    feed = open_feed(loaded, DEFAULT_VOCABULARY, data_dir, 1)
    next(prefetch(feed.source(loaded), 0))
    seconds, processor = time.perf_counter() - start, time.process_time() - processor
    status = Path("/proc/self/status").read_text()
    sizes = dict(re.findall(r"(\w+):\s+(\d+) kB", status))
    memory, mapped = (int(sizes[name]) * 1024 for name in ("RssAnon", "RssFile"))
    return seconds, processor, memory, mapped


if __name__ == "__main__":
    main()
