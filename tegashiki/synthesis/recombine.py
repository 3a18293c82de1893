r"""Recombination of labelled ink into new labelled ink, by pure functions of inks and a random generator.

- Sub-expressions: a run of items of one row with its strokes ("pattern decomposition", Le & Nakagawa, 2019).
- Swaps: a symbol is replaced by another writer's drawing of it, or by another symbol of the same shape group.
- Slots: a numerator, denominator, radicand or script is replaced by that of another ink.
- Joining: two inks are put side by side.
"""

from array import array
from collections import defaultdict
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass

import numpy as np

from tegashiki.synthesis.blend import REACH, blend
from tegashiki.synthesis.framed_ink import FramedInk
from tegashiki.synthesis.spans import TokenGroup, find_groups
from tegashiki.synthesis.token_runs import TokenRuns, from_run, no_runs, to_run

KEPT = 16_384  # number of cached symbols, about 30 MB
SLOTS_SWAPPED = ("numerator", "denominator", "radicand", "sub", "sup")

# Groups of symbols of about the same height and position on the line, which may replace one another. Brackets and big
# operators are in no group, because a pair of brackets must match and limits have other places at a sum than at an
# integral.
SHAPE_GROUPS = tuple(
    frozenset(group.split())
    for group in (
        "0 1 2 3 4 5 6 7 8 9",
        r"a c e m n o r s u v w x z \alpha \pi \sigma \epsilon \nu \tau \omega \kappa",
        r"b d f h k l t \delta \theta \lambda",
        r"g j p q y \beta \gamma \mu \phi \rho \eta \chi \psi \xi \zeta",
        r"A B C D E F G H I J K L M N O P Q R S T U V W X Y Z \Delta \Gamma \Sigma \Pi \Omega \Phi",
        r"+ \pm \times \div",
        r"= < > \leq \geq \neq",
    )
)
SAME_IN_BOTH_CASES = frozenset("ckopsuvwxyz")
BELOW_THE_LINE = frozenset("py")  # in lower case


@dataclass(frozen=True)
class RecombineConfig:
    """Probability of each operation. With zeros only, inks do not change.

    Attributes:
        sub_expression: Share of inks that are reduced to a sub-expression.
        swap: Share of inks in which symbols are swapped.
        swap_other: Share of the classes of these inks that become another class of their shape group.
        swap_same: Share of the symbols of these inks that are replaced by a drawing of the same class.
        swap_case: Share of the letters of these inks that change their case throughout the ink, among those letters
            that look alike in both cases.
        slot: Share of inks in which the content of a slot is replaced.
        join: Share of inks that are joined with another ink.
        blend: Share of symbols, replaced or kept by a swap, that are blended with another drawing of their class.
        external_symbols: Share of replacing symbols that come from the datasets of symbols (`data.symbols`), if these
            have the class.
        second_script: Share of inks in which a symbol with one script gets a second script.
        prefix: Share of inks that are reduced to their first strokes.
        typeset: Share of inks that are typeset and filled with symbols instead of recombined.
        grammar_formulas: Share of typeset formulas from a grammar over the whole vocabulary; the others resemble the
            training labels.
        paper_formulas: Share of typeset formulas from `data.formulas`.
        symbol_rows: Share of typeset formulas that are a few random symbols in a row, of all classes that somebody drew
            with equal probability.
        numbers: Share of typeset formulas that are numbers, prices, dates and sums as people write them.
        tables: Share of typeset formulas that are matrices, cases, systems and derivations line by line.
        school: Share of typeset formulas of school algebra, calculus and sums.
        one_writer: Share of typeset formulas by a single writer; classes that this writer never drew come from a
            second writer.
        two_writers: Share of the formulas by a single writer in which every symbol is blended with the second writer's
            drawing, with the same weight throughout.
    """

    sub_expression: float = 0.4
    swap: float = 0.7
    swap_other: float = 0.18
    swap_same: float = 0.28
    swap_case: float = 0.0
    slot: float = 0.33
    join: float = 0.18
    blend: float = 0.0
    external_symbols: float = 0.0
    second_script: float = 0.0
    prefix: float = 0.0
    typeset: float = 0.0
    grammar_formulas: float = 0.0
    paper_formulas: float = 0.0
    symbol_rows: float = 0.0
    numbers: float = 0.0
    tables: float = 0.0
    school: float = 0.0
    one_writer: float = 0.0
    two_writers: float = 0.0

    @classmethod
    def none(cls) -> "RecombineConfig":
        """Return the configuration that leaves all inks unchanged."""
        return cls(sub_expression=0.0, swap=0.0, swap_other=0.0, swap_same=0.0, slot=0.0, join=0.0)


