"""Compile the gradients of a training step for a TPU slice, on a machine without one.

    pip install "libtpu==0.0.42.*"       # the version that `pip install jax[tpu]` would choose
    python -m benchmarks.speed.tpu_compile --topology v5e:2x2

This shows that a config compiles for TPUs, and prints what the compiler says about each device: operations, memory, and
the time that the operations would take at the chip's peak. Nothing is run, so it says nothing about the real time.
"""

import argparse
import os
import time
from functools import partial
from typing import Any

PEAK = {"v4": 275e12, "v5e": 197e12, "v5p": 459e12, "v6e": 918e12}  # bfloat16 FLOP/s of a chip, from Google's pages


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", default="configs/transformer.py", help="default: configs/transformer.py")
    parser.add_argument("--topology", default="v5e:2x2", help="chips and their arrangement (default: v5e:2x2)")
    parser.add_argument("--strokes", type=int, default=32, help="strokes in an ink (default: 32)")
    parser.add_argument("--tokens", type=int, default=40, help="tokens in an ink (default: 40)")
    args = parser.parse_args()
    import libtpu

    os.environ.setdefault("TPU_LIBRARY_PATH", libtpu.get_library_path())
    os.environ.setdefault("TPU_SKIP_MDS_QUERY", "1")  # there is no metadata server to ask
    from jax.experimental import topologies

    devices = topologies.get_topology_desc(platform="tpu", topology_name=args.topology).devices
    began = time.perf_counter()
    compiled = compile_gradients(args, devices)
    print(
        f"{args.config} for {len(devices)} devices of {args.topology}: compiled in {time.perf_counter() - began:.0f} s"
    )
    memory, flops = compiled.memory_analysis(), compiled.cost_analysis()["flops"]
    total = memory.argument_size_in_bytes + memory.output_size_in_bytes + memory.temp_size_in_bytes
    print(f"each device: {flops / 1e9:.1f} GFLOP, {total / 2**20:.0f} MiB of memory", end="")
    peak = PEAK.get(args.topology.split(":")[0])
    print(f", at least {1000 * flops / peak:.2f} ms at the peak of {peak / 1e12:.0f} TFLOP/s" if peak else "")


def compile_gradients(args: argparse.Namespace, devices: list[Any]) -> Any:
    """Compile the gradients of a batch of `data.inks_per_step` inks of one shape."""
    import jax

    from tegashiki.input_pipeline.batching import pad_batch
    from tegashiki.input_pipeline.buckets import Bucket
    from tegashiki.latex.vocabulary import DEFAULT_VOCABULARY, EOS_ID
    from tegashiki.models.seq2seq import Seq2Seq
    from tegashiki.training.config import load_config
    from tegashiki.training.state import initial_state
    from tegashiki.training.step import DEVICES, StepConfig, gradients_and_metrics, split_over_devices

    config = load_config(args.config, [])
    rows = max(1, config.data.inks_per_step // len(devices)) * len(devices)
    batch = split_over_devices(pad_batch([], Bucket(args.strokes, args.tokens), rows), len(devices))
    state = jax.eval_shape(lambda: initial_state(config, DEFAULT_VOCABULARY))
    model = Seq2Seq(config.model, len(DEFAULT_VOCABULARY))
    settings = StepConfig(config.loss, config.augment, EOS_ID, config.optimizer.ema)
    gradients = jax.pmap(
        partial(gradients_and_metrics, model, config=settings),
        axis_name=DEVICES,
        in_axes=(None, 0),
        out_axes=None,
        devices=devices,
    )
    shapes = jax.tree.map(lambda array: jax.ShapeDtypeStruct(array.shape, array.dtype), batch)
    return gradients.lower(state, shapes).compile()


if __name__ == "__main__":
    main()
