"""Compare two results of `tegashiki eval --json` on the same inks: who is better, by how much, and how sure that is.

Prints how many inks B alone and A alone read exactly with McNemar's exact test, then every figure of both with the
95 % interval of the difference (a bootstrap that draws the same inks for both). With --report it writes one page with
every ink and both readings, fixed and broken inks first; it takes the ink from where A's result says it came from.
"""

import argparse
from pathlib import Path
from typing import Any

from tegashiki.commands.arguments import add_data_dir


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `tegashiki compare`."""
    parser.add_argument("first", type=Path, metavar="A.json", help="a result of `tegashiki eval --json`")
    parser.add_argument("second", type=Path, metavar="B.json", help="another one, on the same inks")
    parser.add_argument("--report", type=Path, metavar="DIR", help="write one page with every ink there")
    add_data_dir(parser)


def run(args: argparse.Namespace) -> int:
    """Compare, print, write the page."""
    from tegashiki.evaluation.pages.comparison_page import difference_table, verdict, write_comparison
    from tegashiki.evaluation.paired import compare
    from tegashiki.evaluation.report import read_json

    paths = (args.first, args.second)
    results = [read_json(path) for path in paths]
    readings = [result["per_ink"] for result in results]
    names = [f"{result.get('model', 'no name')} ({path.name})" for result, path in zip(results, paths, strict=True)]
    found = compare(*readings)
    print(f"A: {names[0]}\nB: {names[1]}\n\n{verdict(found)}\n\n{difference_table(found)}")
    for title, files in (("fixed", found.fixed), ("broken", found.broken)):
        print(f"\n{title}: {', '.join(files[:20]) or 'none'}{' ...' if len(files) > 20 else ''}")
    if args.report:
        path = write_comparison(args.report, names, found, readings[0], readings[1], _samples(results[0], args))
        print(f"\nopen {path}")
    return 0


def _samples(result: dict[str, Any], args: argparse.Namespace) -> Any:
    """Return the inks that a result was made on."""
    from tegashiki.evaluation.samples import EvaluationError, dataset_samples, ink_samples

    match result:
        case {"dataset": str(dataset), "split": str(split)}:
            return dataset_samples(dataset, split, args.data_dir)
        case {"inkml": str(inkml)}:
            return ink_samples(Path(inkml))
    raise EvaluationError(f"{args.first} does not say which inks it was made on: write it with `tegashiki eval --json`")
