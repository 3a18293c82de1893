"""Train a model from a config file. The same command resumes an interrupted run.

tegashiki train configs/quickstart.py --workdir runs/quickstart
"""

import argparse
import os

from tegashiki.commands.arguments import add_data_dir, usable_cores
from tegashiki.file_names import expand_home, expand_text


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `tegashiki train`."""
    parser.add_argument("config", type=expand_text, help="config file, such as configs/transformer_cpu.py")
    parser.add_argument(
        "--workdir",
        type=expand_text,
        help="work directory: folder for checkpoints, metrics.jsonl and TensorBoard (required without --dry-run)",
    )
    parser.add_argument(
        "--set",
        dest="settings",
        action="append",
        default=[],
        metavar="SECTION.KEY=VALUE",
        help="override a setting of the config, such as model.width=256; may be given several times",
    )
    add_data_dir(parser)
    parser.add_argument(
        "--init",
        type=expand_text,
        metavar="MODEL",
        help="start from the parameters of this work directory, checkpoint, parameters.npz, or `default`; a new "
        "Transformer may have more layers or more heads of the same size (default: random parameters)",
    )
    parser.add_argument(
        "--vocabulary",
        type=expand_home,
        metavar="FILE",
        help="vocabulary of a new run, a file of `tegashiki vocabulary --output` (default: the default vocabulary)",
    )
    parser.add_argument(
        "--devices", type=int, metavar="N", help="number of CPU devices that share a batch (default: one per core)"
    )
    parser.add_argument(
        "--workers",
        type=int,
        default=0,
        metavar="N",
        help="processes that recombine ink (default: 0, a thread of this process; with an accelerator use the number "
        "of cores minus two)",
    )
    parser.add_argument(
        "--distributed",
        action="store_true",
        help="train on several hosts: join the cluster that JAX detects (TPU pod, Slurm)",
    )
    parser.add_argument(
        "--profile",
        action="store_true",
        help="write a trace of steps 101 to 110 of this call, or of the last ten steps of a shorter one, to "
        "WORKDIR/profile (Perfetto, TensorBoard)",
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="print data, shapes, parameters, memory and time, and stop"
    )


def run(args: argparse.Namespace) -> int:
    """Train the model; return the exit status, which is also 0 for a run that SIGTERM ended and that was saved."""
    import jax

    from tegashiki.errors import UserError

    if args.devices is not None and args.devices < 1:
        raise UserError(f"--devices {args.devices}: give 1 or more")
    # One virtual device per core, so that all cores work on every step. Accelerators are not affected.
    jax.config.update("jax_num_cpu_devices", args.devices or usable_cores())
    cache = expand_home("~/.cache/tegashiki/jax")  # compiling one shape takes 10 to 20 seconds
    if not os.environ.get("JAX_COMPILATION_CACHE_DIR") and cache.is_absolute():  # relative if the user has no home
        jax.config.update("jax_compilation_cache_dir", str(cache))

    if args.distributed:
        jax.distributed.initialize()

    from tegashiki.latex.vocabulary import DEFAULT_VOCABULARY, Vocabulary
    from tegashiki.training.checkpoint import quiet_orbax
    from tegashiki.training.config import load_config
    from tegashiki.training.loop import describe_run, train

    quiet_orbax()
    config = load_config(args.config, args.settings)
    vocabulary = Vocabulary.from_json(args.vocabulary.read_bytes()) if args.vocabulary else DEFAULT_VOCABULARY
    if args.dry_run:
        print(describe_run(config, vocabulary, args.data_dir))
        return 0
    if not args.workdir:
        raise UserError("--workdir is missing: give a folder for the run, or --dry-run")
    result = train(config, args.workdir, vocabulary, args.data_dir, args.init, args.workers, args.profile)
    print(f"{result.stopped} at step {result.steps:,}; best validation ExpRate {result.best_exprate:.2f} %")
    return 0
