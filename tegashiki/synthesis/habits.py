"""Other habits: the same ink as another writer would write it on another device.

A writer's habits are the spacing, the position of scripts and of the parts of fractions, the steadiness of the line,
and the order, direction, splitting and joining of strokes. A device has few points, a coarse grid or a trembling pen,
or it is a camera, which sees only what all strokes together leave on paper.
Transformations of the whole ink, such as rotations, are in `tegashiki/training/augment.py`.
"""

from dataclasses import dataclass, replace

import numpy as np

from tegashiki.ink.preprocess import POINTS_PER_STROKE
from tegashiki.synthesis.framed_ink import FramedInk
from tegashiki.synthesis.pen_paths import redraw, replace_strokes
from tegashiki.synthesis.spans import TokenGroup, find_groups

FEWEST_POINTS = 6  # points per stroke on the slowest device
FINEST_GRID, COARSEST_GRID = 40.0, 8.0  # grid steps per median stroke size


@dataclass(frozen=True)
class HabitsConfig:
    """Probability of changing each habit, per ink unless stated otherwise. With zeros only, no ink changes.

    Attributes:
        spacing: Stretch or shrink the gaps between the items of the main row.
        placing: Move and scale scripts and the parts of fractions, and shake the main row.
        order: Write the strokes in another order.
        redrawn: Draw some classes of symbols along another path of the pen: backwards, without lifting the pen, or cut
            where the pen turns.
        reversed: Per stroke: draw it in the opposite direction.
        lifted: Per stroke: lift the pen once, which cuts the stroke in two.
        joined: Per pair of neighbouring strokes of a symbol: draw them without lifting the pen.
        device: Use few points, a coarse grid or a trembling pen.
        traced: Draw the ink as a picture and trace it, as `tegashiki/pictures/` reads photos; the last change. Needs
            the extra `pictures`.
    """

    spacing: float = 0.0
    placing: float = 0.0
    order: float = 0.0
    redrawn: float = 0.0
    reversed: float = 0.0
    lifted: float = 0.0
    joined: float = 0.0
    device: float = 0.0
    traced: float = 0.0


def change_habits(ink: FramedInk, rng: np.random.Generator, config: HabitsConfig) -> FramedInk:
    """Return the ink with some habits changed at random.

    Where the token of a stroke is unknown, strokes keep their positions and their order.
    """
    if ink.aligned and len(ink):
        if rng.random() < config.placing:
            ink = _place(ink, rng)
        if rng.random() < config.spacing:
            ink = _space(ink, rng)
        if rng.random() < config.order:
            ink = reorder(ink, rng)
        if rng.random() < config.redrawn:
            ink = redraw(ink, rng)
        if config.joined or config.lifted:
            ink = _lift(_join(ink, rng, config.joined), rng, config.lifted)
    if config.reversed:
        ink = _reverse(ink, rng, config.reversed)
    if rng.random() < config.device:
        ink = _sample(ink, rng)
    if config.traced and rng.random() < config.traced:
        from tegashiki.synthesis.traced import trace_again  # needs the extra `pictures`

        ink = trace_again(ink, rng)
    return ink


def _space(ink: FramedInk, rng: np.random.Generator) -> FramedInk:
    """Scale the gaps between the items of the main row by similar factors and make one gap in eight wide."""
    items = find_groups(ink.tokens)[-1].items
    owners = [strokes for item in items if len(strokes := ink.strokes_of(item.start, item.stop))]
    low, high = ink.extents()
    unit, factor = ink.unit(), np.exp(rng.uniform(-0.7, 1.1))
    boxes, shift = ink.boxes_S3.copy(), 0.0
    edge = high[owners[0], 0].max()
    for strokes in owners[1:]:
        gap = low[strokes, 0].min() - edge
        if -0.5 * unit < gap < 6.0 * unit:  # otherwise the item does not follow the one before on the line
            wide = rng.uniform(0.5, 4.0) * unit if rng.random() < 0.125 else 0.0
            shift += max(gap, 0.1 * unit) * factor * np.exp(rng.uniform(-0.3, 0.3)) + wide - max(gap, 0.1 * unit)
        boxes[strokes, 0] += shift
        edge = max(edge, high[strokes, 0].max())
    return replace(ink, boxes_S3=boxes)


