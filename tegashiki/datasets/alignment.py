"""Which visible token of the label each stroke draws.

CROHME's InkML segments the strokes into symbols (trace groups) and points from each symbol to the node of a MathML
truth. The label is another writing of the same formula, so MathML is not turned into LaTeX: both are read in
writing order (scripts after their base, sub before sup, a root's index before its radicand) and paired by
position. The pairing is trusted where both have equally many symbols and nearly the same names.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from tegashiki.ink.ink import Ink, MathNode
from tegashiki.latex.normalize import slots
from tegashiki.latex.unicode import latex_of

MAX_WRONG_NAMES = 0.15  # share of the pairs whose names may differ: `.` for `\cdot`, a mistyped letter
_DOTS = frozenset({r"\cdots", r"\ldots", r"\dots"})
_DOT_NAMES = frozenset({".", r"\cdot"})
_SYNONYMS = {  # names that mean the same drawing, in the files' symbols or in canonical labels
    "COMMA": ",",
    "'": r"\prime",
    "<": r"\lt",
    ">": r"\gt",
    r"\frac": "-",
    r"\lbrace": r"\{",
    r"\rbrace": r"\}",
    r"\le": r"\leq",
    r"\ge": r"\geq",
    r"\ne": r"\neq",
    r"\to": r"\rightarrow",
    r"\dots": r"\ldots",
    r"\cdots": r"\ldots",  # the same three dots, told apart by their height alone
    r"\cdot": ".",  # in MfrDB, and told apart by its height alone
    r"\vert": "|",
    r"\mid": "|",
}

Symbol = tuple[str, tuple[int, ...]]  # name in the file, indices of its strokes


def stroke_tokens(ink: Ink, tokens: Sequence[str]) -> np.ndarray:
    """Return for each stroke the index of the visible token that it draws.

    Args:
        ink: An ink, with `symbols` and `truth` where the file has them.
        tokens: Its canonical label.

    Returns:
        int32 (S,): indices into `tokens`; -1 for strokes that belong to no symbol, and for all strokes where the
        file names no symbols or where they disagree with the label.
    """
    result = np.full(len(ink.strokes), -1, np.int32)
    visible = [index for index, slot in enumerate(slots(tokens)) if slot is not None]
    parts = pair(list(symbols_in_writing_order(ink)), [tokens[index] for index in visible])
    for index, strokes in zip(visible, parts, strict=False):
        result[list(strokes)] = index
    return result


def symbols_in_writing_order(ink: Ink) -> Iterator[Symbol]:
    """Yield the ink's symbols in the order in which a LaTeX label writes them; nothing without a MathML truth."""
    if ink.truth is None:
        return
    groups: dict[str, Symbol] = {}
    for group in ink.symbols:  # two groups of one node are two parts of one symbol
        name, strokes = groups.get(group.href, (_spelled(group.label), ()))
        groups[group.href] = (name, strokes + tuple(stroke for stroke in group.strokes if stroke not in strokes))
    groups.pop("", None)  # belongs to no node
    for node in _writing_order(ink.truth):
        if node.id in groups:
            yield groups.pop(node.id)


def _writing_order(node: MathNode) -> Iterator[MathNode]:
    yield node
    children = node.children
    if node.tag == "mroot":  # MathML: radicand, index; LaTeX: index, radicand
        children = children[1:] + children[:1]
    for child in children:
        yield from _writing_order(child)


def pair(symbols: Sequence[Symbol], names: Sequence[str]) -> list[tuple[int, ...]]:
    """Pair symbols and visible tokens by position.

    Args:
        symbols: The ink's symbols in writing order.
        names: The label's visible tokens.

    Returns:
        For each token the indices of its strokes, or [] where symbols and tokens do not fit each other.
    """
    drawn = _gather(symbols, names)
    if len(drawn) != len(names):
        return []
    drawn = _undo_swaps(drawn, names)
    wrong = sum(_key(symbol) != _key(name) for (symbol, _), name in zip(drawn, names, strict=True))
    return [strokes for _, strokes in drawn] if wrong <= MAX_WRONG_NAMES * len(names) else []


def _gather(symbols: Sequence[Symbol], names: Sequence[str]) -> list[Symbol]:
    """Join the symbols that together draw one token; as many symbols as names if all goes well."""
    drawn: list[Symbol] = []
    start = 0
    for name in names:
        part = symbols[start : start + _parts(name, [symbol for symbol, _ in symbols[start : start + len(name)]])]
        if part:
            symbol = part[0][0] if len(part) == 1 else name
            drawn.append((symbol, tuple(stroke for _, strokes in part for stroke in strokes)))
        start += len(part)
    return drawn + list(symbols[start:])


def _parts(name: str, ahead: Sequence[str]) -> int:
    r"""How many of the symbols `ahead` draw the token `name`: some files segment `\cdots` and `\log` by part."""
    if name in _DOTS and len(ahead) >= 3 and all(symbol in _DOT_NAMES for symbol in ahead[:3]):
        return 3
    letters = name[1:]
    if name.startswith("\\") and len(letters) > 1 and "".join(ahead[: len(letters)]) == letters:
        return len(letters)
    return 1


def _undo_swaps(drawn: Sequence[Symbol], names: Sequence[str]) -> list[Symbol]:
    """Follow the label's order where the file's tree has another one, such as a limit above before one below.

    A run that holds the same names on both sides is put in order where that is not ambiguous: each name comes once, or
    only its first or last symbol is out of place. Anything else is left as it is and counts as wrong.
    """
    drawn = list(drawn)
    start = 0
    while start < len(names):
        length = _swapped_run([_key(symbol) for symbol, _ in drawn[start:]], [_key(name) for name in names[start:]])
        run, wanted = drawn[start : start + length], [_key(name) for name in names[start : start + length]]
        by_name = {_key(symbol[0]): symbol for symbol in run}
        orders = [run[1:] + run[:1], run[-1:] + run[:-1]]
        if len(by_name) == length > 1:
            orders.append([by_name[name] for name in wanted])
        for order in orders:
            if [_key(symbol) for symbol, _ in order] == wanted:
                drawn[start : start + length] = order
        start += length
    return drawn


def _swapped_run(symbols: Sequence[str], names: Sequence[str]) -> int:
    """Length of the shortest run from the start that holds the same names on both sides; 1 where there is none."""
    balance: Counter[str] = Counter()
    for length, (symbol, name) in enumerate(zip(symbols, names, strict=True), start=1):
        balance[symbol] += 1
        balance[name] -= 1
        if not any(balance.values()):
            return length
    return 1


def _spelled(name: str) -> str:
    """A symbol's name in LaTeX where it is a Unicode sign, as labels are read."""
    return name if name.isascii() else latex_of(name) or name


def _key(name: str) -> str:
    return _SYNONYMS.get(name, name)
