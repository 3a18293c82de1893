r"""Read a formula as a calculation, for SymPy and Python.

Layout does not say everything that a calculation needs. These conventions decide:

- Letters side by side are multiplied; `f`, `g`, `h` and their capitals before a parenthesis are functions.
- `e` is Euler's number, `\pi` is pi, `i` is a letter like any other.
- A function without brackets takes the product after it: `\sin 2x` is sin(2x). `\sin(x)^2` is `\sin^2 x`.
- `\sin^{-1}` is the arcsine. `\log` without a base is natural, `\lg` has the base 10.
- A sum, a product or a limit takes the product after it; an integral everything up to its `dx`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tegashiki.convert.errors import ConversionError
from tegashiki.convert.grouping import Fence, Item, Name, Number, Scripts, argument_end, core, grouped, primes
from tegashiki.latex import symbols as s
from tegashiki.latex.nodes import Accent, Fraction, Root, Row, Stack, Symbol, Table


@dataclass(frozen=True, slots=True)
class Term:
    """A part of a calculation.

    Attributes:
        head: What it is: `number`, `symbol`, `constant`, `add`, `neg`, `mul`, `div`, `pow`, `relation`, `list`,
            `matrix` (of `list`), `call` of a known function, `apply` of an unknown one, `integral` (body, variable,
            bounds), `sum`, `product` (body, variable, first, last), `element` of a sequence (index), `limit` (body,
            variable, point) or `derivative` (body, variable, order).
        text: The number, the name, the token of the relation, or the side of a limit (`+`, `-` or "").
        parts: The parts it is made of.
    """

    head: str
    text: str = ""
    parts: tuple[Term, ...] = ()


FUNCTIONS = frozenset("fghFGH")
TIMES = frozenset(("*", "\\cdot", "\\times"))
OVER = frozenset(("/", "\\div"))
RELATIONS = {
    **{sign: sign for sign in "=<>"},
    **{"\\leq": "<=", "\\geq": ">=", "\\leqslant": "<=", "\\geqslant": ">=", "\\neq": "!="},
}
CONSTANTS = {"e": "e", "\\pi": "pi", "\\infty": "oo"}
INVERSE = {"sin": "arcsin", "cos": "arccos", "tan": "arctan", "sinh": "arsinh", "cosh": "arcosh", "tanh": "artanh"}
FENCED = {"| |": "abs", "\\lfloor \\rfloor": "floor", "\\lceil \\rceil": "ceil"}
INTEGRALS = {"\\int": 1, "\\iint": 2, "\\iiint": 3}
SUMS = {"\\sum": "sum", "\\prod": "product"}
LETTERS = frozenset((*s.LATIN, *s.GREEK, "\\ell", "\\hbar"))
MARKED = {"\\hat": "hat", "\\vec": "vec", "\\overline": "bar", "\\tilde": "tilde", "\\dot": "dot"}
_DIFFERENTIALS = (Symbol("d"), Symbol("\\partial"))
_INDICES = re.compile(r"[A-Za-z]+")  # the letters of a subscript
MINUS_ONE = Term("neg", parts=(Term("number", "1"),))


def meaning(row: Row) -> Term:
    """Return the calculation that a tree in normal form shows.

    Raises:
        ConversionError: A part of it is not a calculation, or can be read in several ways.
    """
    term = _read(grouped(row))
    return _substituted(term, {applied.text: applied for applied in _derived(term)})


def _derived(term: Term) -> Iterator[Term]:
    """Yield the functions in derivatives."""
    if term.head == "derivative" and term.parts[0].head == "apply":
        yield term.parts[0]
    for part in term.parts:
        yield from _derived(part)


def _substituted(term: Term, functions: dict[str, Term]) -> Term:
    """Return a term with y(x) in place of y, if a derivative says that y is a function of x."""
    if term.head == "symbol":
        return functions.get(term.text, term)
    return Term(term.head, term.text, tuple(_substituted(part, functions) for part in term.parts))


def _indexed(term: Term, index: Term) -> Term:
    """Return the body of a sum with elements of sequences, `x_i` in a sum over i, in place of symbols."""
    name, _, sub = term.text.partition("_")
    if term.head == "symbol" and index.text in _INDICES.findall(sub):
        if sub != index.text:
            raise ConversionError(
                f"{term.text} in a sum over {index.text} is no calculation: write one index, as in x_i"
            )
        return Term("element", name, (index,))
    return Term(term.head, term.text, tuple(_indexed(part, index) for part in term.parts))


def _read(items: Sequence[Item]) -> Term:
    reader = _Reader(items)
    term = reader.list()
    if reader.at < len(items):
        raise _no_meaning(items[reader.at])
    return term


def _no_meaning(item: Item | None, way_out: str = "write it as LaTeX, MathML or Typst") -> ConversionError:
    return ConversionError(f"{_shown(item)} is no calculation: {way_out}")


def _shown(item: Item | None) -> str:
    base = core(item)
    if base is None:
        return "an unfinished formula"
    if isinstance(base, Symbol):
        return base.token
    if isinstance(base, (Name, Number)):
        return base.text
    return base.kind if isinstance(base, Fence) else f"the {type(base).__name__.lower()}"


class _Reader:
    """Reads the items of a row from left to right."""

    def __init__(self, items: Sequence[Item]) -> None:
        self.items = items
        self.at = 0

    @property
    def next(self) -> Item | None:
        return self.items[self.at] if self.at < len(self.items) else None

    def take(self, tokens: frozenset[str] | dict[str, str] | str) -> str:
        """Take the next item if it is one of these symbols; return its token or ""."""
        item = self.next
        if isinstance(item, Symbol) and item.token in tokens:
            self.at += 1
            return item.token
        return ""

    # --- operators, the weakest first

    def list(self) -> Term:
        terms = [self.relation()]
        while self.take(","):
            terms.append(self.relation())
        return terms[0] if len(terms) == 1 else Term("list", parts=tuple(terms))

    def relation(self) -> Term:
        left, found = self.sum(), []
        while sign := self.take(RELATIONS):
            right = self.sum()
            found.append(Term("relation", RELATIONS[sign], (left, right)))
            left = right
        if len(found) > 1:
            return Term("call", "and", tuple(found))
        return found[0] if found else left

    def sum(self) -> Term:
        sign = self.take("+-")
        term = self.product()
        terms = [Term("neg", parts=(term,)) if sign == "-" else term]
        while sign := self.take("+-"):
            term = self.product()
            terms.append(Term("neg", parts=(term,)) if sign == "-" else term)
        return terms[0] if len(terms) == 1 else Term("add", parts=tuple(terms))

    def product(self) -> Term:
        factors = [self.factor()]
        while self.next is not None:
            if self.take(OVER):
                factors = [Term("div", parts=(_product(factors), self.factor()))]
            elif self.take(TIMES):
                factors.append(self.factor())
            elif self.next == Name("mod"):
                self.at += 1
                factors = [Term("call", "mod", (_product(factors), self.factor()))]
            elif self.begins_factor():
                factors.append(self.factor())
            else:
                break
        return _product(factors)

    def begins_factor(self) -> bool:
        base = core(self.next)
        if isinstance(base, Symbol):
            known = base.token in CONSTANTS or base.token in INTEGRALS or base.token in SUMS
            return base.token in LETTERS or known
        return not isinstance(base, Table)

    def factor(self) -> Term:
        if self.take("-"):
            return Term("neg", parts=(self.factor(),))
        term = self.atom()
        while self.take("!"):
            term = Term("call", "factorial", (term,))
        return term

    # --- factors

    def atom(self) -> Term:
        item = self.next
        if item is None:
            raise _no_meaning(item, "write what is missing after its last sign")
        self.at += 1
        scripts = item if isinstance(item, Scripts) else Scripts(item)
        base = scripts.base
        match base:
            case Name(text):
                return self.function(text, scripts)
            case Symbol(token) if token in INTEGRALS:
                return self.integral(INTEGRALS[token], scripts)
            case Symbol(token) if token in SUMS:
                return self.big(SUMS[token], scripts)
            case Symbol(token) if token in FUNCTIONS and isinstance(core(self.next), Fence):
                return self.applied(token, scripts)
            case Fraction() if _is_derivative(base):
                return _power(self.derivative(base), scripts.sup)
        return _scripted(base, scripts)

    def function(self, name: str, scripts: Scripts) -> Term:
        if name == "lim":
            return self.limit(scripts)
        end = argument_end(self.items, self.at)
        items = self.items[self.at : end]
        if not items:
            raise _no_meaning(Name(name), "write what it is applied to")
        self.at = end
        sup = scripts.sup
        last = items[0]
        if len(items) == 1 and isinstance(last, Scripts) and isinstance(last.base, Fence) and last.base.kind == "( )":
            items, sup = [last.base], sup or last.sup  # the exponent in sin(x)^2 is that of the sine
        body = items[0].body if len(items) == 1 and isinstance(items[0], Fence) and items[0].kind == "( )" else items
        inside = _read(body)
        parts = inside.parts if inside.head == "list" else (inside,)
        if scripts.sub is not None:
            if name != "log":
                raise _no_meaning(scripts, f"{name} takes no subscript")
            parts = (*parts, meaning(scripts.sub))
        if sup is not None and name in INVERSE and meaning(sup) == MINUS_ONE:
            return Term("call", INVERSE[name], parts)
        return _power(Term("call", name, parts), sup)

    def applied(self, name: str, scripts: Scripts) -> Term:
        """Read `f(x)`, `f_1(x)`, `f'(x)`, `f^2(x)`."""
        fence = self.next
        self.at += 1
        power = fence.sup if isinstance(fence, Scripts) else None
        base = core(fence)
        assert isinstance(base, Fence)
        inside = _read(base.body)
        parts = inside.parts if inside.head == "list" else (inside,)
        term = Term("apply", _named(name, scripts.sub), parts)
        order = primes(scripts.sup)
        if order:
            if len(parts) != 1 or parts[0].head != "symbol" or scripts.sup != Row((Symbol("\\prime"),) * order):
                raise _no_meaning(scripts, "a prime needs one variable, as in f'(x)")
            return _power(Term("derivative", parts=(term, parts[0], Term("number", str(order)))), power)
        return _power(term, scripts.sup or power)

    def integral(self, count: int, scripts: Scripts) -> Term:
        if (scripts.sub is None) != (scripts.sup is None):
            raise _no_meaning(scripts, "give an integral both bounds or none")
        body, variable = self.integrand()
        bounds = () if scripts.sub is None or scripts.sup is None else (meaning(scripts.sub), meaning(scripts.sup))
        if count > 1 and bounds:
            raise _no_meaning(scripts, "write one integral sign for each variable")
        term = Term("integral", parts=(body, variable, *bounds))
        for _ in range(count - 1):
            if self.next != Symbol("d"):
                raise _no_meaning(scripts, "write its dx")
            self.at += 1
            term = Term("integral", parts=(term, self.variable()))
        return term

    def integrand(self) -> tuple[Term, Term]:
        r"""Read what stands before `dx`, and x. It may be in a numerator, as in `\frac{dx}{x}`."""
        depth, end = 1, self.at
        while end < len(self.items):
            base = core(self.items[end])
            if isinstance(base, Symbol):
                depth += INTEGRALS.get(base.token, 0)
                depth -= base == Symbol("d") and _is_letter(self.items, end + 1)
            if depth == 0:
                break
            end += 1
        else:
            return self.integrand_in_fraction()
        body = _read(self.items[self.at : end]) if end > self.at else Term("number", "1")
        self.at = end + 1
        return body, self.variable()

    def integrand_in_fraction(self) -> tuple[Term, Term]:
        fraction = self.next
        if isinstance(fraction, Fraction):
            items = grouped(fraction.numerator)
            if len(items) > 1 and items[-2] == Symbol("d"):
                self.at += 1
                above = _read(items[:-2]) if len(items) > 2 else Term("number", "1")
                return Term("div", parts=(above, meaning(fraction.denominator))), _scripted(items[-1], None)
        raise _no_meaning(Symbol("\\int"), "write its dx at the end")

    def variable(self) -> Term:
        item = self.next
        self.at += 1
        term = _scripted(core(item), item if isinstance(item, Scripts) else None)
        if term.head != "symbol":
            raise _no_meaning(item, "a variable is needed here")
        return term

    def big(self, head: str, scripts: Scripts) -> Term:
        if scripts.sub is None or scripts.sup is None:
            raise _no_meaning(scripts, "write its first and last index")
        first = meaning(scripts.sub)
        if first.head != "relation" or first.text != "=" or first.parts[0].head != "symbol":
            raise _no_meaning(scripts, "write its first index as i=1")
        body = _indexed(self.product(), first.parts[0])
        return Term(head, parts=(body, *first.parts, meaning(scripts.sup)))

    def limit(self, scripts: Scripts) -> Term:
        items = grouped(scripts.sub) if scripts.sub else ()
        if len(items) < 3 or items[1] != Symbol("\\rightarrow"):
            raise _no_meaning(Name("lim"), "write its variable and point below, as in x -> 0")
        side, last = "", items[-1]
        if isinstance(last, Scripts) and last.sup in (Row((Symbol("+"),)), Row((Symbol("-"),))):
            assert last.sup is not None and last.base is not None
            side, items = last.sup.items[0].token, (*items[:-1], last.base)  # type: ignore[union-attr]
        variable = _scripted(items[0], None)
        return Term("limit", side, (self.product(), variable, _read(items[2:])))

    def derivative(self, fraction: Fraction) -> Term:
        above, below = grouped(fraction.numerator), grouped(fraction.denominator)
        variable = _scripted(core(below[1]), None)
        order = _order(above[0])
        if len(below) != 2 or _order(below[1]) != order or variable.head != "symbol":
            raise _no_meaning(fraction, "derive by one variable")
        body = _read(above[1:]) if len(above) > 1 else self.product()
        if body.head == "symbol" and body != variable:
            body = Term("apply", body.text, (variable,))
        return Term("derivative", parts=(body, variable, Term("number", order)))


# --- items that need nothing after them


def _scripted(base: Item | None, scripts: Scripts | None) -> Term:
    """Return the term of a base with its scripts: a letter with a subscript is one symbol, a superscript is a power."""
    sub, sup = (scripts.sub, scripts.sup) if scripts else (None, None)
    if primes(sup):
        raise _no_meaning(base, "a prime needs its function, as in f'(x)")
    if isinstance(base, Symbol) and (base.token not in CONSTANTS or sub is not None):
        if base.token not in LETTERS:
            raise _no_meaning(base)
        return _power(Term("symbol", _named(base.token, sub)), sup)
    if isinstance(base, Accent):
        inside = grouped(base.body)
        if len(inside) != 1 or not isinstance(inside[0], Symbol) or base.token not in MARKED:
            raise _no_meaning(base)
        name = f"{_named(inside[0].token, None)}_{MARKED[base.token]}"
        return _power(Term("symbol", name + _subscript(sub)), sup)
    if sub is not None:
        raise _no_meaning(base, "only letters can have a subscript")
    if isinstance(base, Fence) and sup == Row((Symbol("T"),)):
        return Term("call", "transpose", (_plain(base),))
    if isinstance(base, Number) and sup == Row((Symbol("\\circ"),)):
        turned = Term("mul", parts=(_plain(base), Term("constant", "pi")))
        return Term("div", parts=(turned, Term("number", "180")))
    return _power(_plain(base), sup)


def _plain(base: Item | None) -> Term:
    match base:
        case Number(text):
            return Term("number", text.replace(",", "."))
        case Symbol(token):
            return Term("constant", CONSTANTS[token])
        case Fraction(numerator, denominator):
            return Term("div", parts=(meaning(numerator), meaning(denominator)))
        case Root(radicand, None):
            return Term("call", "sqrt", (meaning(radicand),))
        case Root(radicand, index):
            assert index is not None
            return Term("call", "root", (meaning(radicand), meaning(index)))
        case Stack("\\binom", first, second):
            return Term("call", "binomial", (meaning(first), meaning(second)))
        case Fence():
            return _fenced(base)
    raise _no_meaning(base)


def _fenced(fence: Fence) -> Term:
    table = fence.body[0] if len(fence.body) == 1 else None
    if isinstance(table, Table):
        if fence.kind not in ("( )", "[ ]", "| |"):
            raise _no_meaning(fence)
        matrix = _matrix(table)
        return Term("call", "det", (matrix,)) if fence.kind == "| |" else matrix
    inside = _read(fence.body)
    if fence.kind in FENCED and inside.head != "list":
        return Term("call", FENCED[fence.kind], (inside,))
    if fence.kind in ("( )", "[ ]") and (inside.head != "list" or fence.kind == "( )"):
        return inside
    raise _no_meaning(fence)


def _matrix(table: Table) -> Term:
    if len({len(row) for row in table.rows}) > 1:
        raise _no_meaning(table, "fill its empty cells")
    return Term("matrix", parts=tuple(Term("list", parts=tuple(map(meaning, row))) for row in table.rows))


def _named(token: str, sub: Row | None) -> str:
    return token.removeprefix("\\") + _subscript(sub)


def _subscript(sub: Row | None) -> str:
    if sub is None:
        return ""
    words = []
    for item in grouped(sub):
        if isinstance(item, (Number, Name)):
            words.append(item.text.replace(".", "_").replace(",", "_"))
        elif isinstance(item, Symbol) and (item.token in LETTERS or item.token == ","):
            words.append(item.token.removeprefix("\\").replace(",", "_"))
        else:
            raise _no_meaning(item, "a name can have only letters and digits as its subscript")
    return "_" + "".join(words)


def _power(term: Term, sup: Row | None) -> Term:
    return term if sup is None else Term("pow", parts=(term, meaning(sup)))


def _product(factors: Sequence[Term]) -> Term:
    return factors[0] if len(factors) == 1 else Term("mul", parts=tuple(factors))


def _is_letter(items: Sequence[Item], i: int) -> bool:
    base = core(items[i]) if i < len(items) else None
    return isinstance(base, Symbol) and base.token in LETTERS


def _is_derivative(fraction: Fraction) -> bool:
    above, below = grouped(fraction.numerator), grouped(fraction.denominator)
    first = core(above[0]) if above else None
    return first in _DIFFERENTIALS and len(below) > 1 and below[0] == first and _is_letter(below, 1)


def _order(item: Item) -> str:
    """Return the order in `d^2` or `x^2`, 1 without a superscript."""
    if not isinstance(item, Scripts) or item.sup is None:
        return "1"
    order = meaning(item.sup)
    if order.head != "number" or not order.text.isdigit():
        raise _no_meaning(item, "the order of a derivative is a number")
    return order.text
