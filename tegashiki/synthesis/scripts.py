"""Adding a second script to a symbol that has one, as in x_i^2 from x_i, because both together are rare in real ink.

Of 8,005 training inks of CROHME, 380 have a letter with both scripts. In a quarter of these the superscript was written
first.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tegashiki.latex.symbols import BIG_OPERATORS, GREEK, LATIN
from tegashiki.synthesis.framed_ink import FramedInk
from tegashiki.synthesis.recombine import Donors, opened
from tegashiki.synthesis.spans import TokenGroup, find_groups

BASES = frozenset((*LATIN, *GREEK, *BIG_OPERATORS, ")"))
SUB_FIRST = 0.74  # share of pairs of scripts in CROHME's training ink whose subscript was written first
OTHER = {"sub": "sup", "sup": "sub"}
OPENER = {"sub": "_", "sup": "^"}
WIDER = 1.5  # maximum ratio of the widths of the second and the first script if the ink after them cannot be moved
TALLEST = 2.5  # maximum ratio of the heights of the second and the first script


@dataclass(frozen=True)
class _Script:
    """A script whose base has no other script."""

    group: TokenGroup
    strokes: np.ndarray
    base: FramedInk


def add_second_script(ink: FramedInk, donors: Donors, rng: np.random.Generator) -> FramedInk:
    """Write a script from another ink opposite a random script of the ink.

    The ink is returned unchanged if it has no suitable script or not enough room.
    """
    alone = list(_alone(ink))
    if not alone:
        return ink
    script = alone[rng.integers(len(alone))]
    slot = OTHER[script.group.slot]
    new = donors.group(slot, rng)
    if new is None or not len(new) or not new.aligned:
        return ink
    fitted = _opposite(ink, script, new, rng)
    if fitted is None:
        return ink
    ink = _make_room(ink, script, fitted)
    part = FramedInk(
        fitted.points_SP2,
        fitted.boxes_S3,
        (OPENER[slot], "{", *fitted.tokens, "}"),
        fitted.stroke_tokens + 2,
    )
    sub_first = rng.random() < SUB_FIRST
    after = sub_first == (slot == "sup")
    at = int(script.strokes[-1]) + 1 if after else int(script.strokes[0])
    place = script.group.stop + 1 if slot == "sup" else script.group.start - 2  # canonical order: the subscript first
    return ink.with_part(place, place, part, at)


def _alone(ink: FramedInk) -> Iterator[_Script]:
    """Yield the scripts whose base has no other script."""
    tokens = ink.tokens
    groups = [group for group in find_groups(tokens) if group.slot in OTHER and group.stop > group.start]
    after_sub = {group.stop + 3 for group in groups if group.slot == "sub"}  # start of a superscript of the same base
    starts = {group.start for group in groups if group.slot == "sup"}
    for group in groups:
        paired = group.start in after_sub if group.slot == "sup" else group.stop + 3 in starts
        before = group.start - 3
        if paired or before < 0 or tokens[before] not in BASES:
            continue
        strokes, base = ink.strokes_of(group.start, group.stop), ink.cut(before, before + 1)
        if len(strokes) and len(base):
            yield _Script(group, strokes, base)


def _opposite(ink: FramedInk, script: _Script, new: FramedInk, rng: np.random.Generator) -> FramedInk | None:
    """Scale the new script to the symbol size of the first one and place it on the opposite side of the base.

    Returns:
        The new script in the coordinates of the ink, or None if it is too wide or too tall.
    """
    old = ink.cut(script.group.start, script.group.stop)
    (low, high), (new_low, new_high) = old.bounds, new.bounds
    base_low, base_high = script.base.bounds
    scale = float(np.exp(rng.normal(0.0, 0.12))) * old.unit() / new.unit()
    side = scale * (new_high - new_low)
    room = np.inf if script.group.depth == 1 else WIDER * max(high[0] - low[0], old.unit())
    if side[0] > room or side[1] > TALLEST * max(high[1] - low[1], old.unit()):
        return None
    middle, height = (base_low[1] + base_high[1]) / 2, max(base_high[1] - base_low[1], old.unit())
    below = script.group.slot == "sub"
    apart = (low[1] - middle if below else middle - high[1]) + rng.normal(0.0, 0.06) * height
    apart = max(float(apart), -0.05 * height)
    stacked = base_low[0] < (low[0] + high[0]) / 2 < base_high[0]  # limits above and below their operator
    x = (low[0] + high[0] - side[0]) / 2 if stacked else low[0] + rng.normal(0.0, 0.08) * height
    y = middle - apart - side[1] if below else middle + apart
    return new.moved(scale, np.array([x, y]) - scale * new_low)


def _make_room(ink: FramedInk, script: _Script, fitted: FramedInk) -> FramedInk:
    """Move everything after a script of the main row by the length by which the second script reaches farther."""
    (_, high), (_, edge) = ink.cut(script.group.start, script.group.stop).bounds, fitted.bounds
    grown = float(edge[0] - high[0])
    return opened(ink, script.group, float(high[0]), grown) if script.group.depth == 1 and grown > 0 else ink
