"""The cost of a writer's memory, and the harm that it can do.

    python -m benchmarks.accuracy.writer_memory --data-dir data                      # the writers of validation
    python -m benchmarks.accuracy.writer_memory --data-dir data --split test_2014    # the final figures
    python -m benchmarks.accuracy.writer_memory --data-dir data --only time others

The parts:

    time         time and size of a full memory
    others       reading with a memory of three other writers
    label        learning with a wrong label
    restriction  learning under a restriction, reading without it
    calibration  calibration error with and without a memory
    introduction a memory of single symbols against one of formulas

Settings are chosen on validation. Times are CPU times. Each ink is read PAIRS times with and without a full memory in
alternate order; the ratio is the median over these pairs, so other programs disturb it little.
"""

import argparse
import random
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from tegashiki.evaluation.evaluate import judge_truth
from tegashiki.evaluation.figures import layout_or_none
from tegashiki.evaluation.samples import dataset_samples
from tegashiki.ink.ink import Ink
from tegashiki.latex.layout import labelled_paths
from tegashiki.latex.visible import INVISIBLE
from tegashiki.latex.vocabulary import RESTRICTIONS
from tegashiki.memory.introduction import SYMBOLS
from tegashiki.memory.memory import WriterMemory
from tegashiki.open_model import open_model
from tegashiki.recognizer.reader import Reader

LEAST_INKS = 12  # writers with fewer inks are left out
LEARNT = 20  # most inks that the part `label` learns of a writer, one of them with a wrong label
LENT = 25  # most inks that the part `others` learns of each other writer
BINS = 10  # of the calibration error
PAIRS = 6  # readings of an ink with and without a memory, for the time


class Writing(NamedTuple):
    """An ink and its truth in LaTeX, and for each token the indices of its strokes, None if they are unknown."""

    ink: Ink
    truth: str
    strokes_of_token: Sequence[Sequence[int]] | None = None


Writers = dict[str, list[Writing]]  # by the writer's name, in random order


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="default", metavar="MODEL")
    parser.add_argument("--data-dir", type=Path, default="data", metavar="DIR")
    parser.add_argument("--split", default="validation")
    parser.add_argument("--beam", type=int, default=5, metavar="N")
    parser.add_argument("--restrict", default="crohme", metavar="NAME")
    parser.add_argument("--most", type=int, default=40, metavar="N", help="inks read of each writer (default: 40)")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), help="parts to measure")
    args = parser.parse_args()
    recognizer = open_model(args.model, beams=args.beam, restrict=args.restrict)
    writers = load_writers(args.split, args.data_dir)
    for name in args.only:
        PARTS[name](recognizer, writers, args.most)


def load_writers(split: str, data_dir: Path | None) -> Writers:
    writers = defaultdict(list)
    for sample in dataset_samples("crohme", split, data_dir):
        if sample.ink is not None:
            writers[sample.ink.writer].append(Writing(sample.ink, sample.truth, sample.strokes_of_token))
    for samples in writers.values():
        random.Random(0).shuffle(samples)
    return dict(writers)


def tokens_read(recognizer: Reader, sample: Writing) -> tuple[str, ...]:
    return recognizer.recognize(sample.ink)[0].tokens


def truth_of(sample: Writing) -> tuple[str, ...]:
    return tuple(judge_truth(sample.truth)[0].split())


def memory_of(samples: Iterable[Writing], allowed: Iterable[str] | None = None) -> WriterMemory:
    memory = WriterMemory()
    for when, sample in enumerate(samples):
        memory.learn(sample.ink, sample.truth, learnt=when, allowed=allowed)
    return memory


def writers_with_many_inks(writers: Writers) -> Writers:
    """Return the writers with at least LEAST_INKS inks."""
    return {writer: samples for writer, samples in writers.items() if len(samples) >= LEAST_INKS}


