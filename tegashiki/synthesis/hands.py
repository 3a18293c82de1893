"""Other hands and devices: the same ink as somebody else would write it on something else.

Spacing, the height of scripts and of a fraction's parts, an unsteady line, the order and the direction of strokes,
strokes lifted or run together, few points, a coarse grid, a trembling pen. What a rotation or a scale of the whole page
does is left to `tegashiki/training/augment.py`.
"""

from dataclasses import dataclass, replace

import numpy as np

from tegashiki.ink.preprocess import POINTS_PER_STROKE, space_evenly, unit_stroke
from tegashiki.synthesis.page import Page
from tegashiki.synthesis.spans import Group, find_groups

FEWEST_POINTS = 6  # of a stroke on the slowest device
FINEST_GRID, COARSEST_GRID = 40.0, 8.0  # steps in a median stroke size


@dataclass(frozen=True)
class HandsConfig:
    """How often each habit is another one; of inks unless a line says otherwise. 0 everywhere changes nothing."""

    spacing: float = 0.0  # gaps between the items of the main row stretched or shrunk
    placing: float = 0.0  # scripts and the parts of fractions nearer, farther, larger, smaller; an unsteady line
    order: float = 0.0  # strokes in another order
    reversed: float = 0.0  # of strokes: drawn the other way
    lifted: float = 0.0  # of strokes: the pen is lifted once on the way
    joined: float = 0.0  # of neighbouring strokes of a symbol: drawn without lifting the pen
    device: float = 0.0  # few points, a coarse grid, a trembling pen


def other_hand(page: Page, rng: np.random.Generator, config: HandsConfig) -> Page:
    """Return the ink with other habits; an ink with strokes of unknown meaning keeps its places and order."""
    if page.aligned and len(page):
        if rng.random() < config.placing:
            page = _place(page, rng)
        if rng.random() < config.spacing:
            page = _space(page, rng)
        if rng.random() < config.order:
            page = reorder(page, rng)
        if config.joined or config.lifted:
            page = _lift(_join(page, rng, config.joined), rng, config.lifted)
    if config.reversed:
        page = _reverse(page, rng, config.reversed)
    if rng.random() < config.device:
        page = _sample(page, rng)
    return page


def _space(page: Page, rng: np.random.Generator) -> Page:
    """Scale the gaps between the items of the main row, each a little differently; one in eight becomes wide."""
    items = find_groups(page.tokens)[-1].items
    owners = [strokes for item in items if len(strokes := page.strokes_of(item.start, item.stop))]
    low, high = page.extents()
    unit, factor = page.unit(), np.exp(rng.uniform(-0.7, 1.1))
    boxes, shift = page.boxes_S3.copy(), 0.0
    edge = high[owners[0], 0].max()
    for strokes in owners[1:]:
        gap = low[strokes, 0].min() - edge
        if -0.5 * unit < gap < 6.0 * unit:  # else it does not stand behind the item before
            wide = rng.uniform(0.5, 4.0) * unit if rng.random() < 0.125 else 0.0
            shift += max(gap, 0.1 * unit) * factor * np.exp(rng.uniform(-0.3, 0.3)) + wide - max(gap, 0.1 * unit)
        boxes[strokes, 0] += shift
        edge = max(edge, high[strokes, 0].max())
    return replace(page, boxes_S3=boxes)


def _place(page: Page, rng: np.random.Generator) -> Page:
    """Move the parts of fractions and scripts up or down and scale scripts, by one habit each; shake the main row."""
    groups, unit = find_groups(page.tokens), page.unit()
    apart = {"numerator": -rng.uniform(-0.1, 0.6), "denominator": rng.uniform(-0.1, 0.6)}
    apart |= {"sup": -rng.uniform(-0.15, 0.35), "sub": rng.uniform(-0.15, 0.35)}
    size, shake = np.exp(rng.uniform(-0.35, 0.1)), rng.uniform(0.0, 0.12) * unit
    boxes = page.boxes_S3.copy()
    for group in groups[:-1]:
        strokes = page.strokes_of(group.start, group.stop)
        if group.slot in apart and len(strokes):
            boxes[strokes, 1] += apart[group.slot] * min(unit, float(np.median(boxes[strokes, 2])) or unit)
        if group.slot in ("sub", "sup") and group.depth == 1 and len(strokes):
            anchor = [boxes[strokes, 0].min(), boxes[strokes, 1].mean()]
            boxes[strokes, :2] = anchor + size * (boxes[strokes, :2] - anchor)
            boxes[strokes, 2] *= size
    for item in groups[-1].items:
        boxes[page.strokes_of(item.start, item.stop), 1] += rng.normal(0.0, 1.0) * shake
    return replace(page, boxes_S3=boxes)


