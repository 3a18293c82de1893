"""Batches of ink recombined on the fly: element w is window w, a fixed number of batches, a pure function of (seed, w).

The length of recombined ink is known only once it is made, and a batch wants inks of one bucket. So a window of inks is
made together, sorted into buckets and cut into batches; resuming at step t needs t alone.
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

WINDOW = 1024  # inks made together, at least
SAMPLE = 2048  # inks by which the buckets are chosen


class Recombination:
    """Endless new inks out of a training set's inks."""

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
          inks: the training inks.
          vocabulary: token ids.
          limits: the longest ink that is made.
          config: what is done how often.
          seed: of everything that is drawn.
          habits: how often inks get other habits; None is never.
          symbols: inks of one symbol each that may take a symbol's place.
          lines: LaTeX formulas that may be typeset.
        """
        hands_apart = (config.one_writer, config.two_writers)
        self._inks, self._donors = inks, Donors(inks, symbols, config.external_symbols, config.blend, *hands_apart)
        self._vocabulary, self._limits, self._seed = vocabulary, limits, seed
        self._config, self._habits = config, habits or HabitsConfig()
        labels = Labels(inks) if config.typeset else []
        classes = sorted(self._donors.classes())
        shares = (config.grammar_formulas, config.paper_formulas, config.symbol_rows)
        others = {"numbers": config.numbers, "tables": config.tables, "school": config.school}
        self._formulas = FormulaSource(labels, lines, vocabulary, *shares, classes, **others)

    def __len__(self) -> int:
        """Return how many inks there are."""
        return len(self._inks)

    def inks(self, start: int, count: int) -> list[EncodedInk]:
        """Return inks number `start` on; every framed is the base of one ink in each `len(self)` of them."""
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
        """Typeset a formula; None where a few in a row need a symbol that nobody drew."""
        random = Random(int(rng.integers(2**32)))
        for _ in range(4):
            framed = fill(self._formulas.draw(random), self._donors, rng)
            if framed is not None:
                return framed
        return None

    def _encoded(self, framed: FramedInk) -> EncodedInk | None:
        """Encode a framed; None where it is over the limits or its tokens have become another formula's."""
        if len(framed) > self._limits.strokes or len(framed.tokens) + 1 > self._limits.tokens:
            return None
        boxes = normalize_boxes(framed.boxes_S3)
        try:
            return encode_arrays(framed.points_SP2, boxes, framed.tokens, framed.stroke_tokens, self._vocabulary)
        except LatexError:  # such as `s i n` put side by side, which spells another token
            return None


class Labels(Sequence[tuple[str, ...]]):
    """The tokens of inks, looked up when they are asked for."""

    def __init__(self, inks: Sequence[FramedInk]) -> None:
        """Look at inks as labels."""
        self._inks = inks

    def __len__(self) -> int:
        """Return the number of inks."""
        return len(self._inks)

    def __getitem__(self, index: int) -> tuple[str, ...]:  # type: ignore[override]
        """Return the tokens of one framed."""
        return self._inks[index].tokens


@lru_cache(maxsize=3)
def _permutation(seed: int, epoch: int, count: int) -> np.ndarray:
    return np.random.default_rng([seed, 0, epoch]).permutation(count)


class RecombinedSource(Sequence[list[Batch]]):
    """Windows of training batches, this process's rows of them."""

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
        """Fix how many batches a window gives: what the sample's lengths make of it, a little less than they would.

        `seed` is of the batches' order, and of which windows have one batch more of a shape.
        """
        self._made, self._buckets, self._rows, self._cost, self._seed = recombination, buckets, rows, cost, seed
        self._process, self._processes = process
        assigned = assign_buckets(*lengths(recombination.inks(0, SAMPLE)), buckets, cost)
        share = np.bincount(assigned, minlength=len(buckets)) / SAMPLE
        self._window = max(WINDOW, 2 * sum(rows))  # large batches: of every shape a few, and one at the very least
        self.batches_per_window = max(1, int(0.95 * float((share * self._window / np.asarray(rows)).sum())))
        self._windows = -(-steps // self.batches_per_window)

    @property
    def steps_per_epoch(self) -> int:
        """After how many batches every ink has been a base once."""
        return -(-len(self._made) * self.batches_per_window // self._window)

    def __len__(self) -> int:
        """Return the number of windows."""
        return self._windows

    def __getitem__(self, index: int) -> list[Batch]:  # type: ignore[override]
        """Return the batches of window `index`."""
        inks = self._made.inks(index * self._window, self._window)
        assigned = assign_buckets(*lengths(inks), self._buckets, self._cost)
        # Every process draws the same. Of seed 0 these are the draws from when the seed had no part in them.
        random = np.random.default_rng([index, 2, self._seed])
        batches: list[tuple[int, np.ndarray]] = []
        for bucket, rows in enumerate(self._rows):
            members = np.flatnonzero(assigned == bucket)
            # Half a batch is one in half of the windows. Rounding would leave out what fills less than that in every
            # window: the longest inks, where there are many devices.
            count = int(len(members) / rows + random.random())
            batches += [(bucket, part) for part in np.resize(members, (count, rows))]
        order = random.permutation(len(batches))
        chosen = np.resize(order, self.batches_per_window)
        return [self._batch(inks, *batches[place]) for place in chosen]

    def _batch(self, inks: list[EncodedInk], bucket: int, members: np.ndarray) -> Batch:
        share = self._rows[bucket] // self._processes
        mine = members[self._process * share : (self._process + 1) * share]
        return pad_batch([inks[i] for i in mine], self._buckets[bucket], share)
