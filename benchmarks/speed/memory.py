"""What a run's ink costs a host: memory, and seconds until the first batch, as the ink grows.

    python benchmarks/speed/memory.py --data-dir data
    python benchmarks/speed/memory.py --data-dir data --config configs/transformer_cpu.py --copies 1 10 80

CROHME's training set is the ink, as often as told: a dataset whose shards are links to the one shard there is, so that
copies take no disk. Each size is opened twice, each time in a new process: the first time what can be kept is made.
`memory` cannot be dropped by the kernel, `mapped` are pages of files, which it drops where others need the room.
80 copies are 640,000 inks, MathWriting's size.
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
    parser.add_argument("--config", default="configs/transformer_cpu_long.py", help="whose input is opened")
    parser.add_argument("--copies", type=int, nargs="+", default=[1, 10], metavar="N")
    args = parser.parse_args()
    print(
        f"{'inks':>9} {'opened':>7} {'memory MB':>10} {'mapped MB':>10} {'seconds':>8} {'of a core':>9} {'disk MB':>8}"
    )
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
    """Make a dataset `crohme` of which training has every ink `copies` times; returns how many inks that is."""
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
    """Open a run's input; returns seconds, those of the processor, bytes of memory, bytes of mapped files."""
    from tegashiki.latex.vocabulary import DEFAULT_VOCABULARY
    from tegashiki.training.config import load_config
    from tegashiki.training.feed import open_feed, prefetch

    start, processor = time.perf_counter(), time.process_time()
    loaded = load_config(config)
    feed = open_feed(loaded, DEFAULT_VOCABULARY, data_dir, 1)
    next(prefetch(feed.source(loaded), 0))
    seconds, processor = time.perf_counter() - start, time.process_time() - processor
    status = Path("/proc/self/status").read_text()
    memory, mapped = (int(re.search(rf"{name}:\s+(\d+) kB", status)[1]) * 1024 for name in ("RssAnon", "RssFile"))
    return seconds, processor, memory, mapped


if __name__ == "__main__":
    main()
