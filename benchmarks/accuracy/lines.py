"""How well are lines of writing told apart while they are written?

python -m benchmarks.accuracy.lines --split validation --data-dir data
python -m benchmarks.accuracy.lines --split validation --data-dir data --model default

Single formulas (`crohme`) must stay whole. Pages are made of 2 to 6 formulas by one writer under each other, each with
a little other size, indent and gap. On every second page one stroke of a line is written only after the next line.
`lines` has real pages of numbers, of which only the number of lines is known. Tables by held-out people (`people`,
validation only) are written row by row and may come apart where no bracket holds them together.

With --model, the lines of pages are also read: the share read exactly, told apart and given, and what a page of ten
lines costs, line by line.
"""

import argparse
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tegashiki.datasets.prepared import DatasetNotReadyError, load_examples
from tegashiki.ink.example import Example
from tegashiki.latex.symbols import ROW_BREAK, TABLE_BEGIN
from tegashiki.recognizer.lines import box_of, tell_apart
from tegashiki.recognizer.page_session import PageSession
from tegashiki.recognizer.recognizer import Recognizer

GAPS = ((0.5, 1.0), (1.0, 1.5), (1.5, 2.5))  # median sizes of strokes between the boxes of two lines
SEED = 1


@dataclass(frozen=True)
class Page:
    """Formulas under each other.

    Attributes:
        strokes: The strokes in the order of writing.
        lines: For each stroke the index of its line.
        delayed: The stroke that was written after the next line, None if there is none.
        labels: The canonical tokens of each line.
    """

    strokes: list[np.ndarray]
    lines: list[int]
    delayed: int | None
    labels: list[tuple[str, ...]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--split", choices=("train", "validation"), default="validation", help="default: validation")
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help="where datasets are prepared")
    parser.add_argument("--pages", type=int, default=300, metavar="N", help="pages for each gap (default: 300)")
    parser.add_argument("--model", metavar="FILE", help="also read pages with a .tflite file, or `default`")
    args = parser.parse_args()
    examples = load_examples("crohme", args.split, args.data_dir)
    formulas = [example for example in examples if TABLE_BEGIN not in example.tokens]
    torn = sum(len(tell_apart(example.ink.strokes)) > 1 for example in formulas)
    print(f"crohme/{args.split}: {torn} of {len(formulas)} single formulas torn apart ({torn / len(formulas):.2%})")
    for gaps in GAPS:
        print(_told(list(pages(formulas, args.pages, gaps)), gaps))
    _print_others(args)
    if args.model:
        recognizer = Recognizer.load(None if args.model == "default" else args.model)
        for gaps in GAPS:
            print(_read(recognizer, list(pages(formulas, max(args.pages // 5, 1), gaps)), gaps))
        _print_costs(recognizer, formulas)


def pages(formulas: Sequence[Example], count: int, gaps: tuple[float, float]) -> Iterator[Page]:
    """Yield made-up pages with gaps in a range, always the same ones."""
    chance = np.random.default_rng(SEED)
    by_writer: dict[str, list[Example]] = defaultdict(list)
    for example in formulas:
        by_writer[example.ink.writer].append(example)
    writers = [inks for _, inks in sorted(by_writer.items()) if len(inks) > 5]
    for number in range(count):
        inks = writers[chance.integers(len(writers))]
        chosen = [inks[i] for i in chance.choice(len(inks), min(int(chance.integers(2, 7)), len(inks)), replace=False)]
        yield _page(chosen, gaps, number % 2 == 1, chance)


def _page(chosen: Sequence[Example], gaps: tuple[float, float], delay: bool, chance: np.random.Generator) -> Page:
    sizes = [_size(example.ink.strokes) for example in chosen]
    size, gap = float(np.median(sizes)), chance.uniform(*gaps)
    bottom, width = 0.0, 0.0
    lines: list[list[np.ndarray]] = []
    for example, own in zip(chosen, sizes, strict=True):
        factor = (size / own) ** chance.uniform(0.5, 1) * chance.uniform(0.85, 1.15)
        strokes = [stroke * factor for stroke in example.ink.strokes]
        points = np.concatenate(strokes)
        width = width or float(np.ptp(points[:, 0]))
        indent = chance.uniform(-1, 1) * size if chance.random() < 0.7 else chance.uniform(0, 0.4) * width
        shift = np.array([indent, bottom + gap * chance.uniform(0.8, 1.2) * size]) - points.min(axis=0)
        lines.append([stroke + shift for stroke in strokes])
        bottom = float((points + shift)[:, 1].max())
    order = [(line, stroke) for line, strokes in enumerate(lines) for stroke in range(len(strokes))]
    delayed = None
    if delay:
        line = int(chance.integers(len(lines) - 1))
        late = (line, int(chance.integers(len(lines[line]))))
        order.remove(late)
        delayed = max(i for i, (other, _) in enumerate(order) if other == line + 1) + 1
        order.insert(delayed, late)
    strokes = [lines[line][stroke] for line, stroke in order]
    return Page(strokes, [line for line, _ in order], delayed, [example.tokens for example in chosen])


def _size(strokes: Sequence[np.ndarray]) -> float:
    return float(np.median([box_of(stroke).side for stroke in strokes])) or 1.0


def matched(page: Page) -> dict[int, int]:
    """Tell the strokes of a page apart; return for each stroke that is in the right line its line.

    A line that was found is the one of the page that it shares most strokes with, one to one.
    """
    found = {stroke: number for number, line in enumerate(tell_apart(page.strokes)) for stroke in line}
    shared = Counter((found[stroke], line) for stroke, line in enumerate(page.lines))
    pairs: dict[int, int] = {}
    for (number, line), _ in shared.most_common():
        if number not in pairs and line not in pairs.values():
            pairs[number] = line
    return {stroke: line for stroke, line in enumerate(page.lines) if pairs.get(found[stroke]) == line}


def _told(made: Sequence[Page], gaps: tuple[float, float]) -> str:
    right = [matched(page) for page in made]
    strokes = sum(map(len, right)) / sum(len(page.strokes) for page in made)
    whole = sum(len(found) == len(page.strokes) for page, found in zip(made, right, strict=True)) / len(made)
    late = [page.delayed in found for page, found in zip(made, right, strict=True) if page.delayed is not None]
    return (
        f"gap {gaps[0]} to {gaps[1]}, {len(made)} pages: {strokes:.1%} of the strokes right, {whole:.1%} of the pages "
        f"entirely right, {sum(late) / max(len(late), 1):.1%} of the delayed strokes"
    )


def _print_others(args: argparse.Namespace) -> None:
    for name, split in (("lines", args.split), ("people", "validation")):
        try:
            examples = list(load_examples(name, split, args.data_dir))
        except DatasetNotReadyError:
            continue
        found: Counter[tuple[str, bool]] = Counter()
        for example in examples:
            count, tokens = len(tell_apart(example.ink.strokes)), example.tokens
            if TABLE_BEGIN not in tokens:
                found["single lines", count == 1] += 1
            elif name == "lines":
                found["pages", count == 1 + tokens.count(ROW_BREAK)] += 1
            elif tokens[tokens.index(TABLE_BEGIN) - 1 : tokens.index(TABLE_BEGIN)]:
                found["tables with a bracket or other signs before them", count == 1] += 1
        for kind in dict.fromkeys(kind for kind, _ in found):
            right = found[kind, True]
            print(f"{name}/{split}, {kind}: {right} of {right + found[kind, False]} right")


def _read(recognizer: Recognizer, made: Sequence[Page], gaps: tuple[float, float]) -> str:
    """Read the lines of pages, told apart and given, and return the shares that are read exactly."""
    count = apart = given = 0
    for page in made:
        told, known = PageSession(recognizer), PageSession(recognizer)
        told.add_strokes(page.strokes)
        lines = [
            [s for s, of in zip(page.strokes, page.lines, strict=True) if of == n] for n in range(len(page.labels))
        ]
        known.replace_lines(lines)
        read, wanted = [each.tokens for each in told.read().lines], page.labels
        apart += sum((Counter(read) & Counter(wanted)).values())
        given += sum(each.tokens == label for each, label in zip(known.read().lines, wanted, strict=True))
        count += len(wanted)
    shares = f"{apart / count:.1%} told apart, {given / count:.1%} given"
    return f"gap {gaps[0]} to {gaps[1]}, {count} lines read exactly: {shares}"


def _print_costs(recognizer: Recognizer, formulas: Sequence[Example]) -> None:
    """Write one formula ten times under itself; print what reading costs after each line."""
    ink = next(example.ink for example in formulas if len(example.ink.strokes) == 12)
    page, whole = PageSession(recognizer), recognizer.session()
    height = 3 * float(np.ptp(np.concatenate(ink.strokes)[:, 1]))
    for line in range(10):
        strokes = [stroke + np.array([0, line * height]) for stroke in ink.strokes]
        page.add_strokes(strokes)
        whole.add_strokes(strokes)
        times = []
        for read in (page.read, whole.candidates):
            start = time.perf_counter()
            read()
            times.append(1000 * (time.perf_counter() - start))
        print(f"line {line + 1}: {times[0]:.0f} ms as a page, {times[1]:.0f} ms as one formula")


if __name__ == "__main__":
    main()
