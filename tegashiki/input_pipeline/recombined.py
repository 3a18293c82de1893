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
from tegashiki.synthesis.formula_source import FormulaSource
from tegashiki.synthesis.hands import HandsConfig, other_hand
from tegashiki.synthesis.layout import fill
from tegashiki.synthesis.page import Page
from tegashiki.synthesis.prefix import random_prefix
from tegashiki.synthesis.recombine import Donors, RecombineConfig, recombine
from tegashiki.synthesis.scripts import add_second_script

WINDOW = 1024  # inks made together, at least
SAMPLE = 2048  # inks by which the buckets are chosen


class Recombination:
    """Endless new inks out of a training set's pages."""

    def __init__(
        self,
        pages: Sequence[Page],
        vocabulary: Vocabulary,
        limits: Limits,
        config: RecombineConfig,
        seed: int,
        hands: HandsConfig | None = None,
        symbols: Sequence[Page] = (),
        lines: Sequence[str] = (),
    ) -> None:
        """Index the pages.

        Args:
          pages: the training inks.
          vocabulary: token ids.
          limits: the longest ink that is made.
          config: what is done how often.
          seed: of everything that is drawn.
          hands: how often inks get other habits; None is never.
          symbols: pages of one symbol each that may take a symbol's place.
          lines: LaTeX formulas that may be typeset.
        """
        self._pages, self._donors = pages, Donors(pages, symbols, config.foreign, config.blend)
        self._vocabulary, self._limits, self._seed = vocabulary, limits, seed
        self._config, self._hands = config, hands or HandsConfig()
        labels = Labels(pages) if config.layout else []
        classes = sorted(self._donors.classes())
        self._formulas = FormulaSource(labels, lines, vocabulary, config.wide, config.papers, config.medley, classes)

    def __len__(self) -> int:
        """Return how many pages there are."""
        return len(self._pages)

    def inks(self, start: int, count: int) -> list[EncodedInk]:
        """Return inks number `start` on; every page is the base of one ink in each `len(self)` of them."""
        return [self._ink(index) for index in range(start, start + count)]

    def _ink(self, index: int) -> EncodedInk:
        epoch, place = divmod(index, len(self._pages))
        base = self._pages[_permutation(self._seed, epoch, len(self._pages))[place]]
        rng = np.random.default_rng([self._seed, 1, index])
        for _ in range(4):
            page = self._typeset(rng) if rng.random() < self._config.layout else None
            page = page or recombine(base, self._donors, rng, self._config)
            if page.aligned and self._config.second_script and rng.random() < self._config.second_script:
                page = add_second_script(page, self._donors, rng)
            if page.aligned and rng.random() < self._config.prefix:
                page = random_prefix(page, rng)
            ink = self._encoded(other_hand(page, rng, self._hands))
            if ink is not None:
                return ink
        ink = self._encoded(base)
        assert ink is not None, "pages are within the limits and the vocabulary"
        return ink

    def _typeset(self, rng: np.random.Generator) -> Page | None:
        """Typeset a formula; None where a few in a row need a symbol that nobody drew."""
        random = Random(int(rng.integers(2**32)))
        for _ in range(4):
            page = fill(self._formulas.draw(random), self._donors, rng)
            if page is not None:
                return page
        return None

    def _encoded(self, page: Page) -> EncodedInk | None:
        """Encode a page; None where it is over the limits or its tokens have become another formula's."""
        if len(page) > self._limits.strokes or len(page.tokens) + 1 > self._limits.tokens:
            return None
        boxes = normalize_boxes(page.boxes_S3)
        try:
            return encode_arrays(page.points_SP2, boxes, page.tokens, page.stroke_tokens, self._vocabulary)
        except LatexError:  # such as `s i n` put side by side, which spells another token
            return None


class Labels(Sequence[tuple[str, ...]]):
    """The tokens of pages, looked up when they are asked for."""

    def __init__(self, pages: Sequence[Page]) -> None:
        """Look at pages as labels."""
        self._pages = pages

    def __len__(self) -> int:
        """Return the number of pages."""
        return len(self._pages)

    def __getitem__(self, index: int) -> tuple[str, ...]:  # type: ignore[override]
        """Return the tokens of one page."""
        return self._pages[index].tokens


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
    ) -> None:
        """Fix how many batches a window gives: what the sample's lengths make of it, a little less than they would."""
        self._made, self._buckets, self._rows, self._cost = recombination, buckets, rows, cost
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
        random = np.random.default_rng([index, 2])
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
