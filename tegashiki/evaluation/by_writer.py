"""Measure the effect of writer memory: recognise each ink with and without it, then learn the ink's truth."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from tqdm import tqdm

from tegashiki.errors import UserError
from tegashiki.evaluation.evaluate import read
from tegashiki.evaluation.figures import RESAMPLES, SEED, resampled
from tegashiki.evaluation.ink_result import InkResult
from tegashiki.evaluation.parallel import OpenRecognizer
from tegashiki.evaluation.report import Report, align, summarize
from tegashiki.evaluation.samples import Sample
from tegashiki.memory.memory import WriterMemory

BOUNDS = ((0, 0), (1, 4), (5, 11), (12, 19), (20, None))  # number of inks learnt before; None means no limit


@dataclass(frozen=True)
class Stage:
    """Results of the inks that were recognised after a certain number of inks of the same writer had been learnt.

    Attributes:
        learnt: Smallest and largest number of inks learnt before. None means no limit.
        inks: Number of inks.
        writers: Number of writers.
        exprate_without: Percent of inks recognised exactly without the memory. None if there are no inks.
        exprate: The same with the memory.
        gain_low: Lower end of the 95 % bootstrap interval of the gain, in percentage points. The bootstrap draws
            writers. None if there are no inks.
        gain_high: Upper end of it.
    """

    learnt: tuple[int, int | None]
    inks: int
    writers: int
    exprate_without: float | None
    exprate: float | None
    gain_low: float | None = None
    gain_high: float | None = None

    @property
    def name(self) -> str:
        """The range of `learnt` in words."""
        low, high = self.learnt
        return f"{low} and more" if high is None else str(low) if low == high else f"{low} to {high}"

    @property
    def gain(self) -> float:
        """The gain in ExpRate from the memory, in percentage points; 0 if there are no inks."""
        return (self.exprate or 0.0) - (self.exprate_without or 0.0)


def evaluate_by_writer(
    open_recognizer: OpenRecognizer, samples: Iterable[Sample], seed: int | None = None, total: int | None = None
) -> Report:
    """Recognise every ink without and with the memory of its writer so far, then learn its truth.

    Inks that name no writer count as inks of one writer. A truth that cannot be learnt, for example because it does
    not parse, is skipped.

    Args:
        open_recognizer: Returns a new recogniser without a memory.
        samples: The inks.
        seed: Seed of the random order of each writer's inks. None orders them by file name.
        total: Expected number of samples, used only by the progress bar.

    Returns:
        A report with one result for each sample, in the order of the samples. `writer`, `learnt` and
        `prediction_without` of each result are set.

    Raises:
        EvaluationError: There are no samples, or none has a truth.
        LearningError: The model cannot learn.
    """
    recognizer = open_recognizer()
    samples = list(samples)
    results: dict[int, InkResult] = {}
    with tqdm(desc="reading", unit=" inks", total=total, disable=None, smoothing=0.05) as progress:
        for writer, places in in_order(samples, seed).items():
            memory, learnt = WriterMemory(), 0
            remembering = recognizer.remembering(memory)
            for place in places:
                without = read(recognizer, samples[place])
                result = read(remembering, samples[place]) if learnt else without
                results[place] = replace(result, writer=writer, learnt=learnt, prediction_without=without.prediction)
                learnt += _learn(memory, samples[place], learnt)
                progress.update()
    return summarize([results[place] for place in range(len(samples))])


def in_order(samples: Sequence[Sample], seed: int | None = None) -> dict[str, list[int]]:
    """Return the order in which the inks of each writer are recognised.

    Args:
        samples: The inks.
        seed: Seed of a random order. None orders the inks by file name.

    Returns:
        The indices into `samples` by writer; "" is the writer of inks that name none.
    """
    by_writer: dict[str, list[int]] = {}
    for place in sorted(range(len(samples)), key=lambda place: samples[place].file):
        ink = samples[place].ink
        by_writer.setdefault(ink.writer if ink else "", []).append(place)
    if seed is not None:
        for writer, places in by_writer.items():
            random.Random(f"{seed}:{writer}").shuffle(places)
    return by_writer


def _learn(memory: WriterMemory, sample: Sample, when: int) -> bool:
    """Learn the truth of an ink. Return whether there was one that could be learnt."""
    if sample.ink is None or not sample.truth.strip():
        return False
    try:
        memory.learn(sample.ink, sample.truth, learnt=when)
    except UserError:
        return False
    return True


def stages(results: Sequence[InkResult]) -> list[Stage]:
    """Return the figures grouped by the number of inks learnt before, one stage for each range in `BOUNDS`."""
    return [_stage(results, low, high) for low, high in BOUNDS]


def _stage(results: Sequence[InkResult], low: int, high: int | None) -> Stage:
    members = [
        one for one in results if one.learnt is not None and low <= one.learnt <= (one.learnt if high is None else high)
    ]
    writers = sorted({one.writer or "" for one in members})
    if not members:
        return Stage((low, high), 0, 0, None, None)
    # One row for each writer: inks, right without the memory, right with it.
    counts_C3 = np.zeros((len(writers), 3))
    for one in members:
        row = writers.index(one.writer or "")
        counts_C3[row] += (1, right_without(one), one.edits == 0)
    inks, without, right = counts_C3.sum(axis=0)
    drawn = np.concatenate(list(resampled(len(writers), RESAMPLES, SEED))) @ counts_C3
    gains = 100 * (drawn[:, 2] - drawn[:, 1]) / drawn[:, 0]
    low_gain, high_gain = np.percentile(gains, [2.5, 97.5])
    return Stage(
        (low, high),
        int(inks),
        len(writers),
        100 * without / inks,
        100 * right / inks,
        float(low_gain),
        float(high_gain),
    )


def right_without(result: InkResult) -> bool:
    """Return whether an ink was recognised exactly without the memory."""
    return result.comparable and result.prediction_without == result.truth


def stage_entries(found: Sequence[Stage]) -> list[dict[str, Any]]:
    """Return the stages as JSON values."""
    return [{**asdict(stage), "learnt": list(stage.learnt)} for stage in found]


def stage_table(found: Sequence[Stage]) -> str:
    """Format the stages as a table with one stage per line."""
    lines: list[tuple[str, ...]] = [
        ("inks learnt before", "inks", "writers", "without", "with", "gain", "95 % from", "to")
    ]
    for stage in found:
        figures: tuple[str, ...] = ("-",) * 5
        if stage.inks:
            rates = (stage.exprate_without or 0.0, stage.exprate or 0.0)
            gains = (stage.gain, stage.gain_low or 0.0, stage.gain_high or 0.0)
            figures = (*(f"{rate:.2f}" for rate in rates), *(f"{gain:+.2f}" for gain in gains))
        lines.append((stage.name, str(stage.inks), str(stage.writers), *figures))
    return align(lines)
