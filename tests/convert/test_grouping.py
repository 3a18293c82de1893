import pytest
from hypothesis import given

from tegashiki.convert.decimal_comma import formula_tree
from tegashiki.convert.grouping import Fence, Name, Number, Scripts, grouped
from tegashiki.latex.nodes import Symbol
from tegashiki.latex.normalize import canonical_tree
from tests.latex.walks import formulas


def shown(item):
    match item:
        case Number(text) | Name(text):
            return f"{type(item).__name__}:{text}"
        case Symbol(token):
            return token
        case Fence(left, right, body):
            return [left, *map(shown, body), right]
        case Scripts(base):
            return ("scripts", None if base is None else shown(base))
    return type(item).__name__


@pytest.mark.parametrize(
    ("latex", "items"),
    [
        ("12.5x", ["Number:12.5", "x"]),
        ("x.5", ["x", "Number:.5"]),
        ("1.2.3", ["Number:1.2", ".", "Number:3"]),
        ("1,5", ["Number:1", ",", "Number:5"]),
        ("31{,}5^2x", [("scripts", "Number:31,5"), "x"]),
        ("1{,}000{,}000", ["Number:1", ",", "Number:000", ",", "Number:000"]),
        ("1{,}234.5", ["Number:1", ",", "Number:234.5"]),
        ("3^2{,}5", [("scripts", "Number:3"), ",", "Number:5"]),
        ("x{,}5", ["x", ",", "Number:5"]),
        ("3.", ["Number:3", "."]),
        ("12^2 3", [("scripts", "Number:12"), "Number:3"]),
        (r"\sinh x", ["Name:sinh", "x"]),
        (r"x\ln y", ["x", "Name:ln", "y"]),
        (r"\arcsin^2 x", [("scripts", "Name:arcsin"), "x"]),
        (r"m^2ax", [("scripts", "m"), "a", "x"]),
        (r"\limsup a", ["Name:limsup", "a"]),
        ("(a)b", [["(", "a", ")"], "b"]),
        ("((a)", ["(", ["(", "a", ")"]]),
        ("[0,1)", ["[", "Number:0", ",", "Number:1", ")"]),
        ("|x|+|y|", [["|", "x", "|"], "+", ["|", "y", "|"]]),
        (r"\|x\|", [["\\|", "x", "\\|"]]),
        (r"|x|+\|y\|", [["|", "x", "|"], "+", ["\\|", "y", "\\|"]]),
        ("|f(x)|", [["|", "f", ["(", "x", ")"], "|"]]),
        ("(|x|,|y|)", [["(", ["|", "x", "|"], ",", ["|", "y", "|"], ")"]]),
        ("a|b", ["a", "|", "b"]),
        ("a||b", ["a", "|", "|", "b"]),
        ("(x)^2", [("scripts", ["(", "x", ")"])]),
        (r"\begin{cases}x\end{cases}", [["\\{", "Table", ""]]),
        (r"\not\subset a", [r"\not\subset", "a"]),
        (r"\not[", ["\\not", "["]),
    ],
)
def test_items_are_grouped_as_a_reader_does(latex, items):
    assert [shown(item) for item in grouped(formula_tree(latex))] == items


def spelled(items):
    """Return the tokens of grouped items on the line, without those of scripts and the like."""
    for item in items:
        match item:
            case Number(text):
                yield from text
            case Name(text):
                yield from text
            case Symbol(token):
                yield from token.removeprefix("\\not").split() if token.startswith("\\not") else [token]
            case Fence(left, right, body):
                yield from [left.removeprefix("\\")] * (1 + (left == "\\|"))
                yield from spelled(body)
                yield from [right.removeprefix("\\")] * (1 + (left == "\\|"))
            case Scripts(base):
                yield from spelled([] if base is None else [base])


@given(formulas)
def test_no_symbol_is_lost_or_moved(tokens):
    row = canonical_tree(list(tokens))
    flat = "".join(spelled(grouped(row))).replace("\\", "")
    plain = "".join(spelled(Scripts(i.base) if hasattr(i, "base") else i for i in row.items)).replace("\\", "")
    assert flat == plain
