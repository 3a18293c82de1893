"""Count the tokens of a prepared dataset and print the vocabulary.

    tegashiki vocabulary                                   the wide default vocabulary
    tegashiki vocabulary --dataset crohme --split train    how often each token occurs, which are missing
    tegashiki vocabulary --dataset mathwriting --only-seen --min-count 10 --output vocabulary.json

The default vocabulary is wider than any one dataset, so that a model can be trained further on others. With
--dataset the tokens that it lacks are added to it; with --only-seen it is made of the dataset's tokens alone. There
is no unknown token: training leaves out inks whose labels need one outside, and says how many. `tegashiki train
--vocabulary FILE` takes what --output wrote.
"""

import argparse
from collections import Counter
from pathlib import Path

from tegashiki.commands.arguments import add_data_dir
from tegashiki.errors import UserError

COLUMN_WIDTH = 24


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the subcommand's arguments."""
    parser.add_argument("--dataset", action="append", default=[], metavar="NAME", help="may be given several times")
    parser.add_argument("--split", metavar="S", help="which split of each dataset to count (default: train)")
    add_data_dir(parser)
    parser.add_argument("--min-count", type=int, metavar="N", help="leave out tokens rarer than N")
    parser.add_argument("--only-seen", action="store_true", help="only the datasets' tokens, not the default ones too")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write the vocabulary as JSON")


def run(args: argparse.Namespace) -> int:
    """Print counts and vocabulary, write it if asked; returns the exit status."""
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
                f"not written: no token comes --min-count {least} times, the most frequent one "
                f"{max(counts.values(), default=0)} times: give at most that"
            )
        with atomic_write(args.output) as unfinished:
            unfinished.write_text(vocabulary.to_json() + "\n", "utf-8")
        print(f"wrote {args.output}")
    return 0


def print_counts(tokens: tuple[str, ...], counts: Counter[str]) -> None:
    """Print the tokens in columns, the most frequent first, each with its count."""
    cells = [f"{token} {counts[token]}" if counts else token for token in sorted(tokens, key=lambda t: (-counts[t], t))]
    for start in range(0, len(cells), 5):
        print("".join(cell.ljust(COLUMN_WIDTH) for cell in cells[start : start + 5]).rstrip())
