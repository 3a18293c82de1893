"""Compare two results of `tegashiki eval --json` on the same inks.

    tegashiki compare A.json B.json [--report DIR]

Prints how many inks only B and only A recognise exactly, with McNemar's exact test. Then it prints every figure of both
with the 95 % interval of the difference, from a bootstrap that draws the same inks for both.

--report writes a page with every ink and both predictions, fixed and broken inks first. It reads the inks from the
file, folder or dataset that is recorded in A.json.
"""

import argparse
from pathlib import Path
from typing import Any

from tegashiki.commands.arguments import add_data_dir
from tegashiki.file_names import expand_home


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `tegashiki compare`."""
    parser.add_argument("first", type=expand_home, metavar="A.json", help="a result of `tegashiki eval --json`")
    parser.add_argument("second", type=expand_home, metavar="B.json", help="another result, on the same inks")
    parser.add_argument(
        "--report",
        type=expand_home,
        metavar="DIR",
        help="write a page with every ink to this folder (default: no page)",
    )
    add_data_dir(parser)


def run(args: argparse.Namespace) -> int:
    """Compare the results, print the differences and write the page; return the exit status."""
    from tegashiki.evaluation.pages.comparison_page import difference_table, verdict, write_comparison
    from tegashiki.evaluation.paired import compare
    from tegashiki.evaluation.report import read_json

    paths = (args.first, args.second)
    contents = [read_json(path) for path in paths]
    first, second = (content["per_ink"] for content in contents)
    names = [f"{content.get('model', 'no name')} ({path.name})" for content, path in zip(contents, paths, strict=True)]
    found = compare(first, second)
    print(f"A: {names[0]}\nB: {names[1]}\n\n{verdict(found)}\n\n{difference_table(found)}")
    for title, files in (("fixed", found.fixed), ("broken", found.broken)):
        print(f"\n{title}: {', '.join(files[:20]) or 'none'}{' ...' if len(files) > 20 else ''}")
    if args.report:
        path = write_comparison(args.report, names, found, first, second, _samples(contents[0], args))
        print(f"\nopen {path}")
    return 0


def _samples(content: dict[str, Any], args: argparse.Namespace) -> Any:
    """Return the inks of an evaluation, given the content of its JSON file."""
    from tegashiki.evaluation.samples import EvaluationError, dataset_samples, ink_samples

    match content:
        case {"dataset": str(dataset), "split": str(split)}:
            return dataset_samples(dataset, split, args.data_dir)
        case {"inkml": str(inkml)}:
            return ink_samples(Path(inkml))
    raise EvaluationError(f"{args.first} does not say which inks it was made on: write it with `tegashiki eval --json`")
