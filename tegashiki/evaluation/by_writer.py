"""What a memory of its writer gives a recogniser: each ink is read with it and without it, then its truth is learnt."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from tqdm import tqdm

from tegashiki.errors import UserError
from tegashiki.evaluation.evaluate import OpenRecognizer, read
from tegashiki.evaluation.figures import RESAMPLES, SEED, resampled
from tegashiki.evaluation.ink_result import InkResult
from tegashiki.evaluation.report import Report, align, summarize
from tegashiki.evaluation.samples import Sample
from tegashiki.memory.memory import WriterMemory

BOUNDS = ((0, 0), (1, 4), (5, 11), (12, 19), (20, None))  # inks learnt before; None is no limit


@dataclass(frozen=True)
class Stage:
    """The inks read after so many of their writers' inks were learnt.

    learnt: the fewest and the most, None for no limit. exprate_without, exprate: percent read exactly without and with
    the memory, None where there are no inks. gain_low, gain_high: 95 % of bootstrap resamples of writers have a gain
    between these, in points.
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
        """The bounds in words."""
        low, high = self.learnt
        return f"{low} and more" if high is None else str(low) if low == high else f"{low} to {high}"

    @property
    def gain(self) -> float:
        """What the memory gives, in points; 0 where there are no inks."""
        return (self.exprate or 0.0) - (self.exprate_without or 0.0)


def evaluate_by_writer(
    open_recognizer: OpenRecognizer, samples: Iterable[Sample], seed: int | None = None, total: int | None = None
) -> Report:
    """Read every ink without and with what was learnt of its writer so far, then learn its truth.

    Inks without a writer are one writer's. A truth that cannot be learnt, such as one that does not parse, is not.

    Args:
        open_recognizer: makes a recogniser without a memory.
        samples: the inks.
        seed: of the order in which each writer's inks come, by lot; None is by file name.
        total: how many samples to expect, for the progress bar alone.

    Returns:
        A report with one reading for every sample, in their order; each knows `writer`, `learnt` and
        `prediction_without`.

    Raises:
        EvaluationError: where there is no sample, or none with a truth.
        LearningError: where the model cannot learn.
    """
    recognizer = open_recognizer()
    samples = list(samples)
    readings: dict[int, InkResult] = {}
    with tqdm(desc="reading", unit=" inks", total=total, disable=None, smoothing=0.05) as progress:
        for writer, places in in_order(samples, seed).items():
            memory, learnt = WriterMemory(), 0
            remembering = recognizer.remembering(memory)
            for place in places:
                without = read(recognizer, samples[place])
                reading = read(remembering, samples[place]) if learnt else without
                readings[place] = replace(reading, writer=writer, learnt=learnt, prediction_without=without.prediction)
                learnt += _learn(memory, samples[place], learnt)
                progress.update()
    return summarize([readings[place] for place in range(len(samples))])


def in_order(samples: Sequence[Sample], seed: int | None = None) -> dict[str, list[int]]:
    """Return the places of the samples by writer, each writer's by file name or, with a seed, by lot."""
    by_writer: dict[str, list[int]] = {}
    for place in sorted(range(len(samples)), key=lambda place: samples[place].file):
        ink = samples[place].ink
        by_writer.setdefault(ink.writer if ink else "", []).append(place)
    if seed is not None:
        for writer, places in by_writer.items():
            random.Random(f"{seed}:{writer}").shuffle(places)
    return by_writer


def _learn(memory: WriterMemory, sample: Sample, when: int) -> bool:
    """Learn an ink's truth; False where it has none that can be learnt."""
    if sample.ink is None or not sample.truth.strip():
        return False
    try:
        memory.learn(sample.ink, sample.truth, learnt=when)
    except UserError:
        return False
    return True


def stages(readings: Sequence[InkResult]) -> list[Stage]:
    """Return the figures by how many inks were learnt before."""
    return [_stage(readings, low, high) for low, high in BOUNDS]


def _stage(readings: Sequence[InkResult], low: int, high: int | None) -> Stage:
    members = [
        one
        for one in readings
        if one.learnt is not None and low <= one.learnt <= (one.learnt if high is None else high)
    ]
    writers = sorted({one.writer or "" for one in members})
    if not members:
        return Stage((low, high), 0, 0, None, None)
    # by writer: inks, right without the memory, right with it
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


def right_without(reading: InkResult) -> bool:
    """Whether an ink was read exactly without the memory."""
    return reading.comparable and reading.prediction_without == reading.truth


def stage_entries(found: Sequence[Stage]) -> list[dict[str, Any]]:
    """Return the stages as JSON values."""
    return [{**asdict(stage), "learnt": list(stage.learnt)} for stage in found]


def stage_table(found: Sequence[Stage]) -> str:
    """Lay out the stages, one a line."""
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