class Donors:
    """The source of parts for recombination: symbols by class, groups by slot, and whole inks.

    An ink is read only when a part is cut out of it. The index takes eight bytes per symbol and per group.
    """

    def __init__(
        self,
        inks: Sequence[FramedInk],
        symbols: Sequence[FramedInk] = (),
        external_symbols: float = 0.0,
        blend: float = 0.0,
        one_writer: float = 0.0,
        two_writers: float = 0.0,
    ) -> None:
        """Index the inks in which the token of every stroke is known.

        Args:
            inks: The inks.
            symbols: Inks of one symbol each, from the datasets of symbols.
            external_symbols: Probability that a drawn symbol comes from `symbols`. Classes that `inks` lack always do.
            blend: Probability that a drawn symbol is blended with another drawing of its class.
            one_writer: See `RecombineConfig`.
            two_writers: See `RecombineConfig`.
        """
        self._inks, self._own_symbols, self._share, self.blend = inks, symbols, external_symbols, blend
        self._one_writer, self._two_writers = one_writer, two_writers
        self._second_writer: TokenRuns = {}  # class -> symbols of the second writer, for formulas by a single writer
        self._writer_share: float | None = None  # blending weight of the second writer's drawings; None: not blended
        self._usable = array("l")  # numbers of the indexed inks
        self._symbols: TokenRuns = defaultdict(no_runs)  # class -> symbols
        self._groups: TokenRuns = defaultdict(no_runs)  # slot -> groups
        self._by_writer: dict[str, TokenRuns] = {}  # writer -> class -> symbols
        self._writer_symbols: TokenRuns = {}  # class -> symbols of the preferred writer
        self._external: TokenRuns = defaultdict(no_runs)  # class -> symbols of the datasets of symbols
        self._drawn: dict[int, FramedInk] = {}  # cache of symbols that were cut out
        for number, ink in enumerate(inks):
            if ink.aligned and len(ink):
                self._index(number, ink)
        for number, ink in enumerate(symbols, len(inks)):
            self._add(self._external, ink.tokens[0], ink.writer, to_run(number, 0, 1))
        self._writers = sorted(self._by_writer)
        self._reach = np.cumsum([len(self._by_writer[writer]) for writer in self._writers])  # cumulated class counts
        known = self.classes()
        self._others = {token: sorted((group & known) - {token}) for group in SHAPE_GROUPS for token in group}

    def _index(self, number: int, ink: FramedInk) -> None:
        self._usable.append(number)
        for token in sorted(set(ink.stroke_tokens.tolist())):
            self._add(self._symbols, ink.tokens[token], ink.writer, to_run(number, token, token + 1))
        for group in find_groups(ink.tokens):
            if group.slot in SLOTS_SWAPPED:
                self._groups[group.slot].append(to_run(number, group.start, group.stop))

    def _add(self, places: TokenRuns, name: str, writer: str, place: int) -> None:
        places[name].append(place)
        if writer:
            self._by_writer.setdefault(writer, defaultdict(no_runs))[name].append(place)

    def classes(self) -> set[str]:
        """Return the classes of all symbols."""
        return self._symbols.keys() | self._external.keys()

    def __contains__(self, token: object) -> bool:
        """Return whether there is a symbol of this class."""
        return token in self._symbols or token in self._external

    def of_one_writer(self, rng: np.random.Generator) -> "Donors":
        """Return donors that prefer the symbols of a random writer for every class that this writer drew."""
        chosen = copy(self)
        if self._one_writer and self._writers and rng.random() < self._one_writer:
            chosen._writer_symbols, chosen._second_writer = self._random_writer(rng), self._random_writer(rng)
            if rng.random() < self._two_writers:
                chosen._writer_share = float(rng.uniform(*REACH))
            return chosen
        chosen._writer_symbols = {}
        if self._writers:
            chosen._writer_symbols = self._by_writer[self._writers[rng.integers(len(self._writers))]]
        return chosen

    def _random_writer(self, rng: np.random.Generator) -> TokenRuns:
        """Draw a writer with a probability proportional to the number of classes: many writers have one short ink."""
        place = np.searchsorted(self._reach, rng.integers(self._reach[-1]), side="right")
        return self._by_writer[self._writers[int(place)]]

    def symbol(self, token: str, rng: np.random.Generator) -> FramedInk | None:
        """Draw a symbol of a class, which may be blended; None if there is none."""
        drawn = self.drawing(token, rng)
        return None if drawn is None else self.blended(drawn, rng)

    def drawing(self, token: str, rng: np.random.Generator) -> FramedInk | None:
        """Draw a symbol of a class as somebody drew it; None if there is none."""
        if self._second_writer:
            places = self._writer_symbols.get(token) or self._second_writer.get(token)
            if places:
                return self._pick(places, rng)
        return self._draw(token, self._writer_symbols.get(token) or self._symbols.get(token), rng)

    def blended(self, symbol: FramedInk, rng: np.random.Generator) -> FramedInk:
        """Blend a symbol with another drawing of its class, with the probability `blend`.

        Symbols of a formula by a single writer are blended only if the formula is blended between two writers. Then the
        other drawing is the second writer's, and the weight is the same for all symbols.
        """
        if self._second_writer:
            places = self._second_writer.get(symbol.tokens[0]) if self._writer_share is not None else None
            if not places:
                return symbol
            return blend(symbol, _fitted(self._pick(places, rng), symbol), rng, self._writer_share)
        if not self.blend or rng.random() >= self.blend:
            return symbol
        other = self._draw(symbol.tokens[0], self._symbols.get(symbol.tokens[0]), rng)
        return symbol if other is None else blend(symbol, _fitted(other, symbol), rng)

    def _draw(self, token: str, places: "array[int] | None", rng: np.random.Generator) -> FramedInk | None:
        """Cut out the symbol at one of the places, or one of the datasets of symbols."""
        if token in self._external and (not places or rng.random() < self._share):
            places = self._external[token]
        return self._pick(places, rng) if places else None

    def _pick(self, places: "array[int]", rng: np.random.Generator) -> FramedInk:
        place = places[rng.integers(len(places))]
        if place not in self._drawn:
            if len(self._drawn) >= KEPT:
                self._drawn.clear()
            self._drawn[place] = self._cut(place)
        return self._drawn[place]

    def _cut(self, place: int) -> FramedInk:
        """Cut out a run of tokens. The numbers of `symbols` follow those of the inks."""
        number, start, stop = from_run(place)
        external = number - len(self._inks)
        ink = self._inks[number] if external < 0 else self._own_symbols[external]
        return ink.cut(start, stop)

    def other(self, token: str, rng: np.random.Generator) -> str:
        """Choose another class of the same shape group, or the class itself if there is none."""
        others = self._others.get(token)
        return others[rng.integers(len(others))] if others else token

    def group(self, slot: str, rng: np.random.Generator) -> FramedInk | None:
        """Draw the content of a group in a slot; None if there is none."""
        places = self._groups.get(slot)
        if not places:
            return None
        return self._cut(places[rng.integers(len(places))])

    def ink(self, rng: np.random.Generator) -> FramedInk:
        """Draw a whole ink."""
        return self._inks[self._usable[rng.integers(len(self._usable))]]


