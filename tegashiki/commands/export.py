"""Export a trained model as one .tflite file, which recognises ink without JAX or TensorFlow.

    tegashiki export runs/quickstart --output model.tflite
    tegashiki export runs/quickstart --output model.tflite --kit kit    also write a kit for apps
    tegashiki export model.tflite --kit kit                             write a kit of an exported model

The file contains the averaged parameters of the run's best checkpoint. It is compared with the checkpoint on the first
inks of the run's validation split, and written only if both agree. Without quantisation the float32 logits must agree
within 1e-4. A quantised model must predict the same next token after 99.5 % of the known tokens, and its ExpRate may be
at most 0.5 points lower. The probabilities of the file are calibrated on the same inks if there are at least 100. The
longest output in tokens is data.limits.tokens of the run's config.

A kit is a new folder with the model, instructions to prepare strokes and run the model, vocabulary and grammar as JSON,
recorded inputs and outputs, a reference implementation in Java, a web page for Android, and checksums. To write only a
kit, give a .tflite file or `default` (the model that comes with the package) as WORKDIR and leave out --output. That
needs neither JAX nor TensorFlow.
"""

import argparse
import dataclasses
from pathlib import Path

from tegashiki.commands.arguments import add_data_dir
from tegashiki.file_names import expand_home, expand_text


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `tegashiki export`."""
    parser.add_argument(
        "workdir",
        type=expand_text,
        metavar="WORKDIR",
        help="work directory of `tegashiki train`, a checkpoint in it, its parameters.npz, or `default`; without "
        "--output a .tflite file or `default`",
    )
    parser.add_argument(
        "--output", type=expand_home, metavar="FILE", help="the .tflite file to write (default: only the kit)"
    )
    parser.add_argument(
        "--kit", type=expand_home, metavar="DIR", help="new folder for a kit for mobile apps (default: no kit)"
    )
    parser.add_argument(
        "--quantize",
        choices=("none", "float16", "int8"),
        default="int8",
        help="type of the weights: int8 is smallest and fastest, float16 has half the size of none, which is float32 "
        "(default: int8)",
    )
    parser.add_argument(
        "--strokes",
        type=int,
        nargs="+",
        metavar="S",
        help="numbers of strokes that inks are padded to, in ascending order; the last is the limit of the model "
        "(default: 8 16 32 64 128, and data.limits.strokes of the config if that is more)",
    )
    parser.add_argument(
        "--beams",
        type=int,
        nargs="+",
        default=[1, 5],
        metavar="W",
        help="beam widths that the model supports, in ascending order (default: 1 5)",
    )
    add_data_dir(parser)
    parser.add_argument(
        "--check-inks",
        type=int,
        default=500,
        metavar="N",
        help="number of inks for the comparison and calibration (default: 500)",
    )
    parser.add_argument(
        "--report",
        type=expand_home,
        metavar="JSON",
        help="write sizes, the comparison and differing inks to this file (default: no file)",
    )


def run(args: argparse.Namespace) -> int:
    """Export the model and write the kit, as requested; return the exit status."""
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
    """Check that the outputs can be written before the export, which can take minutes."""
    from tegashiki.errors import UserError
    from tegashiki.safe_files import check_output

    if args.output:
        if args.output.suffix != ".tflite":
            raise UserError(f"--output {args.output}: give a name ending with .tflite")
        check_output("--output", args.output)
    if args.report:
        if not args.output:
            raise UserError("--report describes the file of --output FILE: give both")
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
        raise UserError(
            f"{model} is not a .tflite file, and a kit needs one: give --output FILE too, to export it first"
        )
    files = write_kit(model, args.kit)
    size = sum((args.kit / file).stat().st_size for file in files)
    print(f"{args.kit}: {len(files)} files, {size / 1e6:.2f} MB; start with README.md")


def _export(args: argparse.Namespace) -> None:
    import jax

    # The file is for CPUs and is compared with results of a CPU. This must be set before JAX looks for devices.
    jax.config.update("jax_platforms", "cpu")

    from tegashiki.errors import UserError
    from tegashiki.export.export import check_inks, describe_differing, export, sizes_for, write_report
    from tegashiki.training.checkpoint import load_checkpoint

    if Path(args.workdir).suffix == ".tflite":
        raise UserError(f"{args.workdir} is exported already: leave out --output to write a kit of it")
    if args.check_inks < 1:
        raise UserError(f"--check-inks {args.check_inks}: give 1 or more; fewer than 200 say little")
    for name, sizes in (("--strokes", args.strokes), ("--beams", args.beams)):
        if sizes is not None and (sizes != sorted(set(sizes)) or sizes[0] < 1):
            raise UserError(f"{name} {' '.join(map(str, sizes))}: give different numbers of 1 or more, smallest first")
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
