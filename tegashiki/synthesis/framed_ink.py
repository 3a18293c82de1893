"""An ink as recombination handles it: framed strokes with their boxes on a page, tokens, and which draws which.

A stroke's points stay in its own frame: moving and scaling a part of an ink only changes boxes, so nothing is
simplified or spaced again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from tegashiki.ink.example import Example
from tegashiki.ink.preprocess import POINTS_PER_STROKE, frame_stroke, place_points, unit_size


@dataclass(frozen=True, eq=False)
class FramedInk:
    """S strokes with what they say.

    points_SP2: float32, each stroke in its own frame (`tegashiki/ink/preprocess.py`).
    boxes_S3: float64, centre x, centre y and size, in any unit.
    tokens: canonical.
    stroke_tokens: int32 (S,), the index of the token that a stroke draws, -1 where unknown.
    writer: who wrote it, "" where unknown; what is cut out of a page or put together has none.
    """

    points_SP2: np.ndarray
    boxes_S3: np.ndarray
    tokens: tuple[str, ...]
    stroke_tokens: np.ndarray
    writer: str = ""

    @classmethod
    def of_example(cls, example: Example) -> FramedInk:
        """Frame an example's strokes, where they are not yet."""
        if example.framed is not None:
            points, boxes = example.framed.points_SP2, example.framed.boxes_S3.astype(np.float64)
        else:
            framed = [frame_stroke(stroke) for stroke in example.ink.strokes]
            points = np.array([points for points, _ in framed], np.float32).reshape(-1, POINTS_PER_STROKE, 2)
            boxes = np.array([box for _, box in framed]).reshape(-1, 3)
        stroke_tokens = np.asarray(example.stroke_tokens, np.int32)
        return cls(points, boxes, tuple(example.tokens), stroke_tokens, example.ink.writer)

    def __len__(self) -> int:
        """Return the number of strokes."""
        return len(self.boxes_S3)

    @property
    def aligned(self) -> bool:
        """Whether every stroke is known to draw a token."""
        return bool((self.stroke_tokens >= 0).all())

    def extents(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the lower and the upper corners of the strokes' boxes, two (S, 2)."""
        sides = self.points_SP2.max(axis=1) - self.points_SP2.min(axis=1)
        sides = sides / np.maximum(sides.max(axis=1, keepdims=True), 1e-9) * self.boxes_S3[:, 2:]
        return self.boxes_S3[:, :2] - sides / 2, self.boxes_S3[:, :2] + sides / 2

    @cached_property
    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        """The corners of the box around everything, two (2,); do not write them."""
        low, high = self.extents()
        return low.min(axis=0), high.max(axis=0)

    def lines(self, strokes: slice = slice(None)) -> np.ndarray:
        """Return the points of all strokes, or of some, where they lie, (S, P, 2)."""
        return place_points(self.points_SP2[strokes], self.boxes_S3[strokes])

    def unit(self) -> float:
        """Return the unit of the page's ink: its median stroke size, or what `unit_size` puts in its place."""
        return unit_size(self.boxes_S3)

    def moved(self, scale: float, shift: np.ndarray) -> FramedInk:
        """Scale about the origin, then shift."""
        boxes = self.boxes_S3 * scale
        boxes[:, :2] += shift
        return replace(self, boxes_S3=boxes)

    def stretched(self, factors_S2: np.ndarray) -> FramedInk:
        """Scale each stroke's x and y by their own factors, about the origin."""
        before = np.ptp(self.points_SP2, axis=1).max(axis=1)
        points = self.points_SP2 * factors_S2[:, None]
        grown = np.ptp(points, axis=1).max(axis=1) / np.where(before > 0, before, 1.0)
        grown = np.where(grown > 0, grown, factors_S2.max(axis=1))  # dots
        boxes = self.boxes_S3 * np.concatenate([factors_S2, grown[:, None]], axis=1)
        return replace(self, points_SP2=(points / grown[:, None, None]).astype(np.float32), boxes_S3=boxes)

    def strokes_of(self, start: int, stop: int) -> np.ndarray:
        """Return the ascending indices of the strokes that draw the tokens start..stop, not including the last."""
        return np.flatnonzero((self.stroke_tokens >= start) & (self.stroke_tokens < stop))

    def cut(self, start: int, stop: int) -> FramedInk:
        """Keep the tokens start..stop and the strokes that draw them."""
        kept = self.strokes_of(start, stop)
        return FramedInk(
            self.points_SP2[kept], self.boxes_S3[kept], self.tokens[start:stop], self.stroke_tokens[kept] - start
        )

    def with_part(self, start: int, stop: int, part: FramedInk, at: int) -> FramedInk:
        """Replace the tokens start..stop and their strokes by another page, its strokes written as number `at`."""
        grown = len(part.tokens) - (stop - start)
        kept = np.flatnonzero((self.stroke_tokens < start) | (self.stroke_tokens >= stop))
        stroke_tokens = self.stroke_tokens[kept]
        stroke_tokens = np.where(stroke_tokens >= stop, stroke_tokens + grown, stroke_tokens)
        before = int((kept < at).sum())

        def insert(rest: np.ndarray, new: np.ndarray) -> np.ndarray:
            return np.concatenate([rest[:before], new, rest[before:]])

        return FramedInk(
            insert(self.points_SP2[kept], part.points_SP2),
            insert(self.boxes_S3[kept], part.boxes_S3),
            self.tokens[:start] + part.tokens + self.tokens[stop:],
            insert(stroke_tokens, part.stroke_tokens + start),
        )
