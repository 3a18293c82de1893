r"""Print the answer to a formula that expects one: the value before =, roots, an integral, a sum.

    tegashiki solve '2+3\cdot4='        prints 14
    tegashiki solve 'x^2-5x+6=0'        prints x=2,x=3
    tegashiki solve '\int_0^1 x^2dx'    prints \frac{1}{3}

Each argument is one formula in LaTeX, and each line of the output is an answer in LaTeX. If there is none, or none that
can be checked in time, this is reported on standard error, and the exit status is then 1. Only real roots are printed.
docs/convert.md lists the conventions. Needs the extra `answers`: pip install 'tegashiki[answers]'.
"""

import argparse
import sys

from tegashiki.convert.answer import SECONDS


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `tegashiki solve`."""
    parser.add_argument("formulas", nargs="+", metavar="LATEX", help="formulas")
    parser.add_argument(
        "--seconds", type=float, default=SECONDS, help=f"limit for each formula in seconds (default: {SECONDS:g})"
    )


def run(args: argparse.Namespace) -> int:
    """Print every answer; return the exit status, 1 if a formula has none."""
    from tegashiki.convert.answer import answer
    from tegashiki.errors import check_range

    check_range("--seconds", args.seconds, 0.1, 3600)
    status = 0
    for formula in args.formulas:
        found = answer(formula, args.seconds)
        if found is None:
            status = 1
            print(f"tegashiki solve: no answer to {formula}", file=sys.stderr)
        else:
            print(found)
    return status