def reorder(page: Page, rng: np.random.Generator) -> Page:
    """Write the strokes in another order that people use: within symbols, late dots and bars, parts of structures."""
    order = np.arange(len(page))
    way = rng.integers(3)
    if way == 0:
        for token in np.unique(page.stroke_tokens):
            if rng.random() < 0.4:
                places = np.flatnonzero(page.stroke_tokens == token)
                order[places] = rng.permutation(order[places])
    elif way == 1:
        tokens, counts = np.unique(page.stroke_tokens, return_counts=True)
        late = [np.flatnonzero(page.stroke_tokens == token)[-1] for token in tokens[counts > 1] if rng.random() < 0.5]
        until = rng.integers(1, 6) + 0.5 if rng.random() < 0.5 else len(page)  # strokes later, or at the end
        rank = order.astype(float)
        rank[late] += until
        order = np.argsort(rank, kind="stable")
    else:
        groups = [group for group in find_groups(page.tokens)[:-1] if rng.random() < 0.6]
        for group in groups:
            order = _swap_with_neighbour(page, order, group, rng)
    return Page(page.points_SP2[order], page.boxes_S3[order], page.tokens, page.stroke_tokens[order])


def _swap_with_neighbour(page: Page, order: np.ndarray, group: Group, rng: np.random.Generator) -> np.ndarray:
    """Write a group before what was written last before it (its bar, root, base, or other part), or after the next."""
    owner = page.stroke_tokens[order]
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


def _reverse(page: Page, rng: np.random.Generator, share: float) -> Page:
    points = page.points_SP2.copy()
    turned = rng.random(len(page)) < share
    points[turned] = points[turned, ::-1]
    return replace(page, points_SP2=points)


def _lift(page: Page, rng: np.random.Generator, share: float) -> Page:
    """Cut strokes in two, somewhere in their middle."""
    chosen = np.flatnonzero((rng.random(len(page)) < share) & (page.boxes_S3[:, 2] > 0.5 * page.unit()))
    for stroke in chosen[::-1]:
        (line,) = page.lines(slice(stroke, stroke + 1))
        cut = int(rng.integers(POINTS_PER_STROKE // 4, 3 * POINTS_PER_STROKE // 4))
        page = _with_lines(page, int(stroke), 1, [line[: cut + 1], line[cut:]])
    return page


def _join(page: Page, rng: np.random.Generator, share: float) -> Page:
    """Draw neighbouring strokes of one symbol, where the second begins near the end of the first, as one."""
    chosen = np.flatnonzero((rng.random(max(len(page) - 1, 0)) < share) & (np.diff(page.stroke_tokens) == 0))
    unit = page.unit()
    for stroke in chosen[::-1]:
        first, second = page.lines(slice(stroke, stroke + 2))
        if np.hypot(*(second[0] - first[-1])) < 0.8 * unit and page.boxes_S3[stroke : stroke + 2, 2].min() > 0:
            page = _with_lines(page, int(stroke), 2, [np.concatenate([first, second])])
    return page


def _with_lines(page: Page, stroke: int, count: int, lines: list[np.ndarray]) -> Page:
    """Replace `count` strokes of one symbol by others."""
    framed = [_framed(line) for line in lines]
    keep = slice(stroke, stroke + count)
    return Page(
        np.concatenate([page.points_SP2[:stroke], [p for p, _ in framed], page.points_SP2[keep.stop :]]),
        np.concatenate([page.boxes_S3[:stroke], [b for _, b in framed], page.boxes_S3[keep.stop :]]),
        page.tokens,
        np.concatenate(
            [page.stroke_tokens[:stroke], [page.stroke_tokens[stroke]] * len(lines), page.stroke_tokens[keep.stop :]]
        ).astype(np.int32),
    )


def _framed(line_N2: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Frame a line as `tegashiki/ink/preprocess.py` does, but for RDP: its points were simplified once."""
    unit, box = unit_stroke(line_N2)
    return space_evenly(unit), box


def _sample(page: Page, rng: np.random.Generator) -> Page:
    """Keep few points of every stroke, round them to a grid, let the pen tremble: one device, the whole page."""
    points, sizes = page.points_SP2.astype(np.float64), np.maximum(page.boxes_S3[:, 2], 1e-9)[:, None, None]
    unit = page.unit()
    if rng.random() < 0.5:
        tremor = rng.uniform(0.0, 0.03) * unit
        waves = rng.normal(0.0, 1.0, (len(page), POINTS_PER_STROKE // 4, 2))
        points = points + tremor / sizes * _spread(waves, POINTS_PER_STROKE)
    if rng.random() < 0.5:
        count = int(rng.integers(FEWEST_POINTS, POINTS_PER_STROKE))
        kept = np.linspace(0, POINTS_PER_STROKE - 1, count).round().astype(int)
        points = _spread(points[:, kept], POINTS_PER_STROKE)
    if rng.random() < 0.5:
        grid = unit / np.exp(rng.uniform(np.log(COARSEST_GRID), np.log(FINEST_GRID)))
        points = np.round(points * sizes / grid) * grid / sizes
    dots = page.boxes_S3[:, 2] <= 0
    points[dots] = page.points_SP2[dots]
    return replace(page, points_SP2=points.clip(-0.6, 0.6).astype(np.float32))


def _spread(points_SN2: np.ndarray, count: int) -> np.ndarray:
    """Interpolate between points along their index: (S, N, 2) to (S, count, 2)."""
    place = np.linspace(0, points_SN2.shape[1] - 1, count)
    left = np.minimum(place.astype(int), points_SN2.shape[1] - 2)
    share = (place - left)[:, None]
    return (1 - share) * points_SN2[:, left] + share * points_SN2[:, left + 1]
