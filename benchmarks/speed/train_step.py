"""A training step against the same model in PyTorch: the same batches, side by side in one run.

    python -m benchmarks.speed.train_step [--config configs/transformer_cpu.py] [--torch-python PYTHON]

PyTorch is not a dependency of tegashiki: `python -m venv T && T/bin/pip install numpy torch`, then --torch-python
T/bin/python. Each way to run is a process of its own, pinned to its cores. They run one after the other, in --rounds
rounds, and the table has the medians. A step is gradients, clipping, AdamW and the moving average. Both leave out
augmentation, which the PyTorch model does not have. Loss and gradient norm of the first batch must agree, which shows
that both are the same model.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).parents[2]
FIELDS = ("points", "boxes", "mask", "inputs", "targets", "weights", "stroke_tokens", "slots")
AGREE = 2e-3  # largest relative difference of loss and gradient norm; float32 sums differ by their order
WARM_UP = 3  # steps before any is timed; the first one compiles

Pinned = tuple[list[str], list[str]]  # a command and its cores


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", default="configs/transformer_cpu.py", help="default: configs/transformer_cpu.py")
    parser.add_argument("--data-dir", default="data", help="prepared datasets (default: data)")
    parser.add_argument("--shapes", type=int, default=3, metavar="N", help="number of compiled shapes (default: 3)")
    parser.add_argument(
        "--seconds", type=float, default=5.0, help="seconds of steps at each shape and round (default: 5)"
    )
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="number of rounds (default: 3)")
    parser.add_argument("--cores", default="0,1", help="cores to use, such as 0 (default: 0,1)")
    parser.add_argument("--torch-python", default=sys.executable, help="a Python that has torch (default: this one)")
    parser.add_argument("--worker", metavar="BATCHES", help=argparse.SUPPRESS)
    parser.add_argument("--devices", type=int, default=1, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.worker:
        print(json.dumps(time_jax(args)))
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "batches.npz"
        rows, shares = write_batches(args, path)
        compare(args, path, rows, shares)


def write_batches(args: argparse.Namespace, path: Path) -> tuple[float, list[float]]:
    """Write a batch of each shape and the parameters. Returns mean inks per step, and each shape's share of steps."""
    import jax

    from tegashiki.latex.vocabulary import DEFAULT_VOCABULARY
    from tegashiki.training.config import load_config
    from tegashiki.training.feed import open_feed
    from tegashiki.training.state import initial_params

    config = load_config(args.config, [f"data.buckets={args.shapes}"])
    feed = open_feed(config, DEFAULT_VOCABULARY, args.data_dir, 2)
    source: Any = feed.source(config)
    batches: dict[tuple[int, ...], dict[str, np.ndarray]] = {}
    counts: dict[tuple[int, ...], int] = {}
    for index in range(source.steps_per_epoch):
        batch = source[index]
        shape = (*batch["mask"].shape, batch["inputs"].shape[1])
        batches.setdefault(shape, batch)
        counts[shape] = counts.get(shape, 0) + 1
    leaves = jax.tree_util.tree_flatten_with_path(initial_params(config, DEFAULT_VOCABULARY))[0]
    arrays: dict[str, Any] = {
        "params/" + ".".join(key.key for key in place): np.asarray(leaf) for place, leaf in leaves
    }
    for number, batch in enumerate(batches.values()):
        arrays |= {f"{number}/{name}": np.asarray(batch[name]) for name in FIELDS}
    model = config.model
    size = {name: getattr(model, name) for name in ("width", "heads", "encoder_layers", "decoder_layers", "dropout")}
    about = {
        "fields": FIELDS,
        "shapes": len(batches),
        "counts": list(counts.values()),
        "smoothing": config.loss.label_smoothing,
        "model": size | {"vocabulary": len(DEFAULT_VOCABULARY)},
    }
    np.savez(path, about=np.frombuffer(json.dumps(about).encode(), np.uint8), **arrays)
    for shape, count in counts.items():
        print(f"{shape[0]} inks of {shape[1]} strokes and {shape[2]} tokens: {count} of {sum(counts.values())} steps")
    rows = sum(count * shape[0] for shape, count in counts.items()) / sum(counts.values())
    return rows, [count / sum(counts.values()) for count in counts.values()]


def ways_to_run(args: argparse.Namespace, path: Path, cores: list[str]) -> dict[str, list[Pinned]]:
    """Return the commands of each way to run, which run at the same time, each with its cores."""
    ours = [
        sys.executable,
        "-m",
        "benchmarks.speed.train_step",
        "--config",
        args.config,
        "--worker",
        str(path),
        "--seconds",
        str(args.seconds),
    ]
    theirs = [
        args.torch_python,
        str(Path(__file__).with_name("torch_step.py")),
        str(path),
        "--seconds",
        str(args.seconds),
    ]
    ways: dict[str, list[Pinned]] = {}
    for count in sorted({1, len(cores)}):
        used = cores[:count]
        ways[f"JAX, {count} core{'s' * (count > 1)}"] = [([*ours, "--devices", str(count)], used)]
        for mode in ("eager", "compile"):
            command = [*theirs, "--mode", mode, "--threads", str(count)]
            ways[f"PyTorch {mode}, {count} core{'s' * (count > 1)}"] = [(command, used)]
            if count > 1:  # a bound on data parallelism: processes that exchange nothing
                single = [*theirs, "--mode", mode, "--threads", "1"]
                ways[f"PyTorch {mode}, {count} processes"] = [(single, [core]) for core in used]
    return ways


