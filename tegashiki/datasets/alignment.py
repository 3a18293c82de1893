"""Alignment: the visible token of the label that each stroke draws.

CROHME's InkML segments the strokes into symbols (trace groups) and links each symbol to a node of a MathML truth. The
label is another spelling of the same formula. Therefore MathML is not converted to LaTeX. Instead, both are read in
writing order (scripts after their base, subscripts before superscripts, the index of a root before its radicand) and
paired by position. The pairing is used if both have the same number of symbols with nearly the same names.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from tegashiki.ink.ink import Ink, MathNode
from tegashiki.latex.normalize import slots
from tegashiki.latex.unicode import latex_of

MAX_WRONG_NAMES = 0.15  # share of the pairs whose names may differ, such as `.` for `\cdot` or a mistyped letter
_DOTS = frozenset({r"\cdots", r"\ldots", r"\dots"})
_DOT_NAMES = frozenset({".", r"\cdot"})
_SYNONYMS = {  # names in the files or in canonical labels -> the name of the same drawing
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
    r"\cdots": r"\ldots",  # the same three dots, which differ only in height
    r"\cdot": ".",  # MfrDB's name; the two differ only in height
    r"\vert": "|",
    r"\mid": "|",
}

Symbol = tuple[str, tuple[int, ...]]  # name in the file and indices of the strokes


def stroke_tokens(ink: Ink, tokens: Sequence[str]) -> np.ndarray:
    """Return the index of the visible token that each stroke draws.

    Args:
        ink: An ink, with `symbols` and `truth` if the file has them.
        tokens: Its canonical label.

    Returns:
        int32 (S,), indices into `tokens`. Strokes that belong to no symbol have -1, as do all strokes if the file
        names no symbols or if its symbols do not match the label.
    """
    result = np.full(len(ink.strokes), -1, np.int32)
    visible = [index for index, slot in enumerate(slots(tokens)) if slot is not None]
    parts = pair(list(symbols_in_writing_order(ink)), [tokens[index] for index in visible])
    for index, strokes in zip(visible, parts, strict=False):
        result[list(strokes)] = index
    return result


def symbols_in_writing_order(ink: Ink) -> Iterator[Symbol]:
    """Yield the symbols of an ink in the order of a LaTeX label, or nothing if the ink has no MathML truth."""
    if ink.truth is None:
        return
    groups: dict[str, Symbol] = {}
    for group in ink.symbols:  # two groups with the same node are two parts of one symbol
        name, strokes = groups.get(group.href, (_spelled(group.label), ()))
        groups[group.href] = (name, strokes + tuple(stroke for stroke in group.strokes if stroke not in strokes))
    groups.pop("", None)  # the groups without a node
    for node in _writing_order(ink.truth):
        if node.id in groups:
            yield groups.pop(node.id)


def _writing_order(node: MathNode) -> Iterator[MathNode]:
    yield node
    children = node.children
    if node.tag == "mroot":  # MathML has the radicand before the index, LaTeX the index before the radicand
        children = children[1:] + children[:1]
    for child in children:
        yield from _writing_order(child)


def pair(symbols: Sequence[Symbol], names: Sequence[str]) -> list[tuple[int, ...]]:
    """Pair symbols and visible tokens by position.

    Args:
        symbols: The ink's symbols in writing order.
        names: The label's visible tokens.

    Returns:
        The indices of the strokes of each token, or an empty list if symbols and tokens do not match.
    """
    drawn = _gather(symbols, names)
    if len(drawn) != len(names):
        return []
    drawn = _undo_swaps(drawn, names)
    wrong = sum(_key(symbol) != _key(name) for (symbol, _), name in zip(drawn, names, strict=True))
    return [strokes for _, strokes in drawn] if wrong <= MAX_WRONG_NAMES * len(names) else []


def _gather(symbols: Sequence[Symbol], names: Sequence[str]) -> list[Symbol]:
    """Join symbols that together draw one token. If symbols and names match, the result has one symbol per name."""
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
    r"""Return how many of the next symbols draw the token `name`: some files segment `\cdots` and `\log` into parts."""
    if name in _DOTS and len(ahead) >= 3 and all(symbol in _DOT_NAMES for symbol in ahead[:3]):
        return 3
    letters = name[1:]
    if name.startswith("\\") and len(letters) > 1 and "".join(ahead[: len(letters)]) == letters:
        return len(letters)
    return 1


def _undo_swaps(drawn: Sequence[Symbol], names: Sequence[str]) -> list[Symbol]:
    """Put symbols into the order of the label where the tree differs, such as an upper limit before a lower one.

    A run with the same names on both sides is reordered if the order is unambiguous: each name occurs once, or only the
    first or the last symbol of the run is out of place. Other runs keep their order, and their names count as wrong.
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
    """Return the length of the shortest run from the start with the same names on both sides, 1 if there is none."""
    balance: Counter[str] = Counter()
    for length, (symbol, name) in enumerate(zip(symbols, names, strict=True), start=1):
        balance[symbol] += 1
        balance[name] -= 1
        if not any(balance.values()):
            return length
    return 1


def _spelled(name: str) -> str:
    """Convert the name of a symbol to LaTeX if it is a Unicode character, as the reader of labels does."""
    return name if name.isascii() else latex_of(name) or name


def _key(name: str) -> str:
    return _SYNONYMS.get(name, name)
