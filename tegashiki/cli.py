"""The `tegashiki` command and its subcommands.

Each subcommand is a module of `tegashiki.commands` with two functions, `add_arguments(parser)` and
`run(args) -> int`, which returns the exit status. A module is imported only when its subcommand runs.
"""

import argparse
import importlib
import io
import os
import sys
from collections.abc import Callable, Sequence

from tegashiki.errors import UserError

COMMANDS = {
    "quickstart": "train, evaluate, export and run a small model on synthetic ink, in minutes",
    "prepare": "convert downloaded ink into a dataset for training",
    "vocabulary": "count the tokens of a dataset and print the vocabulary",
    "train": "train a model from a config",
    "eval": "evaluate a model: ExpRate, edit distance, per-ink results, a page with every ink",
    "compare": "compare two results on the same inks and report how certain the difference is",
    "inspect": "show inks on one page: strokes, points, symbols, labels",
    "average": "average the parameters of several models into one",
    "export": "write a trained model as one .tflite file",
    "recognize": "recognise ink files with a .tflite model",
    "convert": "convert LaTeX to MathML, Typst, AsciiMath, Unicode text, SymPy, Python, Word or a picture",
    "solve": "print the value of a formula after =, the roots of an equation, an integral",
    "memory": "show and change what a recogniser has learnt of one writer",
    "serve": "serve the web page that recognises ink during writing, and POST /recognize",
    "site": "write the web page as a static site for any web server, which also works offline",
    "pad": "write a formula in a window, for the clipboard or any editor",
    "grammar": "write the grammar as a JSON table for recognisers in other languages",
}


# The optional dependencies that a command needs. A command that is not listed needs "train".
EXTRAS = {"export": "train,export", "serve": "serve", "convert": "pictures", "solve": "answers"}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one subcommand.

    Args:
        argv: The arguments after the program name, by default those of the process.

    Returns:
        The exit status: 0 for success, 2 for a user error, 130 after an interrupt, 141 for a closed pipe.
    """
    argv = list(sys.argv[1:] if argv is None else argv)
    parser = argparse.ArgumentParser(prog="tegashiki", description="Handwritten mathematics to LaTeX.")
    parser.add_argument("--version", action="store_true", help="print the version and exit")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND")
    for name, text in COMMANDS.items():
        subparsers.add_parser(name, help=text, add_help=False)
    known, rest = parser.parse_known_args(argv[:1])
    if known.version:
        return _status("tegashiki", _print_version)
    if known.command is None:
        parser.print_help()
        return 2
    return run_command(known.command, [*rest, *argv[1:]])


def _print_version() -> int:
    from tegashiki import __version__

    print(__version__)
    return 0


def run_command(name: str, argv: Sequence[str]) -> int:
    """Parse `argv` for the subcommand `name`, run it and return its exit status.

    `train.py` and `eval.py` call this function too.
    """
    module = importlib.import_module(f"tegashiki.commands.{name}")
    parser = argparse.ArgumentParser(
        prog=f"tegashiki {name}",
        description=module.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    module.add_arguments(parser)
    args = parser.parse_args(argv)
    if isinstance(sys.stdout, io.TextIOWrapper):  # a file name may hold bytes that are not valid text
        sys.stdout.reconfigure(errors="backslashreplace")
    return _status(f"tegashiki {name}", lambda: module.run(args), EXTRAS.get(name, "train"))


def _status(program: str, run: Callable[[], int], extra: str = "train") -> int:
    """Run a function and return its exit status; expected errors are printed as one line on stderr."""
    try:
        status = run()
        print(end="", flush=True)  # a full disk is then reported here and not when the process exits
        return status
    except UserError as error:
        print(f"{program}: error: {error}", file=sys.stderr)
        return 2
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] == "tegashiki":
            raise
        print(f"{program}: error: {_missing(error.name, extra)}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f"{program}: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        return 141
    except OSError as error:  # such as a missing folder or a full disk; the message names the file and the cause
        print(f"{program}: error: {error}", file=sys.stderr)
        return 2
    finally:
        _drop_output()


def _missing(module: str, extra: str) -> str:
    """Explain how to get a module that is not installed."""
    package = module.partition(".")[0]
    if package in sys.stdlib_module_names:  # no extra brings it
        return (
            f"this Python lacks its own module {module}: use a complete Python on Linux or macOS, or in WSL on Windows"
        )
    if package == "array_record" and sys.platform == "win32":  # it has no wheel there
        return f"{package}, which reads prepared datasets, does not exist for Windows: use WSL, Linux or macOS"
    return f"an optional dependency is not installed (no module {module}): pip install 'tegashiki[{extra}]'"


def _drop_output() -> None:
    """Discard output that stdout can no longer accept, so that Python does not report it again at exit."""
    try:
        print(end="", flush=True)
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    sys.exit(main())
