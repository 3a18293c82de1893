"""Batches of ink that is recombined on the fly.

The length of a recombined ink is known only after it is made, but a batch needs inks of one bucket. Therefore a window
of inks is made at once, assigned to buckets and cut into a fixed number of batches. Window w is a pure function of
(seed, w), so resuming at step t needs only t.
"""

from collections.abc import Sequence
from functools import lru_cache
from random import Random

import numpy as np

from tegashiki.ink.preprocess import normalize_boxes
from tegashiki.input_pipeline.batching import (
    Batch,
    EncodedInk,
    Limits,
    encode_arrays,
    lengths,
    pad_batch,
)
from tegashiki.input_pipeline.buckets import Bucket, Cost, assign_buckets
from tegashiki.latex.errors import LatexError
from tegashiki.latex.vocabulary import Vocabulary
from tegashiki.synthesis.fill import fill
from tegashiki.synthesis.formula_source import FormulaSource
from tegashiki.synthesis.framed_ink import FramedInk
from tegashiki.synthesis.habits import HabitsConfig, change_habits
from tegashiki.synthesis.prefix import random_prefix
from tegashiki.synthesis.recombine import Donors, RecombineConfig, recombine
from tegashiki.synthesis.scripts import add_second_script

WINDOW = 1024  # minimum number of inks per window
SAMPLE = 2048  # number of inks from which the number of batches per window is estimated


class Recombination:
    """An endless sequence of new inks made from the inks of a training set."""

    def __init__(
        self,
        inks: Sequence[FramedInk],
        vocabulary: Vocabulary,
        limits: Limits,
        config: RecombineConfig,
        seed: int,
        habits: HabitsConfig | None = None,
        symbols: Sequence[FramedInk] = (),
        lines: Sequence[str] = (),
    ) -> None:
        """Index the inks.

        Args:
            inks: The training inks.
            vocabulary: Defines the token ids.
            limits: The maximum lengths of the inks that are made.
            config: Probabilities of the operations.
            seed: Seed of all random choices.
            habits: Probabilities of changing habits; None for never.
            symbols: Inks of one symbol each that may replace symbols.
            lines: LaTeX formulas that may be typeset.
        """
        writers = (config.one_writer, config.two_writers)
        self._inks, self._donors = inks, Donors(inks, symbols, config.external_symbols, config.blend, *writers)
        self._vocabulary, self._limits, self._seed = vocabulary, limits, seed
        self._config, self._habits = config, habits or HabitsConfig()
        labels = Labels(inks) if config.typeset else []
        classes = sorted(self._donors.classes())
        shares = (config.grammar_formulas, config.paper_formulas, config.symbol_rows)
        others = {"numbers": config.numbers, "tables": config.tables, "school": config.school}
        self._formulas = FormulaSource(labels, lines, vocabulary, *shares, classes, **others)

    def __len__(self) -> int:
        """Return the number of training inks."""
        return len(self._inks)

    def inks(self, start: int, count: int) -> list[EncodedInk]:
        """Return `count` new inks from number `start` on.

        Among `len(self)` successive inks, every training ink is the base of one.
        """
        return [self._ink(index) for index in range(start, start + count)]

    def _ink(self, index: int) -> EncodedInk:
        epoch, place = divmod(index, len(self._inks))
        base = self._inks[_permutation(self._seed, epoch, len(self._inks))[place]]
        rng = np.random.default_rng([self._seed, 1, index])
        for _ in range(4):
            framed = self._typeset(rng) if rng.random() < self._config.typeset else None
            framed = framed or recombine(base, self._donors, rng, self._config)
            if framed.aligned and self._config.second_script and rng.random() < self._config.second_script:
                framed = add_second_script(framed, self._donors, rng)
            if framed.aligned and rng.random() < self._config.prefix:
                framed = random_prefix(framed, rng)
            ink = self._encoded(change_habits(framed, rng, self._habits))
            if ink is not None:
                return ink
        ink = self._encoded(base)
        assert ink is not None, "inks are within the limits and the vocabulary"
        return ink

    def _typeset(self, rng: np.random.Generator) -> FramedInk | None:
        """Typeset a formula; None if a few formulas in a row need a symbol that nobody drew."""
        random = Random(int(rng.integers(2**32)))
        for _ in range(4):
            framed = fill(self._formulas.draw(random), self._donors, rng)
            if framed is not None:
                return framed
        return None

    def _encoded(self, framed: FramedInk) -> EncodedInk | None:
        """Encode a framed ink; None if it exceeds the limits or its tokens are no longer canonical."""
        if len(framed) > self._limits.strokes or len(framed.tokens) + 1 > self._limits.tokens:
            return None
        boxes = normalize_boxes(framed.boxes_S3)
        try:
            return encode_arrays(framed.points_SP2, boxes, framed.tokens, framed.stroke_tokens, self._vocabulary)
        except LatexError:  # for example, `s i n` side by side spell another token
            return None


