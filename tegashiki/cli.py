"""The `tegashiki` command: a table of subcommands, each imported only when it runs.

A module of `tegashiki.commands` offers `add_arguments(parser)` and `run(args) -> int` (the exit status).
"""

import argparse
import importlib
import io
import os
import sys
from collections.abc import Callable, Sequence

from tegashiki.errors import UserError

COMMANDS = {
    "quickstart": "train, judge, export and read on made-up ink, in minutes",
    "prepare": "turn downloaded ink into a dataset ready for training",
    "vocabulary": "count the tokens of a dataset and print the vocabulary",
    "train": "train a model from a config",
    "eval": "judge a model: ExpRate, edit distance, per-ink results, a page with every ink",
    "compare": "two results on the same inks: who is better, and how sure that is",
    "inspect": "look at inks: strokes, points, symbols, labels, on one page",
    "average": "average the parameters of several models into one",
    "export": "write a trained model as one .tflite file",
    "recognize": "read ink files with a .tflite model",
    "memory": "show and change what a recogniser has learnt of one writer",
    "serve": "open the page that reads while one writes; answer POST /recognize",
    "grammar": "write the grammar as a JSON table for recognisers in other languages",
}


EXTRAS = {"export": "train,export", "serve": "serve"}  # what a command needs that the base installation lacks


def main(argv: Sequence[str] | None = None) -> int:
    """Run one subcommand; returns the exit status (0 done, 2 a user's error, 130 interrupted)."""
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
    """Parse `argv` for the subcommand `name` and run it; `train.py` and `eval.py` call this too."""
    module = importlib.import_module(f"tegashiki.commands.{name}")
    parser = argparse.ArgumentParser(
        prog=f"tegashiki {name}",
        description=module.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    module.add_arguments(parser)
    args = parser.parse_args(argv)
    if isinstance(sys.stdout, io.TextIOWrapper):  # a file's name need not be text
        sys.stdout.reconfigure(errors="backslashreplace")
    return _status(f"tegashiki {name}", lambda: module.run(args), EXTRAS.get(name, "train"))


def _status(program: str, run: Callable[[], int], extra: str = "train") -> int:
    """Run something and return its exit status; what goes wrong is said in one line."""
    try:
        status = run()
        print(end="", flush=True)  # so that a disk is found full here, not as the process ends
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
    except OSError as error:  # a folder that is not there, a disk that is full: the system says which and why
        print(f"{program}: error: {error}", file=sys.stderr)
        return 2
    finally:
        _drop_output()


def _missing(module: str, extra: str) -> str:
    """Say what to do about a module that is not there."""
    package = module.partition(".")[0]
    if package in sys.stdlib_module_names:  # no extra brings it
        return f"this Python lacks its own module {module}: use a complete Python on Linux or macOS, on Windows in WSL"
    if package == "array_record" and sys.platform == "win32":  # it has no wheel there
        return f"there is no {package} for Windows, which prepared datasets are read with: use WSL, Linux or macOS"
    return f"this needs more than is installed (no module {module}): pip install 'tegashiki[{extra}]'"


def _drop_output() -> None:
    """Let go of what standard output does not take: Python would try again as it ends, and say so in its own words."""
    try:
        print(end="", flush=True)
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    sys.exit(main())
