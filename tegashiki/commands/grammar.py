"""Write the grammar of canonical LaTeX as a JSON table for recognisers in other languages.

    tegashiki grammar [MODEL] --output grammar.json

The table covers the vocabulary of MODEL, a .tflite file. tegashiki/latex/automaton.py describes its format, and
web/src/recognizer/grammar.ts is an example of its use.
"""

import argparse

from tegashiki.file_names import expand_home, expand_text


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `tegashiki grammar`."""
    parser.add_argument(
        "model",
        nargs="?",
        type=expand_text,
        metavar="MODEL",
        help="a .tflite file (default: the model that comes with the package)",
    )
    parser.add_argument(
        "--output", type=expand_home, metavar="FILE", help="the file to write (default: standard output)"
    )


def run(args: argparse.Namespace) -> int:
    """Write the table; return the exit status."""
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