def recombine(ink: FramedInk, donors: Donors, rng: np.random.Generator, config: RecombineConfig) -> FramedInk:
    """Return new ink made from `ink`.

    An ink without strokes, or with strokes whose tokens are unknown, is returned unchanged.
    """
    if not ink.aligned or not len(ink):
        return ink
    if rng.random() < config.join:
        ink = join(_part_of(ink, rng, config), _part_of(donors.ink(rng), rng, config), rng)
    else:
        ink = _part_of(ink, rng, config)
    if rng.random() < config.slot:
        ink = swap_slot(ink, donors, rng)
    if rng.random() < config.swap:
        ink = swap_symbols(ink, donors, rng, config)
    return ink


def _part_of(ink: FramedInk, rng: np.random.Generator, config: RecombineConfig) -> FramedInk:
    return sub_expression(ink, rng) if rng.random() < config.sub_expression else ink


def sub_expression(ink: FramedInk, rng: np.random.Generator) -> FramedInk:
    """Cut out a random run of at least two items of a random row; an ink without such a row is returned unchanged."""
    groups = [group for group in find_groups(ink.tokens) if len(group.items) > 1]
    if not groups:
        return ink
    group = groups[rng.integers(len(groups))]
    first, last = np.sort(rng.choice(len(group.items), 2, replace=False))
    span = group.run(int(first), int(last))
    part = ink.cut(span.start, span.stop)
    return part if len(part) else ink


