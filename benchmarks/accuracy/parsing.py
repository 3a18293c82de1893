"""Is every candidate canonical LaTeX? Reads all inks of some splits, and noise, and asks for the most candidates.

python -m benchmarks.accuracy.parsing MODEL.tflite --splits test_2014 test_2016 --noise 500 --data-dir data
"""

import argparse
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from tegashiki.datasets.prepared import load_examples
from tegashiki.ink.ink import Ink
from tegashiki.latex.normalize import normalize
from tegashiki.latex.parser import LatexError
from tegashiki.recognizer.recognizer import Recognizer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path, help="a .tflite file")
    parser.add_argument("--dataset", default="crohme", help="default: crohme")
    parser.add_argument("--splits", nargs="*", default=["test_2014", "test_2016"], help="default: test_2014 test_2016")
    parser.add_argument(
        "--noise", type=int, default=500, metavar="N", help="number of inks of random strokes (default: 500)"
    )
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help="where datasets are prepared")
    args = parser.parse_args()
    recognizer = Recognizer.load(args.model)
    for split in args.splits:
        count(recognizer, split, (example.ink for example in load_examples(args.dataset, split, args.data_dir)))
    count(recognizer, "noise", (noise(seed) for seed in range(args.noise)))


def noise(seed: int) -> Ink:
    """Make an ink of 1 to 40 random walks at random places."""
    random = np.random.default_rng(seed)
    walks = (random.normal(size=(random.integers(1, 60), 2)) for _ in range(random.integers(1, 41)))
    return Ink(tuple(walk.cumsum(axis=0) + 40 * random.normal(size=2) for walk in walks))


def count(recognizer: Recognizer, name: str, inks: Iterable[Ink]) -> None:
    """Print how many candidates are not canonical LaTeX, and how many were cut off at the length limit."""
    read, candidates, wrong, cut = 0, 0, 0, 0
    widest = recognizer.backend.beam_sizes[-1]
    for ink in inks:
        found = recognizer.recognize(ink, widest)
        read += 1
        candidates += len(found)
        wrong += sum(not is_canonical(candidate.tokens) for candidate in found)
        cut += sum(not candidate.complete for candidate in found)
    print(
        f"{name}: {read} inks, {candidates} candidates, {wrong} are not canonical LaTeX, "
        f"{cut} were cut off at the length limit",
        flush=True,
    )


def is_canonical(tokens: tuple[str, ...]) -> bool:
    """Whether tokens are canonical LaTeX."""
    try:
        return normalize(" ".join(tokens)) == tokens
    except LatexError:
        return False


if __name__ == "__main__":
    main()
