r"""New labelled ink out of old: pure functions of inks and a random generator.

- sub-expressions: a run of items of one row, with its strokes ("pattern decomposition", Le & Nakagawa, 2019);
- swaps: a symbol drawn by another writer, or another symbol of the same shape group in its place;
- slots: a numerator, denominator, radicand or script out of another ink;
- joining: two inks side by side.
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

KEPT = 16_384  # symbols cut out, about 30 MB
SLOTS_SWAPPED = ("numerator", "denominator", "radicand", "sub", "sup")

# Symbols of about the same height on the line: one may stand where another stood. Brackets and big operators are only
# exchanged for their like: a pair must match, and limits stand differently at a sum and at an integral.
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
    """How often each operation is tried on an ink; 0 everywhere leaves inks as they are."""

    sub_expression: float = 0.4
    swap: float = 0.7  # of inks whose symbols are swapped
    swap_other: float = 0.18  # of their classes: for another class of the shape group
    swap_same: float = 0.28  # of their symbols: for the same class out of another ink
    swap_case: float = 0.0  # of their letters that look alike in both cases: throughout for the other case
    slot: float = 0.33
    join: float = 0.18
    blend: float = 0.0  # of symbols, drawn or kept while swapping: more, or less, like another drawing of the class
    external_symbols: float = (
        0.0  # of drawn symbols: out of the symbol sets (`data.symbols`), where they have the class
    )
    second_script: float = 0.0  # of inks: a symbol with one script gets the other one too
    prefix: float = 0.0  # of inks: only their first strokes
    typeset: float = 0.0  # of inks: not recombined but typeset anew and filled with symbols
    grammar_formulas: float = (
        0.0  # of typeset formulas: from a grammar over the whole vocabulary, not like the training labels
    )
    paper_formulas: float = 0.0  # of typeset formulas: out of `data.formulas`
    symbol_rows: float = 0.0  # of typeset formulas: a few symbols in a row, each class that somebody drew alike
    numbers: float = 0.0  # of typeset formulas: numbers, prices, dates, sums, as people write them
    tables: float = 0.0  # of typeset formulas: matrices, cases, systems, derivations line by line
    school: float = 0.0  # of typeset formulas: algebra, calculus and sums of school
    one_writer: float = 0.0  # of typeset formulas: by one writer throughout; what he never drew is by one other
    two_writers: float = 0.0  # of those by one writer: every symbol blended with the other writer's, by one share

    @classmethod
    def none(cls) -> "RecombineConfig":
        """Inks as they were written."""
        return cls(sub_expression=0.0, swap=0.0, swap_other=0.0, swap_same=0.0, slot=0.0, join=0.0)


class Donors:
    """What other inks can give: drawn symbols by class, groups by slot, whole inks.

    Pages are asked for when something is cut out of them; what is kept of each is eight bytes a symbol and a group.
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
        """Index the inks whose every stroke is known to draw a token.

        `symbols` are inks of one symbol each, out of sets that hold nothing else; they are drawn with the probability
        `external_symbols`, and wherever the inks lack a class. What is drawn is blended with the probability `blend`.
        `one_writer` and `two_writers` are those of `RecombineConfig`.
        """
        self._inks, self._own_symbols, self._share, self.blend = inks, symbols, external_symbols, blend
        self._one_writer, self._two_writers = one_writer, two_writers
        self._second_writer: TokenRuns = {}  # of the second writer, where formulas are by one writer throughout
        self._way: float | None = None  # from the first writer's drawings to the second's, where they are blended
        self._usable = array("l")  # numbers of inks
        self._symbols: TokenRuns = defaultdict(no_runs)  # of each class
        self._groups: TokenRuns = defaultdict(no_runs)  # of each slot
        self._by_writer: dict[str, TokenRuns] = {}  # of each writer
        self._writer_symbols: TokenRuns = {}
        self._external: TokenRuns = defaultdict(no_runs)
        self._drawn: dict[int, FramedInk] = {}  # symbols cut out lately
        for number, ink in enumerate(inks):
            if ink.aligned and len(ink):
                self._index(number, ink)
        for number, ink in enumerate(symbols, len(inks)):
            self._add(self._external, ink.tokens[0], ink.writer, to_run(number, 0, 1))
        self._writers = sorted(self._by_writer)
        self._reach = np.cumsum([len(self._by_writer[writer]) for writer in self._writers])  # of classes
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
        """Return the classes that some ink has a symbol of."""
        return self._symbols.keys() | self._external.keys()

    def __contains__(self, token: object) -> bool:
        """Whether some ink has a symbol of this class."""
        return token in self._symbols or token in self._external

    def of_one_writer(self, rng: np.random.Generator) -> "Donors":
        """Return the same donors, but with symbols of one writer wherever that writer drew the class."""
        chosen = copy(self)
        if self._one_writer and self._writers and rng.random() < self._one_writer:
            chosen._writer_symbols, chosen._second_writer = self._some_hand(rng), self._some_hand(rng)
            if rng.random() < self._two_writers:
                chosen._way = float(rng.uniform(*REACH))
            return chosen
        chosen._writer_symbols = (
            self._by_writer[self._writers[rng.integers(len(self._writers))]] if self._writers else {}
        )
        return chosen

    def _some_hand(self, rng: np.random.Generator) -> TokenRuns:
        """Draw a writer, the likelier the more classes that writer drew: many have but one short ink."""
        place = np.searchsorted(self._reach, rng.integers(self._reach[-1]), side="right")
        return self._by_writer[self._writers[int(place)]]

    def symbol(self, token: str, rng: np.random.Generator) -> FramedInk | None:
        """Draw one symbol of a class, blended now and then; None where no ink has it."""
        drawn = self.drawing(token, rng)
        return None if drawn is None else self.blended(drawn, rng)

    def drawing(self, token: str, rng: np.random.Generator) -> FramedInk | None:
        """Draw one symbol of a class as somebody drew it, None where no ink has it."""
        if self._second_writer:
            places = self._writer_symbols.get(token) or self._second_writer.get(token)
            if places:
                return self._pick(places, rng)
        return self._draw(token, self._writer_symbols.get(token) or self._symbols.get(token), rng)

    def blended(self, symbol: FramedInk, rng: np.random.Generator) -> FramedInk:
        """Blend a symbol, now and then, with another drawing of its class, whoever drew that.

        A formula by one writer is not blended. Where it is blended between two writers, the other drawing is the second
        writer's, and the share is the same throughout.
        """
        if self._second_writer:
            places = self._second_writer.get(symbol.tokens[0]) if self._way is not None else None
            return blend(symbol, _fitted(self._pick(places, rng), symbol), rng, self._way) if places else symbol
        if not self.blend or rng.random() >= self.blend:
            return symbol
        other = self._draw(symbol.tokens[0], self._symbols.get(symbol.tokens[0]), rng)
        return symbol if other is None else blend(symbol, _fitted(other, symbol), rng)

    def _draw(self, token: str, places: "array[int] | None", rng: np.random.Generator) -> FramedInk | None:
        """Cut out one of the places, or a symbol of the symbol sets."""
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
        """The ink of a run of tokens; the symbols' numbers follow those of the inks."""
        number, start, stop = from_run(place)
        external = number - len(self._inks)
        ink = self._inks[number] if external < 0 else self._own_symbols[external]
        return ink.cut(start, stop)

    def other(self, token: str, rng: np.random.Generator) -> str:
        """Choose another class of the same shape group, the class itself where there is none."""
        others = self._others.get(token)
        return others[rng.integers(len(others))] if others else token

    def group(self, slot: str, rng: np.random.Generator) -> FramedInk | None:
        """Draw the content of a group in a slot."""
        places = self._groups.get(slot)
        if not places:
            return None
        return self._cut(places[rng.integers(len(places))])

    def ink(self, rng: np.random.Generator) -> FramedInk:
        """Draw a whole ink."""
        return self._inks[self._usable[rng.integers(len(self._usable))]]