def compare(args: argparse.Namespace, path: Path, rows: float, shares: list[float]) -> None:
    """Run all ways in turn and print their inks per second.

    Args:
      args: of the command line.
      path: of the batches.
      rows: mean inks per step.
      shares: of the steps that have each shape.
    """
    cores = args.cores.split(",")
    ways = ways_to_run(args, path, cores)
    found: dict[str, list[float]] = {name: [] for name in ways}
    for round_ in range(args.rounds):
        for name, commands in ways.items():
            results = run_together(commands)
            seconds = [float(np.dot(result["seconds"], shares)) for result in results]
            found[name].append(sum(rows / each for each in seconds))
            print(f"round {round_ + 1}: {name}: {found[name][-1]:.0f} inks/s", flush=True)
            check(name, results[0])
    base = {1: "JAX, 1 core", len(cores): f"JAX, {len(cores)} core{'s' * (len(cores) > 1)}"}
    print(f"\n{'':28}  inks/s (lowest to highest)  JAX relative to it")
    for name, rates in found.items():
        reference = base[1 if "1 core" in name else len(cores)]
        ratio = statistics.median(found[reference]) / statistics.median(rates)
        print(f"{name:28}  {statistics.median(rates):6.0f} ({min(rates):.0f} to {max(rates):.0f})        {ratio:5.2f}")


def run_together(commands: list[Pinned]) -> list[dict[str, Any]]:
    """Run commands at the same time, each on its cores, and return the JSON of their last lines."""
    running = [
        subprocess.Popen(
            ["taskset", "-c", ",".join(cores), *command],
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"OMP_NUM_THREADS": str(len(cores)), "PYTHONPATH": str(ROOT)},
        )
        for command, cores in commands
    ]
    outputs = [process.communicate()[0] for process in running]
    if any(process.returncode for process in running):
        sys.exit("a process failed; if torch is missing, see --help")
    return [json.loads(output.splitlines()[-1]) for output in outputs]


REFERENCE: dict[str, float] = {}  # loss and gradient norm of the first way that ran


def check(name: str, result: dict[str, Any]) -> None:
    """Exit if a way does not agree with the first one on the first batch's loss and gradient norm."""
    for key in ("loss", "gradient_norm"):
        expected = REFERENCE.setdefault(key, result[key])
        if abs(result[key] - expected) > AGREE * abs(expected):
            sys.exit(f"{name}: {key} is {result[key]}, JAX's is {expected}: not the same model")


def time_jax(args: argparse.Namespace) -> dict[str, Any]:
    """Return the seconds of a step at each shape, and loss and gradient norm of the first batch."""
    import jax

    jax.config.update("jax_num_cpu_devices", args.devices)
    if not os.environ.get("JAX_COMPILATION_CACHE_DIR"):
        jax.config.update("jax_compilation_cache_dir", str(Path.home() / ".cache" / "tegashiki" / "jax"))
    import optax

    from tegashiki.latex.vocabulary import DEFAULT_VOCABULARY, EOS_ID
    from tegashiki.models.seq2seq import Seq2Seq
    from tegashiki.training.config import load_config
    from tegashiki.training.losses import loss_counts, loss_sums
    from tegashiki.training.optimizer import make_optimizer
    from tegashiki.training.state import initial_state
    from tegashiki.training.step import StepConfig, make_train_step, replicate, split_over_devices

    config = load_config(args.config, [])
    with np.load(args.worker) as file:
        about = json.loads(file["about"].tobytes())
        batches = [{name: file[f"{i}/{name}"] for name in FIELDS} for i in range(about["shapes"])]
    model = Seq2Seq(config.model, len(DEFAULT_VOCABULARY))
    state = initial_state(config, DEFAULT_VOCABULARY)

    @jax.jit
    def first(params: Any) -> Any:
        counts = loss_counts(batches[0])
        outputs: Any = model.apply({"params": params}, batches[0])
        sums = loss_sums(outputs, batches[0], config.loss.label_smoothing)
        return sum(config.loss.weight(name) * sums[name] / counts[name].clip(1.0) for name in sums)

    loss, gradients = jax.value_and_grad(first)(state.params)
    optimizer = make_optimizer(config.optimizer, config.train.steps)
    step = make_train_step(model, optimizer, StepConfig(config.loss, None, EOS_ID, config.optimizer.ema))
    state = replicate(jax.tree.map(np.array, state))
    seconds = []
    for batch in batches:
        split = split_over_devices(batch, args.devices)
        for _ in range(WARM_UP):
            state, _ = jax.block_until_ready(step(state, split))
        times: list[float] = []
        end = time.perf_counter() + args.seconds
        while time.perf_counter() < end or len(times) < 3:
            began = time.perf_counter()
            state, _ = jax.block_until_ready(step(state, split))
            times.append(time.perf_counter() - began)
        seconds.append(statistics.median(times))
    return {"loss": float(loss), "gradient_norm": float(optax.tree.norm(gradients)), "seconds": seconds}


if __name__ == "__main__":
    main()