def swap_symbols(ink: FramedInk, donors: Donors, rng: np.random.Generator, config: RecombineConfig) -> FramedInk:
    """Replace symbols by another class of their shape group, another drawing of their class, or their other case.

    All symbols of a class become the same other class, because formulas repeat their symbols and a model should learn
    that. Only symbols whose strokes were written one after another are replaced, so that the order of strokes remains
    one that a person would use.
    """
    names: dict[str, str] = {}
    for token in np.unique(ink.stroke_tokens):
        old = ink.tokens[token]
        if old not in names:
            names[old] = _other_name(old, donors, rng, config)
        new = names[old]
        kept = new == old and rng.random() >= config.swap_same
        if kept and not donors.blend:
            continue
        strokes = np.flatnonzero(ink.stroke_tokens == token)
        if strokes[-1] - strokes[0] + 1 != len(strokes):
            continue
        if old == "\\sqrt":  # the sign encloses the radicand
            continue
        target = ink.cut(int(token), int(token) + 1)
        donor = donors.blended(target, rng) if kept else donors.symbol(new, rng)
        if donor is None or donor is target:
            continue
        # One token replaces one token, so the other tokens keep their indices.
        recased = new != old and new.lower() == old.lower()
        fitted = _recased(donor, target, old.islower(), rng) if recased else _fitted(donor, target)
        ink = ink.with_part(int(token), int(token) + 1, fitted, int(strokes[0]))
    return ink


def _other_name(name: str, donors: Donors, rng: np.random.Generator, config: RecombineConfig) -> str:
    """Choose the class that all symbols of a class become: the other case, another of the shape group, or itself."""
    if rng.random() < config.swap_case and name.lower() in SAME_IN_BOTH_CASES:
        return name.swapcase()
    return donors.other(name, rng) if rng.random() < config.swap_other else name


def _recased(part: FramedInk, target: FramedInk, capital: bool, rng: np.random.Generator) -> FramedInk:
    """Fit a letter to the place of its other case: on the same line, but larger (a capital) or smaller."""
    fitted = _fitted(part, target)
    grown = np.exp(rng.uniform(np.log(1.3), np.log(1.75)) * (1 if capital else -1))
    low, high = fitted.bounds
    line = high[1] - (0.3 * (high - low)[1] if part.tokens[0].lower() in BELOW_THE_LINE and capital else 0.0)
    centre = np.array([(low[0] + high[0]) / 2, high[1]])
    return fitted.moved(1.0, -centre).moved(float(grown), np.array([centre[0], line]))


def _fitted(part: FramedInk, target: FramedInk) -> FramedInk:
    """Scale and move a symbol to the diagonal and the centre of another one."""
    (low, high), (target_low, target_high) = part.bounds, target.bounds
    diagonal, wanted = np.hypot(*(high - low)), np.hypot(*(target_high - target_low))
    scale = wanted / diagonal if diagonal > 0 and wanted > 0 else 1.0
    return part.moved(scale, (target_low + target_high) / 2 - scale * (low + high) / 2)


