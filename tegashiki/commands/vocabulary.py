"""Count the tokens of prepared datasets and print the vocabulary.

    tegashiki vocabulary                                   print the default vocabulary
    tegashiki vocabulary --dataset crohme --split train    count each token, and list the missing ones
    tegashiki vocabulary --dataset mathwriting --only-seen --min-count 10 --output vocabulary.json

The default vocabulary is larger than that of any single dataset, so that a model can be trained further on other
datasets. --dataset adds the tokens that it lacks. With --only-seen the vocabulary has only the tokens of the datasets.
There is no unknown token: training skips inks whose labels have a token outside the vocabulary, and prints their
number. The file of --output is for `tegashiki train --vocabulary FILE`.
"""

import argparse
from collections import Counter

from tegashiki.commands.arguments import add_data_dir
from tegashiki.errors import UserError
from tegashiki.file_names import expand_home

COLUMN_WIDTH = 24


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `tegashiki vocabulary`."""
    parser.add_argument(
        "--dataset",
        action="append",
        default=[],
        metavar="NAME",
        help="a prepared dataset to count; may be given several times (default: none)",
    )
    parser.add_argument("--split", metavar="S", help="the split of each dataset to count (default: train)")
    add_data_dir(parser)
    parser.add_argument(
        "--min-count",
        type=int,
        metavar="N",
        help="leave out tokens with fewer than N occurrences in the datasets (default: 1)",
    )
    parser.add_argument(
        "--only-seen", action="store_true", help="only tokens of the datasets, without the default vocabulary"
    )
    parser.add_argument(
        "--output",
        type=expand_home,
        metavar="FILE",
        help="write the vocabulary to this JSON file (default: only print it)",
    )


def run(args: argparse.Namespace) -> int:
    """Print the counts and the vocabulary, and write it if requested; return the exit status."""
    from tegashiki.datasets.prepared import load_examples
    from tegashiki.latex.vocabulary import DEFAULT_VOCABULARY, Vocabulary
    from tegashiki.safe_files import atomic_write, check_output

    if not args.dataset and (args.only_seen or {args.split, args.min_count, args.data_dir} != {None}):
        raise UserError("--split, --min-count, --only-seen and --data-dir go with --dataset: give one to count")
    if args.output:
        check_output("--output", args.output)
    split, least = args.split or "train", args.min_count or 1
    counts: Counter[str] = Counter()
    inks = 0
    for name in args.dataset:
        examples = load_examples(name, split, args.data_dir)
        inks += len(examples)
        counts.update(examples.count_tokens())
    frequent = [token for token, count in sorted(counts.items()) if count >= least]
    base = () if args.only_seen else DEFAULT_VOCABULARY.tokens
    vocabulary = Vocabulary((*base, *(token for token in frequent if token not in base)))
    print_counts(vocabulary.tokens, counts)
    if args.dataset:
        new = [token for token in frequent if token not in DEFAULT_VOCABULARY]
        rare = [token for token in counts if token not in vocabulary]
        print(f"{inks:,} inks, {counts.total():,} tokens, {len(counts)} different")
        print(f"not in the default vocabulary: {len(new)}{': ' if new else ''}{' '.join(new)}")
        print(f"left out as rarer than {least}: {len(rare)}{': ' if rare else ''}{' '.join(rare)}")
    print(f"vocabulary: {len(vocabulary.tokens)} tokens and 3 special ones")
    if args.output:
        if not vocabulary.tokens:
            raise UserError(
                f"nothing written: no token occurs --min-count {least} times; the most frequent one occurs "
                f"{max(counts.values(), default=0)} times: give at most that"
            )
        with atomic_write(args.output) as unfinished:
            unfinished.write_text(vocabulary.to_json() + "\n", "utf-8")
        print(f"wrote {args.output}")
    return 0


def print_counts(tokens: tuple[str, ...], counts: Counter[str]) -> None:
    """Print the tokens with their counts in columns, the most frequent first."""
    cells = [f"{token} {counts[token]}" if counts else token for token in sorted(tokens, key=lambda t: (-counts[t], t))]
    for start in range(0, len(cells), 5):
        print("".join(cell.ljust(COLUMN_WIDTH) for cell in cells[start : start + 5]).rstrip())
