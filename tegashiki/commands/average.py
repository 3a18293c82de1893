"""Average the parameters of several models of the same shape into one file.

    tegashiki average A B [C ...] --output mean.npz      # A A B: A has twice the weight

The average of models that continue the same training run is often better than each of them ("model soups", Wortsman et
al., ICML 2022). This is not certain, so evaluate the result. It can be exported, evaluated and trained further
(`--init`) like any model. Its config and vocabulary are those of the last model.
"""

import argparse

from tegashiki.file_names import expand_home, expand_text


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `tegashiki average`."""
    parser.add_argument(
        "models",
        type=expand_text,
        nargs="+",
        metavar="MODEL",
        help="work directory, checkpoint, parameters .npz, or `default`; 2 or more",
    )
    parser.add_argument(
        "--output", type=expand_home, required=True, metavar="FILE", help="the .npz file to write (required)"
    )


def run(args: argparse.Namespace) -> int:
    """Average the models and write the result; return the exit status."""
    from tegashiki.errors import UserError
    from tegashiki.safe_files import explain_write_errors
    from tegashiki.training.checkpoint import load_checkpoint
    from tegashiki.training.parameters import SUFFIX, write_parameters
    from tegashiki.training.transfer import average

    if len(args.models) < 2:
        raise UserError("an average of one model is the model itself: give two or more")
    if args.output.suffix != SUFFIX:
        raise UserError(f"--output {args.output} does not end in {SUFFIX}, the suffix of parameter files: add it")
    found = average([(model, load_checkpoint(model)) for model in args.models])
    with explain_write_errors(args.output.parent):
        write_parameters(args.output, found.state.ema, found.about)
    print(f"{args.output}: the average of {len(args.models)} models")
    return 0
