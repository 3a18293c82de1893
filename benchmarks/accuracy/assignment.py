"""The share of symbols that get exactly their own strokes, among the inks that a model reads correctly.

python -m benchmarks.accuracy.assignment MODEL.tflite --split validation --data-dir data
"""

import argparse
from pathlib import Path

import numpy as np

from tegashiki.datasets.prepared import load_examples
from tegashiki.latex.normalize import visible_tokens
from tegashiki.recognizer.recognizer import Recognizer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path, help="a .tflite file")
    parser.add_argument("--dataset", default="crohme", help="default: crohme")
    parser.add_argument("--split", default="validation", help="default: validation")
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help="where datasets are prepared")
    args = parser.parse_args()
    recognizer = Recognizer.load(args.model, beams=1, restrict="crohme")
    inks = symbols = exact = 0
    for example in load_examples(args.dataset, args.split, args.data_dir):
        candidate = recognizer.recognize(example.ink)[0]
        if candidate.tokens != example.tokens or -1 in example.stroke_tokens:
            continue
        inks += 1
        for token in visible_tokens(candidate.tokens):
            strokes = tuple(np.flatnonzero(example.stroke_tokens == token).tolist())
            symbols += bool(strokes)
            exact += bool(strokes) and strokes == candidate.strokes_of_token[token]
    print(
        f"{args.dataset}/{args.split}: {inks} inks read correctly whose symbols are known, {symbols} symbols, "
        f"{100 * exact / max(symbols, 1):.2f} % with exactly their own strokes"
    )


if __name__ == "__main__":
    main()
