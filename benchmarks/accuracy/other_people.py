"""How a model reads hands and symbols that CROHME lacks: symbols by themselves, and formulas put together out of them.

    python benchmarks/accuracy/other_people.py MODEL [...] --data-dir data [--symbols 2000] [--formulas 300]

MODEL is a .tflite, a checkpoint, or the word `default`. UNIPEN's last 15 % and Detypify are learnt from by no config
here; Detexify is, by the open ones: what is not read there was seen too seldom. By themselves many symbols are one and
the same (0 O o), so the second number, among five candidates, says more. Formulas, from a grammar over the whole
vocabulary and from papers, are typeset and filled with UNIPEN's, Detexify's and CROHME's validation writers' symbols.
"""

import argparse
from pathlib import Path
from random import Random

import numpy as np
from tqdm import tqdm

from tegashiki.datasets.prepared import load_examples
from tegashiki.evaluation.metrics import score
from tegashiki.ink.ink import Ink
from tegashiki.latex.vocabulary import DEFAULT_VOCABULARY
from tegashiki.open_model import open_model
from tegashiki.synthesis.fill import fill
from tegashiki.synthesis.formula_source import FormulaSource, read_lines
from tegashiki.synthesis.framed_ink import FramedInk
from tegashiki.synthesis.recombine import Donors

SYMBOL_SETS = {"UNIPEN": "unipen[85%:]", "Detypify": "detypify", "Detexify": "detexify"}
FORMULAS = "formulas/im2latex-val-test.norm.txt.xz"
SHARES = {"grammar_formulas": 0.6, "paper_formulas": 0.4}
FILLING = (SYMBOL_SETS["UNIPEN"], SYMBOL_SETS["Detexify"])
FOREIGN = 0.9  # of the symbols that CROHME has too
MOST_STROKES = 60


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+", metavar="MODEL", help="a .tflite, a checkpoint, or default")
    parser.add_argument("--data-dir", type=Path, default=Path("data"), help="prepared datasets (default data)")
    parser.add_argument("--symbols", type=int, default=2000, help="of each set, drawn at random (default 2000)")
    parser.add_argument("--formulas", type=int, default=300, help="(default 300)")
    args = parser.parse_args()
    sets = {name: symbols(split, args) for name, split in SYMBOL_SETS.items()}
    made = formulas(args)
    print(f"| model | {' | '.join(f'{name}: first, among five' for name in sets)} | formulas | <=1 | CER |")
    print("| --- |" + " --- |" * (len(sets) + 3))
    for model in args.models:
        recognizer = open_model(model)
        found = [read_alone(recognizer, examples) for examples in sets.values()]
        inks = [Ink(tuple(page.lines())) for page in made]
        read = [recognizer.recognize(ink)[0].tokens for ink in tqdm(inks, disable=None)]
        scores = score(read, [page.tokens for page in made])
        alone = " | ".join(f"{first:.1f}, {five:.1f}" for first, five in found)
        print(f"| {model} | {alone} | {scores.exprate:.1f} | {scores.exprate_le1:.1f} | {scores.cer:.3f} |", flush=True)


def symbols(split, args):
    """Some of a set's symbols, the same for every model."""
    examples = load_examples("symbols", split, args.data_dir)
    return [examples[int(i)] for i in np.random.default_rng(0).permutation(len(examples))[: args.symbols]]


def formulas(args):
    """Pages of typeset formulas, the same for every model."""
    known = load_examples("crohme", "validation", args.data_dir)
    pages = [FramedInk.of_example(each) for each in known if not DEFAULT_VOCABULARY.missing(each.tokens)]
    drawn = [each for split in FILLING for each in load_examples("symbols", split, args.data_dir)]
    donors = Donors(pages, [FramedInk.of_example(each) for each in drawn], FOREIGN)
    lines = read_lines(args.data_dir / FORMULAS)
    source = FormulaSource([page.tokens for page in pages], lines, DEFAULT_VOCABULARY, **SHARES)
    random, rng, made = Random(5), np.random.default_rng(5), []
    while len(made) < args.formulas:
        page = fill(source.draw(random), donors, rng)
        if page is not None and len(page) <= MOST_STROKES:
            made.append(page)
    return made


def read_alone(recognizer, examples):
    """Percent of symbols that are the first, and among the first five, candidates."""
    hits = []
    for example in tqdm(examples, disable=None):
        tokens = [candidate.tokens for candidate in recognizer.recognize(example.ink, 5)]
        hits.append((tokens[0] == example.tokens, example.tokens in tokens))
    return 100 * np.mean(hits, axis=0)


if __name__ == "__main__":
    main()
