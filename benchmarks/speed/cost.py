"""How a training step's cost depends on the model's width and depth and on the ink's length: a table and a plot.

    python -m benchmarks.speed.cost [--config configs/transformer_cpu.py] [--plot docs/pictures/cost.png]

Runs on one device. One size at a time is changed from the config's own, on ink of 16 strokes and 20 tokens. The table
has the milliseconds of CPU time per ink, which other work on the machine does not lengthen, and the model's
multiply-adds. Where the relative time exceeds the relative multiply-adds, the time is not spent on matrix products.
"""

import argparse
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import jax
import matplotlib.pyplot as plt
import numpy as np

from tegashiki.input_pipeline.batching import pad_batch
from tegashiki.input_pipeline.buckets import Bucket
from tegashiki.latex.vocabulary import DEFAULT_VOCABULARY
from tegashiki.models.multiply_adds import ink_multiply_adds
from tegashiki.training.checkpoint import Checkpoint
from tegashiki.training.config import Config, load_config
from tegashiki.training.loop import make_step
from tegashiki.training.state import initial_state
from tegashiki.training.step import replicate, split_over_devices

INKS_PER_STEP = 24
USUAL = Bucket(16, 20)
FORWARD_AND_BACKWARD = 3  # a step costs about three forward passes
SIZES = {
    "width": (64, 96, 128, 192, 256),
    "encoder_layers": (1, 2, 4, 8),
    "decoder_layers": (1, 3, 6),
    "strokes": (4, 8, 16, 32, 64),
}

# (name of the changed size, its value) -> relative time, relative multiply-adds
Costs = dict[tuple[str, int], tuple[float, float]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", default="configs/transformer_cpu.py", help="default: configs/transformer_cpu.py")
    parser.add_argument("--plot", type=Path, metavar="PNG", help="file for a plot of the table")
    parser.add_argument("--steps", type=int, default=6, metavar="N", help="steps to time for each size (default: 6)")
    args = parser.parse_args()
    jax.config.update("jax_num_cpu_devices", 1)
    config = load_config(args.config, [])
    usual = cost(config, USUAL, args.steps)
    found: Costs = {}
    print("| | | ms per ink | relative time | relative multiply-adds | GFLOP/s |\n|" + " --- |" * 6)
    for axis, sizes in SIZES.items():
        for size in sizes:
            changed_config, bucket = changed(config, axis, size)
            milliseconds, multiply_adds = cost(changed_config, bucket, args.steps)
            found[axis, size] = milliseconds / usual[0], multiply_adds / usual[1]
            rate = 2 * FORWARD_AND_BACKWARD * multiply_adds / milliseconds / 1e6
            print(
                f"| {axis} | {size} | {milliseconds:.2f} | {found[axis, size][0]:.2f} | {found[axis, size][1]:.2f} | "
                f"{rate:.0f} |",
                flush=True,
            )
    if args.plot:
        draw(found, args.plot)


def changed(config: Config, axis: str, size: int) -> tuple[Config, Bucket]:
    """Change one size of the config or the ink's number of strokes, with tokens in proportion."""
    if axis == "strokes":
        return config, Bucket(size, size * USUAL.tokens // USUAL.strokes)
    change: dict[str, Any] = {axis: size}
    return replace(config, model=replace(config.model, **change)), USUAL


def cost(config: Config, bucket: Bucket, steps: int) -> tuple[float, float]:
    """Return the milliseconds of CPU time per ink of a step, and the multiply-adds of its forward pass."""
    rows = max(1, INKS_PER_STEP * USUAL.strokes // bucket.strokes)
    batch = pad_batch([], bucket, rows)
    batch["mask"][:], batch["weights"][:], batch["stroke_tokens"][:], batch["slots"][:] = True, 1.0, 0, 0
    batch["boxes"][..., 2] = 1.0
    batch["boxes"][..., 0] = np.arange(bucket.strokes)
    start = Checkpoint(initial_state(config, DEFAULT_VOCABULARY), config, DEFAULT_VOCABULARY, {})
    step = make_step(config, start.model)
    state, split = replicate(jax.tree.map(np.array, start.state)), split_over_devices(batch, 1)
    times = []
    for _ in range(steps + 1):  # the first one compiles
        began = time.process_time()
        state, _ = jax.block_until_ready(step(state, split))
        times.append(time.process_time() - began)
    multiply_adds = ink_multiply_adds(
        config.model, len(DEFAULT_VOCABULARY), np.array(bucket.strokes), np.array(bucket.tokens)
    )
    return 1000 * float(np.median(times[1:])) / rows, float(multiply_adds)


def draw(found: Costs, path: Path) -> None:
    """Plot time (points) and multiply-adds (lines) against every size, relative to the config's own."""
    figure, axes = plt.subplots(1, len(SIZES), figsize=(3 * len(SIZES), 2.8), sharey=True, layout="constrained")
    for axis, (name, sizes) in zip(axes, SIZES.items(), strict=True):
        axis.loglog(sizes, [found[name, size][1] for size in sizes], "-", color="0.6", label="multiply-adds")
        axis.loglog(sizes, [found[name, size][0] for size in sizes], "o", color="tab:blue", label="time")
        axis.set_xticks(sizes, [str(size) for size in sizes], minor=False)
        axis.minorticks_off()
        axis.set_xlabel(name.replace("_", " "))
    axes[0].set_yticks((0.25, 0.5, 1, 2, 4), ("1/4", "1/2", "1", "2", "4"))
    axes[0].set_ylabel("per ink, relative")
    axes[0].legend(frameon=False)
    figure.savefig(path, dpi=110)


if __name__ == "__main__":
    main()