def swap_slot(ink: FramedInk, donors: Donors, rng: np.random.Generator) -> FramedInk:
    """Replace the content of a random group by that of another ink's group in the same slot, fitted to its place.

    An ink without groups is returned unchanged, as is one into which the new content does not fit.
    """
    groups = [group for group in find_groups(ink.tokens) if group.slot in SLOTS_SWAPPED]
    if not groups:
        return ink
    group = groups[rng.integers(len(groups))]
    old, new = ink.cut(group.start, group.stop), donors.group(group.slot, rng)
    if new is None or not len(old) or not len(new):
        return ink
    (old_low, old_high), (low, high) = old.bounds, new.bounds
    old_side, side = np.maximum(old_high - old_low, 1e-9), np.maximum(high - low, 1e-9)
    room = _room(ink, group, old, old_side[0])
    scale = min(old.unit() / new.unit(), room / side[0])
    if scale * side[1] > 2.0 * max(old_side[1], old.unit()) or scale * new.unit() < 0.4 * old.unit():
        return ink  # the new content would be too tall or too small
    centred = group.slot in ("numerator", "denominator")
    x = (old_low[0] + old_high[0] - scale * side[0]) / 2 if centred else old_low[0]
    y = (old_low[1] + old_high[1] - scale * side[1]) / 2
    fitted = new.moved(scale, np.array([x, y]) - scale * low)
    at = int(ink.strokes_of(group.start, group.stop)[0])
    grown = 0.0 if centred else scale * side[0] - old_side[0]
    if grown and group.depth == 1:
        ink = opened(ink, group, float(old_high[0]), float(grown))
    return ink.with_part(group.start, group.stop, fitted, at)


def _room(ink: FramedInk, group: TokenGroup, old: FramedInk, width: float) -> float:
    """Return the maximum width of the new content of a group.

    A numerator may be as wide as the bar of its fraction, and a script of the main row may grow.
    """
    if group.slot in ("sub", "sup") and group.depth == 1:
        return max(3.0 * width, 4.0 * old.unit())
    if group.slot == "numerator":
        bar = ink.cut(group.start - 2, group.start - 1)
        if len(bar):
            low, high = bar.bounds
            return max(width, 1.1 * float(high[0] - low[0]))
    return 1.15 * max(width, old.unit())


def opened(ink: FramedInk, group: TokenGroup, edge: float, grown: float) -> FramedInk:
    """Shift everything to the right of a script of the main row by the width by which the script grew.

    Args:
        ink: The ink.
        group: The script.
        edge: x of the right edge of the old script.
        grown: The shift.
    """
    low, _ = ink.extents()
    behind = (ink.stroke_tokens >= group.stop) & (low[:, 0] > edge - 1e-9)
    boxes = ink.boxes_S3.copy()
    boxes[behind, 0] += grown
    return FramedInk(ink.points_SP2, boxes, ink.tokens, ink.stroke_tokens)


def join(left: FramedInk, right: FramedInk, rng: np.random.Generator) -> FramedInk:
    """Write one ink to the right of another, in the same size and on the same line."""
    scale = left.unit() / right.unit()
    (_, left_high), (right_low, _) = left.bounds, right.bounds
    gap = left.unit() * rng.uniform(0.2, 1.2)
    shift = [left_high[0] + gap - scale * right_low[0], _axis(left) - scale * _axis(right)]
    moved = right.moved(scale, np.array(shift))
    count = len(left.tokens)
    return left.with_part(count, count, moved, len(left))


def _axis(ink: FramedInk) -> float:
    """Return y of the writing line: the median centre of the strokes that belong to the main row itself."""
    main = find_groups(ink.tokens)[-1]
    starts = {item.start for item in main.items}
    on_line = np.isin(ink.stroke_tokens, list(starts))
    boxes = ink.boxes_S3[on_line] if on_line.any() else ink.boxes_S3
    return float(np.median(boxes[:, 1]))
