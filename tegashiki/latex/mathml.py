r"""Convert canonical tokens to MathML Core, which browsers typeset natively. Reports show it beside the ink.

The element of a token has the index of the token as `data-t`; the group of a script has the index of its `_` or `^`. So
a page can highlight tokens in place. Reference: MathML Core, W3C.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from tegashiki.latex import symbols as s
from tegashiki.latex.layout import LIMITS
from tegashiki.latex.nodes import Accent, Fraction, Node, Root, Row, Script, Stack, Symbol, Table
from tegashiki.latex.places import Part, items, parts, tree_of
from tegashiki.latex.unicode import character

FENCES = {*s.BRACKETS, *s.BRACKETS.values(), "|"}
OPERATORS = frozenset((*s.BINARY, *s.RELATIONS, *s.ARROWS, *"+-*/<>=,;:.!", "\\neg", "\\not", "\\prime"))
ACCENTS_ABOVE = {
    **{"\\hat": "^", "\\widehat": "^", "\\tilde": "~", "\\widetilde": "~"},
    **{"\\vec": "→", "\\overrightarrow": "→", "\\overleftarrow": "←", "\\dot": "˙", "\\ddot": "¨", "\\dddot": "⃛"},
    **{"\\check": "ˇ", "\\widecheck": "ˇ", "\\breve": "˘", "\\acute": "´", "\\grave": "`", "\\mathring": "˚"},
    "\\overbrace": "⏞",
}
ACCENTS_BELOW = {"\\underbrace": "⏟"}
WIDE_MARKS = {"\\overbrace", "\\underbrace", "\\overleftarrow", *s.WIDE_ACCENTS}
# MathML Core has no <menclose>, so marks that surround or cross their body are drawn by CSS styles. So are plain lines,
# which would otherwise stretch only with a mathematical font.
_OVERLINE = "border-top: 0.06em solid; padding-top: 0.1em; margin: 0 0.04em"
_STYLES = {
    **dict.fromkeys(("\\overline", "\\bar"), _OVERLINE),
    "\\underline": _OVERLINE.replace("top", "bottom"),
    "\\boxed": "border: 1px solid; padding: 0.15em",
    "\\cancel": "background: linear-gradient(to bottom right, transparent 48%, currentColor 48% 52%, transparent 52%)",
}


def mathml(tokens: Sequence[str]) -> str:
    """Return the `<math>` element of canonical tokens.

    Raises:
        LatexError: The tokens cannot be parsed or are not canonical.
    """
    return f'<math display="block">{_row(tree_of(tokens), 0)}</math>'


def _row(row: Row, start: int, of: int | None = None) -> str:
    """Return a row as an `<mrow>`, which is the element of the token `of`. Brackets stretch with their content."""
    return f"<mrow{_data(of)}>{_fenced(list(items(row, start)))}</mrow>"


def _fenced(placed: list[tuple[Node, int]]) -> str:
    """Return the items as MathML, with each pair of brackets and its content in a row of its own."""
    written: list[str] = []
    i = 0
    while i < len(placed):
        item, start = placed[i]
        end = _partner(placed, i)
        if end is None:
            written.append(_item(item, start))
            i += 1
            continue
        inner = _fence(item, start, "") + _fenced(placed[i + 1 : end])
        if end == len(placed):  # no closing bracket, as in \begin{cases}
            written.append(f"<mrow>{inner}</mrow>")
        else:
            closing, place = placed[end]
            written.append(_closed(closing, place, inner))
        i = end + 1
    return "".join(written)


def _partner(placed: list[tuple[Node, int]], i: int) -> int | None:
    """Return the index of the bracket that closes the one at `i`, or None.

    A bracket that is followed only by a table needs no closing one; the result is then the number of items.
    """
    item = placed[i][0]
    if not isinstance(item, Symbol) or item.token not in s.BRACKETS:
        return None
    depth = 0
    for j in range(i, len(placed)):
        token = _bracket(placed[j][0])
        depth += (token == item.token) - (token == s.BRACKETS[item.token])
        if depth == 0:
            return j
    return len(placed) if len(placed) == i + 2 and isinstance(placed[i + 1][0], Table) else None


def _bracket(item: Node) -> str:
    symbol = item.base if isinstance(item, Script) else item
    return symbol.token if isinstance(symbol, Symbol) else ""


def _closed(closing: Node, start: int, inner: str) -> str:
    """Return the row of a pair of brackets; scripts of the closing bracket are set on the whole row."""
    if not isinstance(closing, Script):
        return f"<mrow>{inner}{_fence(closing, start, '')}</mrow>"
    assert closing.base is not None  # it is a bracket
    row = f"<mrow>{inner}{_fence(closing.base, start, '')}</mrow>"
    return _scripts(row, {part.name: part for part in parts(closing, start)}, limits=False)


def _fence(item: Node, start: int, attributes: str = ' stretchy="false"') -> str:
    assert isinstance(item, Symbol)
    return f"<mo{attributes}{_data(start)}>{escape(character(item.token))}</mo>"


def _item(item: Node, start: int) -> str:
    found = {part.name: part for part in parts(item, start)}
    own = _data(start)
    match item:
        case Symbol(token):
            return _symbol(token, start)
        case Script(base, _, _):
            return _scripts(
                "<mrow></mrow>" if base is None else _item(base, start),
                found,
                limits=isinstance(base, Symbol) and base.token in LIMITS,
            )
        case Fraction():
            return f"<mfrac{own}>{_part(found['numerator'])}{_part(found['denominator'])}</mfrac>"
        case Root(_, None):
            return f"<msqrt{own}>{_part(found['radicand'])}</msqrt>"
        case Root():
            return f"<mroot{own}>{_part(found['radicand'])}{_part(found['index'])}</mroot>"
        case Accent(token, _):
            return _accent(token, found["body"], own)
        case Stack(token, _, _):
            return _stack(token, found["first"], found["second"], own)
        case Table(rows):
            return _table([len(row) for row in rows], parts(item, start), own)
    raise AssertionError(item)


def _part(part: Part) -> str:
    return _row(part.row, part.start)


def _scripts(base: str, found: dict[str, Part], limits: bool) -> str:
    scripts = [
        _row(found[name].row, found[name].start, found[name].start - 2) for name in ("sub", "sup") if name in found
    ]
    tags = {"sub": "munder", "sup": "mover", "both": "munderover"} if limits else {"sub": "msub", "sup": "msup"}
    tag = tags.get("both", "msubsup") if len(scripts) == 2 else tags["sub" if "sub" in found else "sup"]
    return f"<{tag}>{base}{''.join(scripts)}</{tag}>"


def _symbol(token: str, start: int) -> str:
    own, drawn = _data(start), escape(character(token))
    if token in FENCES:
        return _fence(Symbol(token), start)
    if token in s.BIG_OPERATORS:
        return f'<mo largeop="true" movablelimits="false"{own}>{drawn}</mo>'
    if token in OPERATORS:
        return f'<mo stretchy="false"{own}>{drawn}</mo>'
    if token.isdigit():
        return f"<mn{own}>{drawn}</mn>"
    if len(token) > 1 and drawn == escape(token):  # an unknown command
        return f"<mtext{own}>{drawn}</mtext>"
    space = ' lspace="0" rspace="0.17em"'
    return f"<mo{space}{own}>{drawn}</mo>" if token in s.FUNCTIONS else f"<mi{own}>{drawn}</mi>"


def _accent(token: str, body: Part, own: str) -> str:
    if token in _STYLES:
        return f'<mrow style="{_STYLES[token]}"{own}>{_part(body)}</mrow>'
    below = token in ACCENTS_BELOW
    drawn = (ACCENTS_BELOW if below else ACCENTS_ABOVE)[token]
    stretchy = "true" if token in WIDE_MARKS else "false"
    tag, kind = ("munder", "accentunder") if below else ("mover", "accent")
    return f'<{tag} {kind}="true">{_part(body)}<mo stretchy="{stretchy}"{own}>{escape(drawn)}</mo></{tag}>'


def _stack(token: str, first: Part, second: Part, own: str) -> str:
    if token == "\\binom":
        return f'<mrow{own}><mo>(</mo><mfrac linethickness="0">{_part(first)}{_part(second)}</mfrac><mo>)</mo></mrow>'
    tag = "mover" if token == "\\overset" else "munder"
    return f"<{tag}{own}>{_part(second)}{_part(first)}</{tag}>"


def _table(lengths: Sequence[int], cells: Sequence[Part], own: str) -> str:
    rows, place = [], 0
    for length in lengths:
        rows.append("".join(f"<mtd>{_part(cell)}</mtd>" for cell in cells[place : place + length]))
        place += length
    return f"<mtable{own}>{''.join(f'<mtr>{row}</mtr>' for row in rows)}</mtable>"


def _data(token: int | None) -> str:
    return "" if token is None else f' data-t="{token}"'
