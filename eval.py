"""Evaluate a model: `python eval.py MODEL --inkml PATH`. Same as `tegashiki eval`."""

import sys

from tegashiki.cli import run_command

if __name__ == "__main__":
    sys.exit(run_command("eval", sys.argv[1:]))
