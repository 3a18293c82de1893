"""Whether training waits for its data: ink recombined on the fly against what a step uses; and how long a start takes.

    python -m benchmarks.speed.feed [--config configs/recombined_cpu.py]

Measured are the CPU time in which one core makes a window of inks, and the time of a step of every compiled shape on
--devices cores, weighted by how often the shape occurs. From these follows how many cores (or --workers) an accelerator
needs. --starts also prints the seconds from the command to its first loss, first with an empty compilation cache and
then with a full one.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).parents[2]
WINDOWS = 2  # windows of inks to make


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", default="configs/recombined_cpu.py", help="default: configs/recombined_cpu.py")
    parser.add_argument("--data-dir", default="data", help="prepared datasets (default: data)")
    parser.add_argument("--devices", type=int, default=2, help="cores that a step may use (default: 2)")
    parser.add_argument("--steps", type=int, default=5, help="steps to time for each shape (default: 5)")
    parser.add_argument("--starts", action="store_true", help="also time two starts, which takes some minutes")
    args = parser.parse_args()
    made, used = rates(args)
    print(f"one core makes {made:.0f} inks/s, training on {args.devices} uses {used:.0f}: {made / used:.1f} times")
    for rate in (1_000, 5_000, 20_000):
        print(f"an accelerator that uses {rate:,} inks/s needs {rate / made:.1f} cores")
    if args.starts:
        with tempfile.TemporaryDirectory() as folder:
            for cache in ("empty", "full"):
                seconds = first_step(args, Path(folder))
                print(f"from the command to the first loss, {cache} compilation cache: {seconds:.1f} s", flush=True)


def rates(args: argparse.Namespace) -> tuple[float, float]:
    """Return the inks per second that one core makes, and those that training uses."""
    import jax

    jax.config.update("jax_num_cpu_devices", args.devices)
    from tegashiki.latex.vocabulary import DEFAULT_VOCABULARY
    from tegashiki.training.checkpoint import Checkpoint
    from tegashiki.training.config import load_config
    from tegashiki.training.feed import open_feed
    from tegashiki.training.loop import make_step
    from tegashiki.training.state import initial_state
    from tegashiki.training.step import replicate, split_over_devices

    config = load_config(args.config, [])
    source: Any = open_feed(config, DEFAULT_VOCABULARY, args.data_dir, args.devices).source(config)
    began = time.process_time()
    batches = [batch for window in range(WINDOWS) for batch in source[window]]
    inks = sum(len(batch["mask"]) for batch in batches)
    made = inks / (time.process_time() - began)
    start = Checkpoint(initial_state(config, DEFAULT_VOCABULARY), config, DEFAULT_VOCABULARY, {})
    step = make_step(config, start.model)
    state = replicate(jax.tree.map(np.array, start.state))
    shapes: dict[tuple[int, ...], list] = {}
    for batch in batches:
        shapes.setdefault(batch["mask"].shape, []).append(split_over_devices(batch, args.devices))
    seconds = 0.0
    for same in shapes.values():
        times = []
        for number in range(args.steps + 1):  # the first one compiles
            began = time.perf_counter()
            state, _ = jax.block_until_ready(step(state, same[number % len(same)]))
            times.append(time.perf_counter() - began)
        seconds += len(same) * float(np.median(times[1:]))
    return made, inks / seconds


def first_step(args: argparse.Namespace, cache: Path) -> float:
    """Return the seconds from starting the command until its first loss is in the log."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "run" / "metrics.jsonl"
        command = [sys.executable, "train.py", args.config, "--workdir", str(log.parent), "--data-dir", args.data_dir]
        settings = ["--devices", str(args.devices), "--set", "train.log_every=1"]
        environment = os.environ | {"JAX_COMPILATION_CACHE_DIR": str(cache)}
        began = time.perf_counter()
        process = subprocess.Popen([*command, *settings], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
        try:
            while not (log.exists() and log.stat().st_size):
                if process.poll() is not None:
                    sys.exit("training ended before its first step")
                time.sleep(0.05)
            return time.perf_counter() - began
        finally:
            process.kill()
            process.wait()


if __name__ == "__main__":
    main()