def _place(ink: FramedInk, rng: np.random.Generator) -> FramedInk:
    """Move the parts of fractions and the scripts vertically, scale the scripts, and shake the main row.

    All structures of a kind change in the same way.
    """
    groups, unit = find_groups(ink.tokens), ink.unit()
    apart = {"numerator": -rng.uniform(-0.1, 0.6), "denominator": rng.uniform(-0.1, 0.6)}
    apart |= {"sup": -rng.uniform(-0.15, 0.35), "sub": rng.uniform(-0.15, 0.35)}
    size, shake = np.exp(rng.uniform(-0.35, 0.1)), rng.uniform(0.0, 0.12) * unit
    boxes = ink.boxes_S3.copy()
    for group in groups[:-1]:
        strokes = ink.strokes_of(group.start, group.stop)
        if group.slot in apart and len(strokes):
            boxes[strokes, 1] += apart[group.slot] * min(unit, float(np.median(boxes[strokes, 2])) or unit)
        if group.slot in ("sub", "sup") and group.depth == 1 and len(strokes):
            anchor = [boxes[strokes, 0].min(), boxes[strokes, 1].mean()]
            boxes[strokes, :2] = anchor + size * (boxes[strokes, :2] - anchor)
            boxes[strokes, 2] *= size
    for item in groups[-1].items:
        boxes[ink.strokes_of(item.start, item.stop), 1] += rng.normal(0.0, 1.0) * shake
    return replace(ink, boxes_S3=boxes)


def reorder(ink: FramedInk, rng: np.random.Generator) -> FramedInk:
    """Write the strokes in another order that people use.

    Either the strokes within some symbols are permuted, or the last strokes of some symbols (dots and bars) come later,
    or some parts of structures change places with what was written before or after them.
    """
    order = np.arange(len(ink))
    way = rng.integers(3)
    if way == 0:
        for token in np.unique(ink.stroke_tokens):
            if rng.random() < 0.4:
                places = np.flatnonzero(ink.stroke_tokens == token)
                order[places] = rng.permutation(order[places])
    elif way == 1:
        tokens, counts = np.unique(ink.stroke_tokens, return_counts=True)
        late = [np.flatnonzero(ink.stroke_tokens == token)[-1] for token in tokens[counts > 1] if rng.random() < 0.5]
        until = rng.integers(1, 6) + 0.5 if rng.random() < 0.5 else len(ink)  # a few strokes later, or at the end
        rank = order.astype(float)
        rank[late] += until
        order = np.argsort(rank, kind="stable")
    else:
        groups = [group for group in find_groups(ink.tokens)[:-1] if rng.random() < 0.6]
        for group in groups:
            order = _swap_with_neighbour(ink, order, group, rng)
    return FramedInk(ink.points_SP2[order], ink.boxes_S3[order], ink.tokens, ink.stroke_tokens[order])


def _swap_with_neighbour(ink: FramedInk, order: np.ndarray, group: TokenGroup, rng: np.random.Generator) -> np.ndarray:
    """Write a group before the symbol that was written just before it, or after the symbol that came next.

    The symbol before is often the bar, root sign, base or other part of the structure.
    """
    owner = ink.stroke_tokens[order]
    places = np.flatnonzero((owner >= group.start) & (owner < group.stop))
    if not len(places) or places[-1] - places[0] + 1 != len(places):
        return order
    first, last = int(places[0]), int(places[-1])
    if rng.random() < 0.5 and first > 0:
        before = first - 1
        while before > 0 and owner[before - 1] == owner[first - 1]:
            before -= 1
        return np.concatenate([order[:before], order[places], order[before:first], order[last + 1 :]])
    if last + 1 < len(order):
        after = last + 2
        while after < len(order) and owner[after] == owner[last + 1]:
            after += 1
        return np.concatenate([order[:first], order[last + 1 : after], order[places], order[after:]])
    return order


