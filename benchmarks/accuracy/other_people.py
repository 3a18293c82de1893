"""How a model reads symbols and writers that CROHME lacks: single symbols, and formulas put together from them.

    python -m benchmarks.accuracy.other_people MODEL [...] --data-dir data [--symbols 2000] [--formulas 300]

No config here trains on the last 15 % of UNIPEN or on Detypify. The configs with openly licensed data do train on
Detexify; a symbol that is not read there was seen too rarely. Single symbols are often ambiguous (0 O o), so the second
number, among five candidates, says more. The formulas come from a grammar over the whole vocabulary and from papers,
and are typeset with symbols of UNIPEN, Detexify and CROHME's validation writers.
"""

import argparse
from pathlib import Path
from random import Random

import numpy as np
from tqdm import tqdm

from tegashiki.datasets.prepared import load_examples
from tegashiki.evaluation.metrics import score
from tegashiki.ink.example import Example
from tegashiki.ink.ink import Ink
from tegashiki.latex.vocabulary import DEFAULT_VOCABULARY
from tegashiki.open_model import open_model
from tegashiki.recognizer.recognizer import Recognizer
from tegashiki.synthesis.fill import fill
from tegashiki.synthesis.formula_source import FormulaSource, read_lines
from tegashiki.synthesis.framed_ink import FramedInk
from tegashiki.synthesis.recombine import Donors

SYMBOL_SETS = {"UNIPEN": "unipen[85%:]", "Detypify": "detypify", "Detexify": "detexify"}
FORMULAS = "formulas/im2latex-val-test.norm.txt.xz"
WIDE, PAPERS = 0.6, 0.4  # shares of formulas from the grammar and from papers
FILLING = (SYMBOL_SETS["UNIPEN"], SYMBOL_SETS["Detexify"])
FOREIGN = 0.9  # probability of taking a symbol from these sets where CROHME has it too
MOST_STROKES = 60


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+", metavar="MODEL", help="a .tflite, a checkpoint, or the word default")
    parser.add_argument("--data-dir", type=Path, default=Path("data"), help="prepared datasets (default: data)")
    parser.add_argument(
        "--symbols", type=int, default=2000, help="symbols of each set, drawn at random (default: 2000)"
    )
    parser.add_argument("--formulas", type=int, default=300, help="number of formulas (default: 300)")
    args = parser.parse_args()
    sets = {name: symbols(split, args) for name, split in SYMBOL_SETS.items()}
    made = formulas(args)
    print(f"| model | {' | '.join(f'{name}: first, among five' for name in sets)} | formulas | <=1 | CER |")
    print("| --- |" + " --- |" * (len(sets) + 3))
    for model in args.models:
        recognizer = open_model(model)
        found = [read_alone(recognizer, examples) for examples in sets.values()]
        inks = [Ink(tuple(ink.lines())) for ink in made]
        read = [recognizer.recognize(ink)[0].tokens for ink in tqdm(inks, disable=None)]
        scores = score(read, [ink.tokens for ink in made])
        alone = " | ".join(f"{first:.1f}, {five:.1f}" for first, five in found)
        print(f"| {model} | {alone} | {scores.exprate:.1f} | {scores.exprate_le1:.1f} | {scores.cer:.3f} |", flush=True)


def symbols(split: str, args: argparse.Namespace) -> list[Example]:
    """Draw symbols of a set, the same for every model."""
    examples = load_examples("symbols", split, args.data_dir)
    return [examples[int(i)] for i in np.random.default_rng(0).permutation(len(examples))[: args.symbols]]


def formulas(args: argparse.Namespace) -> list[FramedInk]:
    """Typeset formulas, the same for every model."""
    known = load_examples("crohme", "validation", args.data_dir)
    inks = [FramedInk.of_example(each) for each in known if not DEFAULT_VOCABULARY.missing(each.tokens)]
    drawn = [each for split in FILLING for each in load_examples("symbols", split, args.data_dir)]
    donors = Donors(inks, [FramedInk.of_example(each) for each in drawn], FOREIGN)
    lines = read_lines(args.data_dir / FORMULAS)
    source = FormulaSource([ink.tokens for ink in inks], lines, DEFAULT_VOCABULARY, WIDE, PAPERS)
    random, rng = Random(5), np.random.default_rng(5)
    made: list[FramedInk] = []
    while len(made) < args.formulas:
        ink = fill(source.draw(random), donors, rng)
        if ink is not None and len(ink) <= MOST_STROKES:
            made.append(ink)
    return made


def read_alone(recognizer: Recognizer, examples: list[Example]) -> np.ndarray:
    """Percent of symbols that are the first candidate, and percent that are among the first five: (2,)."""
    hits = []
    for example in tqdm(examples, disable=None):
        tokens = [candidate.tokens for candidate in recognizer.recognize(example.ink, 5)]
        hits.append((tokens[0] == example.tokens, example.tokens in tokens))
    return 100 * np.mean(hits, axis=0)


if __name__ == "__main__":
    main()