def recombine(ink: FramedInk, donors: Donors, rng: np.random.Generator, config: RecombineConfig) -> FramedInk:
    """Return new ink made from `ink`; an ink with strokes of unknown meaning comes back as it is."""
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
    """Cut out a random run of items of a random row, of at least two symbols where the row has them."""
    groups = [group for group in find_groups(ink.tokens) if len(group.items) > 1]
    if not groups:
        return ink
    group = groups[rng.integers(len(groups))]
    first, last = np.sort(rng.choice(len(group.items), 2, replace=False))
    span = group.run(int(first), int(last))
    part = ink.cut(span.start, span.stop)
    return part if len(part) else ink


def swap_symbols(ink: FramedInk, donors: Donors, rng: np.random.Generator, config: RecombineConfig) -> FramedInk:
    """Redraw symbols as another class of their shape group, as their own class, or as the other case of a letter.

    A class becomes the same other one throughout: formulas repeat their symbols, and a reader should know it. Only
    symbols whose strokes follow one another in time, so that the order stays one that a hand would write.
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
        if old == "\\sqrt":  # its sign is drawn around what it holds
            continue
        target = ink.cut(int(token), int(token) + 1)
        donor = donors.blended(target, rng) if kept else donors.symbol(new, rng)
        if donor is None or donor is target:
            continue
        # One token takes one token's place: the other tokens keep their indices.
        recased = new != old and new.lower() == old.lower()
        fitted = _recased(donor, target, old.islower(), rng) if recased else _fitted(donor, target)
        ink = ink.with_part(int(token), int(token) + 1, fitted, int(strokes[0]))
    return ink


def _other_name(name: str, donors: Donors, rng: np.random.Generator, config: RecombineConfig) -> str:
    """The class that all symbols of a class become: the letter's other case, another of the shape group, or itself."""
    if rng.random() < config.swap_case and name.lower() in SAME_IN_BOTH_CASES:
        return name.swapcase()
    return donors.other(name, rng) if rng.random() < config.swap_other else name


