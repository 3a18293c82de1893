"""Normalise LaTeX to canonical tokens, one spelling for every formula. Labels and scores use them.

`docs/normalisation.md` states the rules and their sources.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tegashiki.latex import symbols as s
from tegashiki.latex.errors import LatexError
from tegashiki.latex.nodes import Accent, Fraction, Node, Root, Row, Script, Stack, Symbol, Table, is_blank
from tegashiki.latex.parser import parse

WORDS_BY_LETTER = {
    first: [(word, token) for word, token in s.WORDS.items() if word[0] == first] for first, *_ in s.WORDS
}
SLOTS = ("row", "numerator", "denominator", "sub", "sup", "radicand", "index")
_Pieces = Iterator[tuple[str, str | None]]


def normalize(latex: str | Sequence[str]) -> tuple[str, ...]:
    """Return the canonical tokens of a formula. `x^2_1` becomes `x _ { 1 } ^ { 2 }`.

    A canonical sequence (or its `" ".join`) is returned unchanged. Two formulas have the same tokens only if they look
    the same in handwriting.

    Args:
        latex: LaTeX source, or a sequence of tokens.

    Raises:
        LatexError: As `tegashiki.latex.parser.parse`.
    """
    return tuple(token for token, _ in _pieces(latex))


def slots(tokens: Sequence[str]) -> list[str | None]:
    r"""Return the slot of every canonical token: one of `SLOTS` for a visible token, None for structure.

    Visible tokens are those that ink draws: letters, operators, `\frac` (its bar), `\sqrt` (its sign), accents,
    `\binom` (its parentheses). Structure tokens are braces, `_`, `^`, the brackets of the index of a root, `&`, `\\`,
    `\begin{matrix}`, `\end{matrix}`, `\overset` and `\underset`.

    The slot is that of the innermost fraction part, script, radicand or index that holds the token. The body of an
    accent and the cells of a table belong to the surrounding slot. The parts of `\binom` count as numerator and
    denominator, the first part of `\overset` (`\underset`) as sup (sub).

    Raises:
        LatexError: The tokens cannot be parsed or are not canonical.
    """
    pieces = list(_pieces(tokens))
    if tuple(token for token, _ in pieces) != tuple(tokens):
        raise LatexError("not canonical, call normalize() first", 0, " ".join(tokens))
    return [slot for _, slot in pieces]


def visible_tokens(tokens: Sequence[str]) -> list[int]:
    """Return the indices of the visible tokens of a canonical sequence, see `slots`."""
    return [i for i, slot in enumerate(slots(tokens)) if slot is not None]


def canonical_tree(latex: str | Sequence[str]) -> Row:
    """Return the tree of a formula in normal form. Its `tree_tokens` are the canonical tokens.

    Args:
        latex: LaTeX source, or a sequence of tokens.

    Raises:
        LatexError: As `tegashiki.latex.parser.parse`.
    """
    return _joined(parse(latex))


def tree_tokens(row: Row) -> tuple[str, ...]:
    """Return the canonical tokens of a tree in normal form, or of a part of one."""
    return tuple(token for token, _ in _row_pieces(row, "row"))


def _pieces(latex: str | Sequence[str]) -> _Pieces:
    return _row_pieces(canonical_tree(latex), "row")


# --- the tree in normal form: no groups within rows, scripts on single items, words folded


def _joined(row: Row) -> Row:
    """Return the row without inner groups, with each item in normal form and spelled-out words folded."""
    items: list[Node] = []
    for item in row.items:
        _append(items, item)
    return Row(tuple(_folded(items)))


def _append(items: list[Node], item: Node) -> None:
    match item:
        case Row():
            items.extend(_joined(item).items)
        case Script(base, sub, sup):
            _append_script(items, base, _script_row(sub), _script_row(sup))
        case Fraction(numerator, denominator):
            items.append(Fraction(_joined(numerator), _joined(denominator)))
        case Root(radicand, index):
            items.append(Root(_joined(radicand), _joined(index) if index else None))
        case Accent(token, body):
            items.append(_accent(token, _joined(body)))
        case Stack(token, first, second):
            items.append(Stack(token, _joined(first), _joined(second)))
        case Table(rows):
            items.append(_table(rows))
        case _:
            items.append(item)


def _script_row(row: Row | None) -> Row | None:
    return None if is_blank(row) else _joined(row)  # type: ignore[arg-type]


def _append_script(items: list[Node], base: Node | None, sub: Row | None, sup: Row | None) -> None:
    """Append a base with scripts.

    The scripts of a group are moved to its last item. If that item already has such a script, they get an empty base.
    """
    inner: list[Node] = []
    if base is not None:
        _append(inner, base)
    if sub is None and sup is None:
        items.extend(inner)
        return
    last = inner.pop() if inner else None
    if isinstance(last, Script):
        if (sub is None or last.sub is None) and (sup is None or last.sup is None):
            last = Script(last.base, last.sub or sub, last.sup or sup)
        else:
            inner.append(last)
            last = Script(None, sub, sup)
    else:
        last = Script(last, sub, sup)
    items.extend((*inner, last))


def _accent(token: str, body: Row) -> Accent:
    narrow = s.WIDE_ACCENTS.get(token)
    if narrow and len(body.items) == 1 and _is_symbol(body.items[0]):
        return Accent(narrow, body)
    return Accent(token, body)


def _is_symbol(item: Node) -> bool:
    return isinstance(item, Symbol) or (isinstance(item, Script) and isinstance(item.base, Symbol))


def _table(rows: Sequence[Sequence[Row]]) -> Table:
    """Return a table without empty rows and without empty cells at the ends of rows, which cannot be seen."""
    kept = []
    for row in rows:
        cells = [_joined(cell) for cell in row]
        while cells and is_blank(cells[-1]):
            cells.pop()
        if cells:
            kept.append(tuple(cells))
    return Table(tuple(kept))


def _folded(items: Sequence[Node]) -> Iterator[Node]:
    r"""Yield the items with spelled-out words folded: `l o g` becomes `\log`. The last letter may have scripts."""
    i = 0
    while i < len(items):
        first = items[i]
        for word, token in WORDS_BY_LETTER.get(first.token, ()) if isinstance(first, Symbol) else ():
            if _spells(items[i : i + len(word)], word):
                last = items[i + len(word) - 1]
                yield Script(Symbol(token), last.sub, last.sup) if isinstance(last, Script) else Symbol(token)
                i += len(word)
                break
        else:
            yield items[i]
            i += 1


def _spells(items: Sequence[Node], word: Sequence[str]) -> bool:
    if len(items) != len(word):
        return False
    last = items[-1].base if isinstance(items[-1], Script) else items[-1]
    return all(
        isinstance(item, Symbol) and item.token == letter
        for item, letter in zip((*items[:-1], last), word, strict=True)
    )


# --- tree to tokens with their slots


def _row_pieces(row: Row, slot: str) -> _Pieces:
    for item in row.items:
        yield from _item_pieces(item, slot)


def _group_pieces(row: Row, slot: str) -> _Pieces:
    yield "{", None
    yield from _row_pieces(row, slot)
    yield "}", None


def _item_pieces(item: Node, slot: str) -> _Pieces:
    match item:
        case Symbol(token):
            yield token, slot
        case Script(base, sub, sup):
            yield from _group_pieces(Row(), slot) if base is None else _item_pieces(base, slot)
            for mark, row, name in (("_", sub, "sub"), ("^", sup, "sup")):
                if row is not None:
                    yield mark, None
                    yield from _group_pieces(row, name)
        case Fraction(numerator, denominator):
            yield "\\frac", slot
            yield from _group_pieces(numerator, "numerator")
            yield from _group_pieces(denominator, "denominator")
        case Root(radicand, index):
            yield "\\sqrt", slot
            if index is not None:
                yield from _index_pieces(index)
            yield from _group_pieces(radicand, "radicand")
        case Accent(token, body):
            yield token, slot
            yield from _group_pieces(body, slot)
        case Stack(token, first, second):
            yield from _stack_pieces(token, first, second, slot)
        case Table(rows):
            yield from _table_pieces(rows, slot)
        case _:
            raise AssertionError(item)


def _index_pieces(index: Row) -> _Pieces:
    """Yield the index of a root, in braces if it holds a closing bracket, which would end it."""
    pieces = list(_row_pieces(index, "index"))
    closes = any(_is_bracket(item) for item in index.items)
    yield "[", None
    yield from [("{", None), *pieces, ("}", None)] if closes else pieces
    yield "]", None


def _is_bracket(item: Node) -> bool:
    return _is_symbol(item) and "]" in (
        getattr(item, "token", None),
        getattr(getattr(item, "base", None), "token", None),
    )


def _stack_pieces(token: str, first: Row, second: Row, slot: str) -> _Pieces:
    places = {"\\binom": ("numerator", "denominator"), "\\overset": ("sup", slot), "\\underset": ("sub", slot)}
    yield token, slot if token == "\\binom" else None
    for row, place in zip((first, second), places[token], strict=True):
        yield from _group_pieces(row, place)


def _table_pieces(rows: Sequence[Sequence[Row]], slot: str) -> _Pieces:
    yield s.TABLE_BEGIN, None
    for i, row in enumerate(rows):
        if i:
            yield s.ROW_BREAK, None
        for j, cell in enumerate(row):
            if j:
                yield s.CELL_BREAK, None
            yield from _row_pieces(cell, slot)
    yield s.TABLE_END, None
