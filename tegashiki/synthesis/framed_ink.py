"""The representation of ink in recombination: framed strokes, their boxes, tokens, and the token of each stroke.

The points of a stroke stay in its own frame. Moving and scaling a part of an ink changes only boxes, so strokes need
not be simplified and resampled again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from tegashiki.ink.example import Example
from tegashiki.ink.preprocess import POINTS_PER_STROKE, frame_stroke, place_points, unit_size


@dataclass(frozen=True, eq=False)
class FramedInk:
    """S framed strokes with their label.

    Attributes:
        points_SP2: float32, each stroke in its own frame (`tegashiki/ink/preprocess.py`).
        boxes_S3: float64, centre x, centre y and size of each frame, in any unit.
        tokens: Canonical tokens.
        stroke_tokens: int32 (S,), the index of the token that each stroke draws, -1 if unknown.
        writer: Name of the writer, "" if unknown. Parts that are cut out of an ink and composed inks have no writer.
    """

    points_SP2: np.ndarray
    boxes_S3: np.ndarray
    tokens: tuple[str, ...]
    stroke_tokens: np.ndarray
    writer: str = ""

    @classmethod
    def of_example(cls, example: Example) -> FramedInk:
        """Convert an example, framing its strokes unless they are framed already."""
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
        """Whether the token of every stroke is known."""
        return bool((self.stroke_tokens >= 0).all())

    def extents(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the lower and the upper corners of the bounding boxes of the strokes, two arrays (S, 2)."""
        sides = self.points_SP2.max(axis=1) - self.points_SP2.min(axis=1)
        sides = sides / np.maximum(sides.max(axis=1, keepdims=True), 1e-9) * self.boxes_S3[:, 2:]
        return self.boxes_S3[:, :2] - sides / 2, self.boxes_S3[:, :2] + sides / 2

    @cached_property
    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        """The lower and the upper corner of the box around all strokes, two arrays (2,) not to be modified."""
        low, high = self.extents()
        return low.min(axis=0), high.max(axis=0)

    def lines(self, strokes: slice = slice(None)) -> np.ndarray:
        """Return the points of all or some strokes in the ink's coordinates, (S, P, 2)."""
        return place_points(self.points_SP2[strokes], self.boxes_S3[strokes])

    def unit(self) -> float:
        """Return the unit of the ink: its median stroke size, or the fallback of `unit_size`."""
        return unit_size(self.boxes_S3)

    def moved(self, scale: float, shift: np.ndarray) -> FramedInk:
        """Return the ink scaled about the origin, then shifted by `shift` (2,)."""
        boxes = self.boxes_S3 * scale
        boxes[:, :2] += shift
        return replace(self, boxes_S3=boxes)

    def stretched(self, factors_S2: np.ndarray) -> FramedInk:
        """Return the ink with x and y of each stroke scaled about the origin by its own two factors."""
        before = np.ptp(self.points_SP2, axis=1).max(axis=1)
        points = self.points_SP2 * factors_S2[:, None]
        grown = np.ptp(points, axis=1).max(axis=1) / np.where(before > 0, before, 1.0)
        grown = np.where(grown > 0, grown, factors_S2.max(axis=1))  # dots
        boxes = self.boxes_S3 * np.concatenate([factors_S2, grown[:, None]], axis=1)
        return replace(self, points_SP2=(points / grown[:, None, None]).astype(np.float32), boxes_S3=boxes)

    def strokes_of(self, start: int, stop: int) -> np.ndarray:
        """Return the ascending indices of the strokes of the tokens from `start` up to, not including, `stop`."""
        return np.flatnonzero((self.stroke_tokens >= start) & (self.stroke_tokens < stop))

    def cut(self, start: int, stop: int) -> FramedInk:
        """Return the tokens from `start` up to, not including, `stop`, and the strokes that draw them."""
        kept = self.strokes_of(start, stop)
        return FramedInk(
            self.points_SP2[kept], self.boxes_S3[kept], self.tokens[start:stop], self.stroke_tokens[kept] - start
        )

    def with_part(self, start: int, stop: int, part: FramedInk, at: int) -> FramedInk:
        """Return the ink with some tokens and their strokes replaced by another ink.

        Args:
            start: Index of the first token to replace.
            stop: Index after the last token to replace.
            part: The ink to insert, in the coordinates of this one.
            at: Index of the stroke at which the strokes of `part` are written.
        """
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
