"""How well the doubt of a model marks what is wrong.

    python -m benchmarks.accuracy.doubt MODEL.tflite --split validation --data-dir data

A symbol of the first candidate is wrong if its token, or the structure before it, has to change to get the label
(after the last symbol also the structure behind it). Printed is the share of doubtful symbols that are wrong, and the
share of wrong symbols that are doubtful; then the same for readings that are not sure.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from rapidfuzz.distance import Levenshtein

from tegashiki.datasets.prepared import load_examples
from tegashiki.latex.normalize import visible_tokens
from tegashiki.recognizer.doubt import symbol_spans
from tegashiki.recognizer.recognizer import Recognizer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path, help="a .tflite file")
    parser.add_argument("--dataset", default="crohme", help="default: crohme")
    parser.add_argument("--split", default="validation", help="default: validation")
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help="where datasets are prepared")
    args = parser.parse_args()
    recognizer = Recognizer.load(args.model)
    wrong: list[bool] = []
    doubtful: list[bool] = []
    misread: list[bool] = []
    unsure: list[bool] = []
    for example in load_examples(args.dataset, args.split, args.data_dir):
        best = recognizer.recognize(example.ink, recognizer.beams)[0]
        visible = visible_tokens(best.tokens)
        wrong += wrong_symbols(best.tokens, example.tokens, visible)
        doubtful += [token in best.doubtful for token in visible]
        misread.append(best.tokens != example.tokens)
        unsure.append(not best.is_sure)
    print(f"{args.dataset}/{args.split}, the full vocabulary, {recognizer.beams} hypotheses")
    report("symbols", "in doubt", np.array(doubtful), np.array(wrong))
    report("readings", "not sure", np.array(unsure), np.array(misread))


def wrong_symbols(tokens: Sequence[str], label: Sequence[str], visible: Sequence[int]) -> list[bool]:
    """Return for each visible token of a reading whether it is wrong."""
    changed: set[int] = set()
    for edit in Levenshtein.opcodes(tokens, label):
        if edit.tag != "equal":
            changed.update(range(edit.src_start, max(edit.src_end, edit.src_start + 1)))
    return [not changed.isdisjoint(range(*span)) for span in symbol_spans(visible, len(tokens) + 1)]


def report(what: str, state: str, marked: np.ndarray, wrong: np.ndarray) -> None:
    """Print how well a mark finds what is wrong."""
    both = (marked & wrong).sum()
    hit, found = 100 * both / max(marked.sum(), 1), 100 * both / max(wrong.sum(), 1)
    print(
        f"{len(wrong)} {what}, {100 * wrong.mean():.1f} % wrong; {100 * marked.mean():.1f} % {state}: "
        f"{hit:.1f} % of these are wrong, and {found:.1f} % of the wrong ones are among them"
    )


if __name__ == "__main__":
    main()