def measure_time(recognizer: Reader, writers: Writers, most: int) -> None:
    """Measure the time and size of a full memory."""
    samples = [sample for samples in writers.values() for sample in samples]
    full = memory_of(samples)
    remembering = recognizer.remembering(full)
    start = time.process_time()
    remembering.make_keys()
    each = 1000 * (time.process_time() - start) / len(full)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "memory.json"
        bare = memory_of(samples[-len(full) :])
        bare.save(path)
        size = path.stat().st_size / len(bare)
        full.save(path)
        print(
            f"{len(full)} formulas, {full.tokens} tokens: {300 * size / 1e6:.2f} MB per 300 formulas without keys, "
            f"{path.stat().st_size / 1e6:.2f} MB for all with keys; learning takes {each:.1f} ms an ink"
        )
    times = np.zeros((2, min(100, len(samples)), PAIRS))
    for index, sample in enumerate(samples[: times.shape[1]]):
        for turn in range(PAIRS):
            order = (0, 1) if turn % 2 else (1, 0)  # neither always finds the other's data in the caches
            for which in order:
                start = time.process_time()
                (recognizer, remembering)[which].recognize(sample.ink)
                times[which, index, turn] = time.process_time() - start
    without, with_it = 1000 * np.median(times, axis=2).mean(axis=1)
    ratio = np.median(times[1] / times[0])
    print(
        f"reading takes {without:.2f} ms without a memory, {with_it:.2f} ms with the full one; "
        f"median of {times[0].size} pairs: {ratio - 1:+.1%}"
    )


def measure_others(recognizer: Reader, writers: Writers, most: int) -> None:
    """Read each writer's inks with a memory of three other writers' inks."""
    inks_of, count, right = writers_with_many_inks(writers), 0, np.zeros(2, int)
    for writer, samples in inks_of.items():
        others = random.Random(writer).sample(sorted(inks_of.keys() - {writer}), 3)
        foreign = recognizer.remembering(memory_of([each for other in others for each in inks_of[other][:LENT]]))
        for sample in samples[:most]:
            truth = truth_of(sample)
            right += [tokens_read(reader, sample) == truth for reader in (recognizer, foreign)]
            count += 1
    rates = 100 * right / count
    print(
        f"memory of other writers, {count} inks: {rates[0]:.2f} without, {rates[1]:.2f} with, "
        f"{rates[1] - rates[0]:+.2f}"
    )


