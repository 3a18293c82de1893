"""Train a model: `python train.py configs/NAME.py --workdir DIR`. Same as `tegashiki train`."""

import sys

from tegashiki.cli import run_command

if __name__ == "__main__":
    sys.exit(run_command("train", sys.argv[1:]))
