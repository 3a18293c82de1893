"""Write the grammar of canonical LaTeX as one JSON table, which recognisers in other languages run.

    tegashiki grammar [MODEL] --output grammar.json

It is the grammar over the vocabulary of MODEL, a .tflite file; without one over that of the model that comes with the
package. tegashiki/latex/automaton.py says what is in it, web/src/recognizer/grammar.ts runs it.
"""

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `tegashiki grammar`."""
    parser.add_argument("model", nargs="?", metavar="MODEL", help="a .tflite (default: the one of the package)")
    parser.add_argument("--output", type=Path, metavar="FILE", help="where to write it (default: standard output)")


def run(args: argparse.Namespace) -> int:
    """Write the table."""
    from tegashiki.kit.grammar_table import grammar_table
    from tegashiki.latex.automaton import as_text
    from tegashiki.latex.vocabulary import Vocabulary
    from tegashiki.recognizer.metadata import read_metadata
    from tegashiki.recognizer.recognizer import DEFAULT_MODEL
    from tegashiki.safe_files import atomic_write, check_output

    model = args.model or DEFAULT_MODEL
    if args.output:
        check_output("--output", args.output, model)
    metadata = read_metadata(model)
    text = as_text(grammar_table(Vocabulary(metadata["vocabulary"])))
    if args.output:
        with atomic_write(args.output) as unfinished:
            unfinished.write_text(text, "utf-8")
    else:
        print(text, end="")
    return 0