def _reverse(ink: FramedInk, rng: np.random.Generator, share: float) -> FramedInk:
    points = ink.points_SP2.copy()
    turned = rng.random(len(ink)) < share
    points[turned] = points[turned, ::-1]
    return replace(ink, points_SP2=points)


def _lift(ink: FramedInk, rng: np.random.Generator, share: float) -> FramedInk:
    """Cut some strokes in two, somewhere in their middle half."""
    chosen = np.flatnonzero((rng.random(len(ink)) < share) & (ink.boxes_S3[:, 2] > 0.5 * ink.unit()))
    for stroke in chosen[::-1]:
        (line,) = ink.lines(slice(stroke, stroke + 1))
        cut = int(rng.integers(POINTS_PER_STROKE // 4, 3 * POINTS_PER_STROKE // 4))
        ink = replace_strokes(ink, int(stroke), 1, [line[: cut + 1], line[cut:]])
    return ink


def _join(ink: FramedInk, rng: np.random.Generator, share: float) -> FramedInk:
    """Join neighbouring strokes of one symbol if the second begins near the end of the first."""
    chosen = np.flatnonzero((rng.random(max(len(ink) - 1, 0)) < share) & (np.diff(ink.stroke_tokens) == 0))
    unit = ink.unit()
    for stroke in chosen[::-1]:
        first, second = ink.lines(slice(stroke, stroke + 2))
        if np.hypot(*(second[0] - first[-1])) < 0.8 * unit and ink.boxes_S3[stroke : stroke + 2, 2].min() > 0:
            ink = replace_strokes(ink, int(stroke), 2, [np.concatenate([first, second])])
    return ink


def _sample(ink: FramedInk, rng: np.random.Generator) -> FramedInk:
    """Draw the whole ink on another device: with a trembling pen, few points per stroke or a coarse grid."""
    points, sizes = ink.points_SP2.astype(np.float64), np.maximum(ink.boxes_S3[:, 2], 1e-9)[:, None, None]
    unit = ink.unit()
    if rng.random() < 0.5:
        tremor = rng.uniform(0.0, 0.03) * unit
        waves = rng.normal(0.0, 1.0, (len(ink), POINTS_PER_STROKE // 4, 2))
        points = points + tremor / sizes * _spread(waves, POINTS_PER_STROKE)
    if rng.random() < 0.5:
        count = int(rng.integers(FEWEST_POINTS, POINTS_PER_STROKE))
        kept = np.linspace(0, POINTS_PER_STROKE - 1, count).round().astype(int)
        points = _spread(points[:, kept], POINTS_PER_STROKE)
    if rng.random() < 0.5:
        grid = unit / np.exp(rng.uniform(np.log(COARSEST_GRID), np.log(FINEST_GRID)))
        points = np.round(points * sizes / grid) * grid / sizes
    dots = ink.boxes_S3[:, 2] <= 0
    points[dots] = ink.points_SP2[dots]
    return replace(ink, points_SP2=points.clip(-0.6, 0.6).astype(np.float32))


def _spread(points_SN2: np.ndarray, count: int) -> np.ndarray:
    """Interpolate linearly between points along their index, from (S, N, 2) to (S, count, 2)."""
    place = np.linspace(0, points_SN2.shape[1] - 1, count)
    left = np.minimum(place.astype(int), points_SN2.shape[1] - 2)
    share = (place - left)[:, None]
    return (1 - share) * points_SN2[:, left] + share * points_SN2[:, left + 1]