def measure_label(recognizer: Reader, writers: Writers, most: int) -> None:
    """Count the symbols lost to a wrong label: one of at most LEARNT labels of a writer has one symbol replaced."""
    total, lost, gained = 0, np.zeros(2, int), np.zeros(2, int)
    for writer, samples in writers_with_many_inks(writers).items():
        learnt, rest = samples[: min(LEARNT, len(samples) // 2)], samples[min(LEARNT, len(samples) // 2) :][:most]
        readers = [recognizer.remembering(memory_of(learnt)), recognizer.remembering(damaged(learnt, writer))]
        for sample in rest:
            truth, before = truth_of(sample), tokens_read(recognizer, sample)
            right = right_symbols(before, truth)
            after = [right_symbols(tokens_read(reader, sample), truth) for reader in readers]
            total += len(right)
            lost += [len(right - each) for each in after]
            gained += [len(each - right) for each in after]
    print(
        f"wrong label: of {total} right symbols {lost[0]} are lost with sound labels (and {gained[0]} gained), "
        f"{lost[1]} with one wrong label per writer, of at most {LEARNT} ({gained[1]} gained)"
    )


def damaged(samples: Sequence[Writing], seed: str) -> WriterMemory:
    """Return a memory of samples, with one symbol of one randomly chosen label replaced by another symbol."""
    chooser = random.Random(seed)
    truths = [list(truth_of(sample)) for sample in samples]
    drawn = sorted({token for truth in truths for token in truth} - INVISIBLE - {r"\frac", r"\sqrt"})
    index = chooser.randrange(len(samples))
    places = [place for place, token in enumerate(truths[index]) if token in drawn]
    place = chooser.choice(places)
    truths[index][place] = chooser.choice([token for token in drawn if token != truths[index][place]])
    memory = WriterMemory()
    for when, (sample, truth) in enumerate(zip(samples, truths, strict=True)):
        memory.learn(sample.ink, " ".join(truth), learnt=when)
    return memory


def right_symbols(read: Sequence[str], truth: Sequence[str]) -> set[tuple[str, str]]:
    """Return the symbols of the truth, each with its place in the layout, that a reading also has."""
    expected, found = layout_or_none(truth), layout_or_none(read)
    return set(labelled_paths(expected or ())) & set(labelled_paths(found or ()))


def measure_restriction(recognizer: Reader, writers: Writers, most: int) -> None:
    """Learn inks of digits and operators under the restriction `calculator`, then read other inks without it."""
    allowed, count, right = RESTRICTIONS["calculator"], 0, np.zeros(2, int)
    for samples in writers_with_many_inks(writers).values():
        inside = [sample for sample in samples if allowed.issuperset(truth_of(sample))]
        others = [sample for sample in samples if not allowed.issuperset(truth_of(sample))][:most]
        narrow = recognizer.remembering(memory_of(inside, allowed=allowed))
        for sample in others:
            truth = truth_of(sample)
            right += [tokens_read(reader, sample) == truth for reader in (recognizer, narrow)]
            count += 1
    rates = 100 * right / count
    print(f"learnt under the restriction `calculator`, {count} other inks: {rates[0]:.2f} without, {rates[1]:.2f} with")


def measure_introduction(recognizer: Reader, writers: Writers, most: int) -> None:
    """Compare memories of the drawings of an introduction, of at most LEARNT formulas, and of both.

    The drawings are cut out of the writer's formulas that come first: the first drawing of each symbol.
    """
    count, drawn, right = 0, 0, np.zeros(4, int)
    inks_of = writers_with_many_inks(writers)
    for samples in inks_of.values():
        half = min(LEARNT, len(samples) // 2)
        formulas, rest = samples[:half], samples[half:][:most]
        symbols = cut_out(formulas)
        drawn += len(symbols)
        memories = (symbols, formulas, [*symbols, *formulas])
        readers = [recognizer, *(recognizer.remembering(memory_of(learnt)) for learnt in memories)]
        for sample in rest:
            truth = truth_of(sample)
            right += [tokens_read(reader, sample) == truth for reader in readers]
            count += 1
    rates = 100 * right / count
    print(
        f"introduction, {count} inks, {drawn / len(inks_of):.1f} of {len(SYMBOLS)} symbols per writer: "
        f"{rates[0]:.2f} without, {rates[1]:.2f} with the symbols, {rates[2]:.2f} with at most {LEARNT} formulas, "
        f"{rates[3]:.2f} with both"
    )


def cut_out(samples: Iterable[Writing]) -> list[Writing]:
    """Return the first drawing of each symbol of the introduction, as a formula by itself."""
    found: dict[str, Writing] = {}
    for sample in samples:
        for token, strokes in zip(sample.truth.split(), sample.strokes_of_token or (), strict=False):
            if token in SYMBOLS and token not in found and strokes:
                found[token] = Writing(Ink(tuple(sample.ink.strokes[index] for index in strokes)), token)
    return list(found.values())


def measure_calibration(recognizer: Reader, writers: Writers, most: int) -> None:
    """Measure the expected calibration error over BINS bins, with a memory of the writer's earlier inks."""
    found: tuple[list[tuple[float, bool]], list[tuple[float, bool]]] = ([], [])
    for samples in writers_with_many_inks(writers).values():
        memory = WriterMemory()
        remembering = recognizer.remembering(memory)
        for when, sample in enumerate(samples[:most]):
            truth = truth_of(sample)
            for which, reader in enumerate((recognizer, remembering)):
                best = reader.recognize(sample.ink)[0]
                found[which].append((best.probability, best.tokens == truth))
            memory.learn(sample.ink, sample.truth, learnt=when)
    errors = [calibration_error(np.array(each, float)) for each in found]
    print(f"calibration error, {len(found[0])} inks: {errors[0]:.3f} without, {errors[1]:.3f} with")


def calibration_error(pairs_N2: np.ndarray) -> float:
    """Return the expected calibration error of (probability, whether the reading is right)."""
    bins = np.minimum((BINS * pairs_N2[:, 0]).astype(int), BINS - 1)
    gaps = [abs((pairs_N2[bins == each, 0] - pairs_N2[bins == each, 1]).sum()) for each in range(BINS)]
    return sum(gaps) / len(pairs_N2)


PARTS: dict[str, Callable[[Reader, Writers, int], None]] = {
    "time": measure_time,
    "others": measure_others,
    "label": measure_label,
    "restriction": measure_restriction,
    "calibration": measure_calibration,
    "introduction": measure_introduction,
}

if __name__ == "__main__":
    main()