def _recased(part: FramedInk, target: FramedInk, capital: bool, rng: np.random.Generator) -> FramedInk:
    """Fit a letter to the place of its other case: its own size larger or smaller, on the same line."""
    fitted = _fitted(part, target)
    grown = np.exp(rng.uniform(np.log(1.3), np.log(1.75)) * (1 if capital else -1))
    low, high = fitted.bounds
    line = high[1] - (0.3 * (high - low)[1] if part.tokens[0].lower() in BELOW_THE_LINE and capital else 0.0)
    centre = np.array([(low[0] + high[0]) / 2, high[1]])
    return fitted.moved(1.0, -centre).moved(float(grown), np.array([centre[0], line]))


def _fitted(part: FramedInk, target: FramedInk) -> FramedInk:
    """Scale and move a symbol to another's diagonal and centre."""
    (low, high), (target_low, target_high) = part.bounds, target.bounds
    diagonal, wanted = np.hypot(*(high - low)), np.hypot(*(target_high - target_low))
    scale = wanted / diagonal if diagonal > 0 and wanted > 0 else 1.0
    return part.moved(scale, (target_low + target_high) / 2 - scale * (low + high) / 2)


def swap_slot(ink: FramedInk, donors: Donors, rng: np.random.Generator) -> FramedInk:
    """Replace the content of a random group by that of another ink's group in the same slot, fitted to its place."""
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
        return ink  # too tall or too small to stand there
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
    """How wide the new content of a group may be: as wide as a fraction's bar; a script of the main row may grow."""
    if group.slot in ("sub", "sup") and group.depth == 1:
        return max(3.0 * width, 4.0 * old.unit())
    if group.slot == "numerator":
        bar = ink.cut(group.start - 2, group.start - 1)
        if len(bar):
            low, high = bar.bounds
            return max(width, 1.1 * float(high[0] - low[0]))
    return 1.15 * max(width, old.unit())


def opened(ink: FramedInk, group: TokenGroup, edge: float, grown: float) -> FramedInk:
    """Shift what is written behind a script of the main row to the right of it, by as much as the script grew."""
    low, _ = ink.extents()
    behind = (ink.stroke_tokens >= group.stop) & (low[:, 0] > edge - 1e-9)
    boxes = ink.boxes_S3.copy()
    boxes[behind, 0] += grown
    return FramedInk(ink.points_SP2, boxes, ink.tokens, ink.stroke_tokens)


def join(left: FramedInk, right: FramedInk, rng: np.random.Generator) -> FramedInk:
    """Write one ink to the right of another, at the same size and on the same line."""
    scale = left.unit() / right.unit()
    (_, left_high), (right_low, _) = left.bounds, right.bounds
    gap = left.unit() * rng.uniform(0.2, 1.2)
    shift = [left_high[0] + gap - scale * right_low[0], _axis(left) - scale * _axis(right)]
    moved = right.moved(scale, np.array(shift))
    count = len(left.tokens)
    return left.with_part(count, count, moved, len(left))


def _axis(ink: FramedInk) -> float:
    """The height of the line: the median middle of what stands in the main row itself."""
    main = find_groups(ink.tokens)[-1]
    starts = {item.start for item in main.items}
    on_line = np.isin(ink.stroke_tokens, list(starts))
    boxes = ink.boxes_S3[on_line] if on_line.any() else ink.boxes_S3
    return float(np.median(boxes[:, 1]))