class Labels(Sequence[tuple[str, ...]]):
    """A view of inks as their tokens."""

    def __init__(self, inks: Sequence[FramedInk]) -> None:
        """Create a view of inks."""
        self._inks = inks

    def __len__(self) -> int:
        """Return the number of inks."""
        return len(self._inks)

    def __getitem__(self, index: int) -> tuple[str, ...]:  # type: ignore[override]
        """Return the tokens of one ink."""
        return self._inks[index].tokens


@lru_cache(maxsize=3)
def _permutation(seed: int, epoch: int, count: int) -> np.ndarray:
    return np.random.default_rng([seed, 0, epoch]).permutation(count)


class RecombinedSource(Sequence[list[Batch]]):
    """Windows of training batches with the rows of this process."""

    def __init__(
        self,
        recombination: Recombination,
        buckets: Sequence[Bucket],
        rows: Sequence[int],
        cost: Cost,
        steps: int,
        process: tuple[int, int] = (0, 1),
        seed: int = 0,
    ) -> None:
        """Fix the number of batches per window, slightly below the number estimated from the lengths of a sample.

        Args:
            recombination: Source of the inks.
            buckets: Padded shapes that together hold every ink.
            rows: Number of rows of each bucket's batches over all processes.
            cost: FLOPs of a padded ink.
            steps: Minimum number of batches.
            process: Index of this process and number of processes.
            seed: Seed of the order of batches and of the rounding of their number per bucket.
        """
        self._made, self._buckets, self._rows, self._cost, self._seed = recombination, buckets, rows, cost, seed
        self._process, self._processes = process
        assigned = assign_buckets(*lengths(recombination.inks(0, SAMPLE)), buckets, cost)
        share = np.bincount(assigned, minlength=len(buckets)) / SAMPLE
        self._window = max(WINDOW, 2 * sum(rows))  # also enough inks for a few large batches of every shape
        self.batches_per_window = max(1, int(0.95 * float((share * self._window / np.asarray(rows)).sum())))
        self._windows = -(-steps // self.batches_per_window)

    @property
    def steps_per_epoch(self) -> int:
        """Number of batches after which every training ink has been the base of an ink once."""
        return -(-len(self._made) * self.batches_per_window // self._window)

    def __len__(self) -> int:
        """Return the number of windows."""
        return self._windows

    def __getitem__(self, index: int) -> list[Batch]:  # type: ignore[override]
        """Return the batches of window `index` with the rows of this process."""
        inks = self._made.inks(index * self._window, self._window)
        assigned = assign_buckets(*lengths(inks), self._buckets, self._cost)
        # All processes draw the same numbers. NumPy ignores a trailing 0 in a seed, so seed 0 gives the draws of
        # earlier versions, which did not use the seed.
        random = np.random.default_rng([index, 2, self._seed])
        batches: list[tuple[int, np.ndarray]] = []
        for bucket, rows in enumerate(self._rows):
            members = np.flatnonzero(assigned == bucket)
            # Round at random: half a batch becomes a batch in half of the windows. Rounding to the nearest integer
            # would leave out buckets that fill less than half a batch per window, such as those of the longest inks
            # with many devices.
            count = int(len(members) / rows + random.random())
            batches += [(bucket, part) for part in np.resize(members, (count, rows))]
        order = random.permutation(len(batches))
        chosen = np.resize(order, self.batches_per_window)
        return [self._batch(inks, *batches[place]) for place in chosen]

    def _batch(self, inks: list[EncodedInk], bucket: int, members: np.ndarray) -> Batch:
        share = self._rows[bucket] // self._processes
        mine = members[self._process * share : (self._process + 1) * share]
        return pad_batch([inks[i] for i in mine], self._buckets[bucket], share)
