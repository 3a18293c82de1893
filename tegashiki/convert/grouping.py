r"""Group the items of a row as a reader does: digits to numbers, letters to names of functions, brackets to pairs.

Canonical tokens are what ink shows: `1 2` are two symbols, `l n` two letters, and a bracket does not know its partner.
The forms that people paste need the number 12, the function ln and the pair.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tegashiki.convert.decimal_comma import DECIMAL_COMMA
from tegashiki.latex import symbols as s
from tegashiki.latex.layout import LIMITS
from tegashiki.latex.nodes import Accent, Fraction, Node, Root, Row, Script, Stack, Symbol, Table


@dataclass(frozen=True, slots=True)
class Number:
    """Digits, with at most one decimal point between or before them, or one comma: `12`, `3.14`, `.5`, `3,14`."""

    text: str


@dataclass(frozen=True, slots=True)
class Name:
    """The name of a function or operator: `sin`, `ln`, `max`."""

    text: str


@dataclass(frozen=True, slots=True)
class Fence:
    r"""A pair of brackets or bars around items.

    Attributes:
        left: The token of the opening bracket, `|` or `\|` for bars.
        right: The token of the closing one; "" if there is none, as after the brace of `cases`.
        body: The items between them.
    """

    left: str
    right: str
    body: tuple[Item, ...]

    @property
    def kind(self) -> str:
        """The two brackets with a space between them, as tables of targets name a pair."""
        return f"{self.left} {self.right}"


@dataclass(frozen=True, slots=True)
class Scripts:
    """An item with a subscript, a superscript or both. A base of None draws nothing."""

    base: Item | None
    sub: Row | None = None
    sup: Row | None = None


Item = Symbol | Number | Name | Fence | Scripts | Fraction | Root | Accent | Stack | Table

BAR, BARS = "|", "\\|"
_MARKS = {".": ".", DECIMAL_COMMA: ","}  # of a number, by their tokens
_SEPARATORS = frozenset((*s.BRACKETS, *s.BRACKETS.values(), ",", ";"))
_ONE_TOKEN = {"sin": ("\\sin",), "cos": ("\\cos",), "tan": ("\\tan",), "log": ("\\log",), "lim": ("\\lim",)}
_SPELLED = "ln exp max min det gcd lcm cot coth sec csc sech csch dim ker arg deg inf sup lg sgn mod"
# Names that are told from a product of letters, and the tokens that spell them.
NAMES: dict[str, tuple[str, ...]] = {
    **{name: tuple(name) for name in _SPELLED.split()},
    **_ONE_TOKEN,
    **{name + "h": (*_ONE_TOKEN[name], "h") for name in ("sin", "cos", "tan")},
    **{"arc" + name: ("a", "r", "c", *_ONE_TOKEN[name]) for name in ("sin", "cos", "tan")},
    **{name: ("\\lim", *name[3:]) for name in ("liminf", "limsup")},
}
LONGEST_FIRST = sorted(NAMES.items(), key=lambda entry: -len(entry[1]))
# Names whose subscript is set below them.
NAMES_WITH_LIMITS = frozenset(("lim", "liminf", "limsup", "max", "min", "inf", "sup"))
# What a product and the argument of a function do not reach across.
ENDS = frozenset((*s.BINARY, *s.RELATIONS, *s.ARROWS, *s.DOTS, *"+-*/<>=,;:", "\\neg", "\\therefore", "\\because"))


def grouped(row: Row) -> tuple[Item, ...]:
    """Return the items of a row in normal form, grouped. The rows within them are not grouped yet."""
    return _with_pairs(_with_words(row.items))


def primes(row: Row | None) -> int:
    """Return the number of primes at the beginning of a superscript."""
    count = 0
    while row and count < len(row.items) and row.items[count] == Symbol("\\prime"):
        count += 1
    return count


def has_limits(base: Item | None) -> bool:
    """Return whether scripts of a base are set below and above it."""
    if isinstance(base, Name):
        return base.text in NAMES_WITH_LIMITS
    return isinstance(base, Symbol) and base.token in LIMITS


def core(item: Item | None) -> Item | None:
    """Return an item without its scripts."""
    return item.base if isinstance(item, Scripts) else item


def is_end(item: Item) -> bool:
    """Return whether an item is an operator, a relation or a separator, which ends a product."""
    base = core(item)
    return isinstance(base, Symbol) and (base.token in ENDS or base.token.startswith("\\not"))


def argument_end(items: Sequence[Item], start: int) -> int:
    """Return where the argument of a function ends that begins at `start`: one pair of brackets, or a product."""
    if start < len(items) and isinstance(core(items[start]), Fence):
        return start + 1
    end = start
    while end < len(items) and not is_end(items[end]):
        base = core(items[end])
        if end > start and isinstance(base, (Name, Fence)):
            break
        if isinstance(base, Symbol) and base.token in s.BIG_OPERATORS:
            break
        end += 1
        if isinstance(base, Name):
            return argument_end(items, end)
    return end


# --- numbers, names and negated signs


def _with_words(items: Sequence[Node]) -> list[Item]:
    found: list[Item] = []
    i = 0
    while i < len(items):
        for rule in (_number, _name, _negated):
            item, length = rule(items, i, found)
            if item is not None:
                break
        else:
            item, length = _own(items[i]), 1
        found.append(item)
        i += length
    return found


_Found = tuple[Item | None, int]


def _own(node: Node) -> Item:
    """Return a node as an item of its own."""
    if isinstance(node, Script):
        return Scripts(None if node.base is None else _own(node.base), node.sub, node.sup)
    assert not isinstance(node, Row)  # a tree in normal form has no groups within rows
    return Symbol(",") if node == Symbol(DECIMAL_COMMA) else node  # not in a number, as in `3^2{,}5`


def _rescripted(base: Item, last: Node) -> Item:
    """Return the base with the scripts of the last node that it is made of."""
    return Scripts(base, last.sub, last.sup) if isinstance(last, Script) else base


def _token(node: Node, scripted: bool = False) -> str:
    """Return the token of a symbol, of one with scripts only if they are allowed; otherwise ""."""
    if scripted and isinstance(node, Script) and node.base is not None:
        node = node.base
    return node.token if isinstance(node, Symbol) else ""


def _number(items: Sequence[Node], i: int, before: list[Item]) -> _Found:
    text = ""
    for j in range(i, len(items)):
        token = _token(items[j], scripted=True)
        plain = isinstance(items[j], Symbol)
        mark = _MARKS.get(token) if plain else None
        if mark and _is_digit(items, j + 1) and (text.isdigit() or (mark == "." and not text and not _after(before))):
            text += mark
        elif len(token) == 1 and token.isdigit():
            text += token
            if not plain or not (_is_digit(items, j + 1) or _token_at(items, j + 1) in _MARKS):
                return _rescripted(Number(text), items[j]), j + 1 - i
        else:
            return (Number(text), j - i) if text else (None, 0)
    return (Number(text), len(items) - i) if text else (None, 0)


def _after(before: list[Item]) -> bool:
    return bool(before) and isinstance(core(before[-1]), Number)


def _token_at(items: Sequence[Node], i: int, scripted: bool = False) -> str:
    return _token(items[i], scripted) if i < len(items) else ""


def _is_digit(items: Sequence[Node], i: int) -> bool:
    token = _token_at(items, i, scripted=True)
    return len(token) == 1 and token.isdigit()


def _name(items: Sequence[Node], i: int, before: list[Item]) -> _Found:
    for name, spelled in LONGEST_FIRST:
        last = i + len(spelled) - 1
        if last >= len(items) or _token(items[last], scripted=True) != spelled[-1]:
            continue
        if all(_token(items[i + j]) == token for j, token in enumerate(spelled[:-1])):
            return _rescripted(Name(name), items[last]), len(spelled)
    return None, 0


def _negated(items: Sequence[Node], i: int, before: list[Item]) -> _Found:
    r"""Join `\not` and the symbol after it into one symbol."""
    if _token(items[i]) != "\\not" or i + 1 == len(items):
        return None, 0
    token = _token(items[i + 1], scripted=True)
    if not token or token in s.FUNCTIONS or token in _SEPARATORS or token == "\\not":
        return None, 0
    joined = f"\\not {token}" if token[0].isalpha() else f"\\not{token}"
    return _rescripted(Symbol(joined), items[i + 1]), 2


# --- pairs of brackets and bars


def _bracket(item: Item) -> str:
    base = core(item)
    return base.token if isinstance(base, Symbol) else ""


def _closed(left: str, right: str, body: Sequence[Item], last: Item) -> Item:
    """Return a pair; the scripts of its last bracket are those of the pair."""
    fence = Fence(left, right, tuple(body))
    return Scripts(fence, last.sub, last.sup) if isinstance(last, Scripts) else fence


def _with_pairs(items: Sequence[Item]) -> tuple[Item, ...]:
    found: list[Item] = []
    i = 0
    while i < len(items):
        end = _partner(items, i)
        if end is None:
            found.append(items[i])
            i += 1
            continue
        left, body = _bracket(items[i]), _with_pairs(items[i + 1 : end])
        if end == len(items):
            found.append(Fence(left, "", body))
        else:
            found.append(_closed(left, s.BRACKETS[left], body, items[end]))
        i = end + 1
    return _with_bars(found)


def _partner(items: Sequence[Item], i: int) -> int | None:
    """Return the index of the bracket that closes the one at `i`, or None.

    A bracket before a table at the end of the row needs no closing one; the result is then the number of items.
    """
    item = items[i]
    if not isinstance(item, Symbol) or item.token not in s.BRACKETS:
        return None
    depth = 0
    for j in range(i, len(items)):
        token = _bracket(items[j])
        depth += (token == item.token) - (token == s.BRACKETS[item.token])
        if depth == 0:
            return j
    return len(items) if len(items) == i + 2 and isinstance(items[i + 1], Table) else None


def _with_bars(items: Sequence[Item]) -> tuple[Item, ...]:
    r"""Return the items with pairs of bars, `|x|` and `\|x\|`. No pair reaches across a separator."""
    found: list[Item] = []
    run: list[Item] = []
    for item in items:
        if _bracket(item) in _SEPARATORS:
            found += [*_barred(run), item]
            run = []
        else:
            run.append(item)
    return (*found, *_barred(run))


def _barred(run: list[Item]) -> list[Item]:
    """Pair the bars of a run one after the other. If they do not all find partners, they stay as they are."""
    bars = [i for i, item in enumerate(run) if _bracket(item) == BAR]
    found: list[Item] = []
    done = i = 0
    while i < len(bars):
        first = bars[i]
        width = 2 if first + 1 in bars else 1
        last = next((bar for bar in bars[i + width :] if width == 1 or bar + 1 in bars), None)
        if last is None or last == first + width or not isinstance(run[first], Symbol):
            return run
        bar, end = (BAR, BARS)[width - 1], last + width - 1
        found += [*run[done:first], _closed(bar, bar, run[first + width : last], run[end])]
        done, i = end + 1, bars.index(end) + 1
    return found + run[done:]
