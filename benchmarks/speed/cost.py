"""What a training step costs by the model's width and depth and by the ink's length: a table and a plot.

    python benchmarks/speed/cost.py [--config configs/transformer_cpu.py] [--plot docs/pictures/cost.png]

One device, one size changed at a time from the config's own on ink of 16 strokes and 20 tokens; milliseconds of this
process's processors for each ink, which other work on the machine does not lengthen, beside the model's multiply-adds.
Where the two part, it is not products of matrices that the time goes into.
"""

import argparse
import time
from dataclasses import replace
from pathlib import Path

import jax
import matplotlib.pyplot as plt
import numpy as np

from tegashiki.input_pipeline.batching import pad_batch
from tegashiki.input_pipeline.buckets import Bucket
from tegashiki.latex.vocabulary import DEFAULT_VOCABULARY
from tegashiki.models.flops import ink_flops
from tegashiki.training.checkpoint import Checkpoint
from tegashiki.training.config import load_config
from tegashiki.training.loop import make_step
from tegashiki.training.state import initial_state
from tegashiki.training.step import replicate, split_over_devices

INKS_OF_A_STEP = 24
USUAL = Bucket(16, 20)
FORWARD_AND_BACKWARD = 3  # times the multiply-adds of a forward pass
SIZES = {
    "width": (64, 96, 128, 192, 256),
    "encoder_layers": (1, 2, 4, 8),
    "decoder_layers": (1, 3, 6),
    "strokes": (4, 8, 16, 32, 64),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", default="configs/transformer_cpu.py", help="default configs/transformer_cpu.py")
    parser.add_argument("--plot", type=Path, metavar="PNG", help="draw the table there")
    parser.add_argument("--steps", type=int, default=6, metavar="N", help="timed, of each size (default 6)")
    args = parser.parse_args()
    jax.config.update("jax_num_cpu_devices", 1)
    config = load_config(args.config, [])
    usual = cost(config, USUAL, args.steps)
    found = {}
    print("| | | ms an ink | times the usual | multiply-adds, times the usual | GFLOP/s |\n|" + " --- |" * 6)
    for axis, sizes in SIZES.items():
        for size in sizes:
            milliseconds, flops = cost(*changed(config, axis, size), args.steps)
            found[axis, size] = milliseconds / usual[0], flops / usual[1]
            rate = 2 * FORWARD_AND_BACKWARD * flops / milliseconds / 1e6
            print(
                f"| {axis} | {size} | {milliseconds:.2f} | {found[axis, size][0]:.2f} | {found[axis, size][1]:.2f} | "
                f"{rate:.0f} |",
                flush=True,
            )
    if args.plot:
        draw(found, args.plot)


def changed(config, axis, size):
    """A config and a shape of ink with one size changed; an ink's tokens grow with its strokes."""
    if axis == "strokes":
        return config, Bucket(size, size * USUAL.tokens // USUAL.strokes)
    return replace(config, model=replace(config.model, **{axis: size})), USUAL


def cost(config, bucket, steps):
    """Milliseconds of processor time an ink of a step takes, and the multiply-adds of its forward pass."""
    rows = max(1, INKS_OF_A_STEP * USUAL.strokes // bucket.strokes)
    batch = pad_batch([], bucket, rows)
    batch["mask"][:], batch["weights"][:], batch["stroke_tokens"][:], batch["slots"][:] = True, 1.0, 0, 0
    batch["boxes"][..., 2] = 1.0
    batch["boxes"][..., 0] = np.arange(bucket.strokes)
    start = Checkpoint(initial_state(config, DEFAULT_VOCABULARY), config, DEFAULT_VOCABULARY, {})
    step = make_step(config, start.model)
    state, split = replicate(jax.tree.map(np.array, start.state)), split_over_devices(batch, 1)
    times = []
    for _ in range(steps + 1):  # the first compiles
        began = time.process_time()
        state, _ = jax.block_until_ready(step(state, split))
        times.append(time.process_time() - began)
    flops = ink_flops(config.model, len(DEFAULT_VOCABULARY), np.array(bucket.strokes), np.array(bucket.tokens))
    return 1000 * float(np.median(times[1:])) / rows, float(flops)


def draw(found, path):
    """Plot time (points) and multiply-adds (lines) against every size, both over the usual."""
    figure, axes = plt.subplots(1, len(SIZES), figsize=(3 * len(SIZES), 2.8), sharey=True, layout="constrained")
    for axis, (name, sizes) in zip(axes, SIZES.items(), strict=True):
        axis.loglog(sizes, [found[name, size][1] for size in sizes], "-", color="0.6", label="multiply-adds")
        axis.loglog(sizes, [found[name, size][0] for size in sizes], "o", color="tab:blue", label="time")
        axis.set_xticks(sizes, [str(size) for size in sizes], minor=False)
        axis.minorticks_off()
        axis.set_xlabel(name.replace("_", " "))
    axes[0].set_yticks((0.25, 0.5, 1, 2, 4), ("1/4", "1/2", "1", "2", "4"))
    axes[0].set_ylabel("an ink, over the usual")
    axes[0].legend(frameon=False)
    figure.savefig(path, dpi=110)


if __name__ == "__main__":
    main()
