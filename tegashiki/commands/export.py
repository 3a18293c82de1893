"""Write a trained model as one .tflite file, which reads ink without JAX or TensorFlow.

    tegashiki export runs/quickstart --output model.tflite
    tegashiki export runs/quickstart --output model.tflite --kit kit    what an app needs, too
    tegashiki export model.tflite --kit kit                             the same of a file that is there

The averaged parameters of the run's best checkpoint are written. Nothing is written unless the file reads the first
inks of the run's validation split as the checkpoint does: float32 logits within 1e-4; quantised, the same next token
after 99.5 % of known tokens, and an ExpRate at most half a point lower. On the same inks (100 at least) the file's
probabilities are calibrated. The file writes at most data.limits.tokens of the run's config.

A kit is a new folder: the file, how an app prepares strokes and calls it, vocabulary and grammar as JSON, recorded
inputs and outputs, a reference in Java, a page for Android, checksums. Without --output WORKDIR is a .tflite, or
`default`, the one that comes along; that needs neither JAX nor TensorFlow.
"""

import argparse
import dataclasses
from pathlib import Path

from tegashiki.commands.arguments import add_data_dir


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `tegashiki export`."""
    parser.add_argument(
        "workdir",
        metavar="WORKDIR",
        help="work directory of train.py, a checkpoint in it, its parameters.npz, or `default`; without --output a "
        ".tflite or `default`",
    )
    parser.add_argument("--output", type=Path, metavar="FILE", help="the .tflite to write")
    parser.add_argument("--kit", type=Path, metavar="DIR", help="a new folder to write a kit for mobile apps to")
    parser.add_argument(
        "--quantize",
        choices=("none", "float16", "int8"),
        default="int8",
        help="weights: int8 is smallest and fastest, float16 half the size (default int8)",
    )
    parser.add_argument(
        "--strokes",
        type=int,
        nargs="+",
        metavar="S",
        help="strokes that inks are padded to, the last being the most it reads (default 8 16 32 64 128, and "
        "data.limits.strokes where that is more)",
    )
    parser.add_argument(
        "--beams", type=int, nargs="+", default=[1, 5], metavar="W", help="beams it can search (default 1 5)"
    )
    add_data_dir(parser)
    parser.add_argument(
        "--check-inks", type=int, default=500, metavar="N", help="inks to compare and calibrate on (default 500)"
    )
    parser.add_argument("--report", type=Path, metavar="JSON", help="write sizes, parity and differing inks there")


def run(args: argparse.Namespace) -> int:
    """Export, compare, write, make the kit, and print what was written."""
    from tegashiki.errors import UserError

    if not (args.output or args.kit):
        raise UserError("nothing to write: give --output FILE, --kit DIR or both")
    _check_outputs(args)
    if args.output:
        _export(args)
    if args.kit:
        _make_kit(args)
    return 0


def _check_outputs(args: argparse.Namespace) -> None:
    """Refuse at once what could not be written after minutes of work."""
    from tegashiki.errors import UserError
    from tegashiki.safe_files import check_output

    if args.output:
        if args.output.suffix != ".tflite":
            raise UserError(f"--output {args.output}: give a name ending with .tflite")
        check_output("--output", args.output)
    if args.report:
        if not args.output:
            raise UserError("--report says what --output FILE is like: give both")
        check_output("--report", args.report, args.workdir, args.output)
    if args.kit:
        from tegashiki.kit.kit import check_folder

        check_folder(args.kit)


def _make_kit(args: argparse.Namespace) -> None:
    from tegashiki.errors import UserError
    from tegashiki.kit.kit import write_kit
    from tegashiki.recognizer.recognizer import DEFAULT_MODEL

    model = args.output or (DEFAULT_MODEL if args.workdir == "default" else Path(args.workdir))
    if model.suffix != ".tflite":
        raise UserError(f"a kit is made of a .tflite, which {model} is not: give --output FILE too, to export it first")
    files = write_kit(model, args.kit)
    size = sum((args.kit / file).stat().st_size for file in files)
    print(f"{args.kit}: {len(files)} files, {size / 1e6:.2f} MB; begin with README.md")


def _export(args: argparse.Namespace) -> None:
    import jax

    # The file is for CPUs, and is compared with what a CPU computes; this must come before JAX looks for devices.
    jax.config.update("jax_platforms", "cpu")

    from tegashiki.errors import UserError
    from tegashiki.export.export import check_inks, describe_differing, export, sizes_for, write_report
    from tegashiki.training.checkpoint import load_checkpoint

    if Path(args.workdir).suffix == ".tflite":
        raise UserError(f"{args.workdir} is exported already: leave --output out to make a kit of it")
    if args.check_inks < 1:
        raise UserError(f"--check-inks {args.check_inks}: give 1 or more; 200 at least say something")
    for name, sizes in (("--strokes", args.strokes), ("--beams", args.beams)):
        if sizes is not None and (sizes != sorted(set(sizes)) or sizes[0] < 1):
            raise UserError(f"{name} {' '.join(map(str, sizes))}: give different sizes from 1 up, the smallest first")
    checkpoint = load_checkpoint(args.workdir)
    usual = sizes_for(checkpoint.config.data.limits)
    sizes = dataclasses.replace(usual, strokes=tuple(args.strokes or usual.strokes), beams=tuple(args.beams))
    print(f"{checkpoint.config.name}, step {int(checkpoint.state.step):,}")
    inks = check_inks(checkpoint, args.data_dir, args.check_inks, sizes)
    result = export(checkpoint, args.output, args.quantize, inks, sizes)
    print(f"{result.path}: {result.size / 1e6:.2f} MB, signatures {' '.join(result.signatures)}")
    print(result.parity)
    for line in describe_differing(result.parity, checkpoint):
        print(line)
    if args.report:
        write_report(args.report, result, checkpoint)
