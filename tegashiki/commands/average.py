"""Average the parameters of several models of one config's shape into one file, which often reads better than any.

    tegashiki average A B [C ...] --output mean.npz      # A A B: A weighs twice

Models that one run was continued into lie near each other, and their mean errs less than each ("model soups", Wortsman
et al., ICML 2022). Judge the result as any model: nothing says that it must be better. It can be exported, judged and
trained on from (`--init`); what it says of its config and vocabulary is the last one's.
"""

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "models", nargs="+", metavar="MODEL", help="work directory, checkpoint, parameters.npz, or default"
    )
    parser.add_argument("--output", type=Path, required=True, metavar="FILE", help="the .npz to write")


def run(args: argparse.Namespace) -> int:
    """Average and write."""
    from tegashiki.errors import UserError
    from tegashiki.safe_files import explain_write_errors
    from tegashiki.training.checkpoint import load_checkpoint
    from tegashiki.training.parameters import SUFFIX, write_parameters
    from tegashiki.training.transfer import average

    if len(args.models) < 2:
        raise UserError("one model alone is its own average: give two or more")
    if args.output.suffix != SUFFIX:
        raise UserError(f"{args.output} does not end in {SUFFIX}, by which a file of parameters is known")
    found = average([(model, load_checkpoint(model)) for model in args.models])
    with explain_write_errors(args.output.parent):
        write_parameters(args.output, found.state.ema, found.about)
    print(f"{args.output}: the average of {len(args.models)} models")
    return 0
