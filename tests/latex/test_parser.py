import contextlib
import inspect
import re
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tegashiki.latex.errors import LatexError
from tegashiki.latex.nodes import Accent, Fraction, Root, Row, Script, Stack, Symbol, Table
from tegashiki.latex.normalize import normalize
from tegashiki.latex.parser import MAX_DEPTH, parse
from tegashiki.latex.symbols import KNOWN_COMMANDS


def row(*tokens):
    return Row(tuple(Symbol(token) for token in tokens))


X, Y = Symbol("x"), Symbol("y")


@pytest.mark.parametrize(
    ("latex", "tree"),
    [
        ("", Row()),
        ("x y", row("x", "y")),
        ("{xy}z", Row((row("x", "y"), Symbol("z")))),
        (r"\frac x2", Row((Fraction(row("x"), row("2")),))),
        (r"{x \over 2}", Row((Row((Fraction(row("x"), row("2")),)),))),
        (r"\sqrt[3]x", Row((Root(row("x"), row("3")),))),
        (r"\sqrt {x} ABOVE {3}", Row((Root(row("x"), row("3")),))),
        ("{x} ABOVE {3}", Row((row("x"), *row(*"ABOVE").items, row("3")))),
        ("x^2_1", Row((Script(X, row("1"), row("2")),))),
        ("_1x", Row((Script(Row(), row("1")), X))),
        ("x'_1", Row((Script(X, row("1"), row(r"\prime")),))),
        ("x''^2", Row((Script(X, None, row(r"\prime", r"\prime", "2")),))),
        ("x^{'}", Row((Script(X, None, row(r"\prime")),))),
        (r"\hat x^2", Row((Script(Accent(r"\hat", row("x")), None, row("2")),))),
        (r"\stackrel{x}{y}", Row((Stack(r"\overset", row("x"), row("y")),))),
        (r"{x \choose y}", Row((Row((Stack(r"\binom", row("x"), row("y")),)),))),
        (r"\xrightarrow{x}", Row((Stack(r"\overset", row("x"), row(r"\rightarrow")),))),
        (r"\begin{array}{cc}x&y\\y\end{array}", Row((Table(((row("x"), row("y")), (row("y"),))),))),
        (r"\left.x\right|_y", Row((X, Script(Symbol("|"), row("y"))))),
        (r"{\cal AB}\mathbb R", Row((Row((row(r"\mathcal{A}", r"\mathcal{B}"),)), row(r"\mathbb{R}")))),
        (r"\lightning_x", Row((Script(Symbol(r"\lightning"), row("x")),))),
    ],
)
def test_trees(latex, tree):
    assert parse(latex) == tree


@pytest.mark.parametrize(
    ("latex", "message", "position"),
    [
        ("a}", "unexpected '}'", 1),
        ("a{b", "'{' without its '}'", 1),
        (r"\frac{a}", r"\\frac lacks its argument, found the end", 8),
        (r"\frac{a}{ }", r"an empty argument of \\frac", 8),
        (r"x+\sqrt{}", r"an empty argument of \\sqrt", 7),
        (r"\sqrt[3{x}", "'\\[' of a root's index without its '\\]'", 5),
        ("x^a^b", "a second superscript", 3),
        ("x_a_b", "a second subscript", 3),
        ("x^a'", "a prime after a superscript", 3),
        ("x^", r"\^ lacks its argument", 2),
        ("x^_2", r"\^ lacks its argument, found '_'", 2),
        ("x&y", "unexpected '&'", 1),
        (r"x\\y", r"unexpected '\\\\\\\\'", 1),
        (r"x\end{matrix}", "unexpected", 1),
        (r"\begin{matrix}x", r"\\begin{matrix} without its \\end{matrix}", 0),
        (r"\begin{matrix}x\end{array}", "unexpected", 15),
        (r"\begin{matrix}&\\\end{matrix}", "an empty table", 0),
        (r"\begin{picture}x\end{picture}", "unknown environment 'picture'", 0),
        (r"\begin{array}{c|c}x\end{array}", r"column '\|' of an array", 15),
        (r"\begin{pmatrix}[cc|c]1\end{pmatrix}", r"column '\|' of \\begin{pmatrix} is not supported", 15),
        (r"\begin{matrix*}[|c]1\end{matrix*}", r"column '\|' of \\begin{matrix} is not supported", 15),
        (r"a\foo{x}", r"unknown command \\foo with an argument", 1),
        (r"a\textcircled{1}", r"unknown command \\textcircled with an argument", 1),
        (r"a\textcircled 1", r"unknown command \\textcircled with an argument", 1),
        (r"\xlongequal[a]{b}", r"unknown command \\xlongequal with an argument", 0),
        (r"\cfrac[x]{1}{2}", r"the option of \\cfrac may only consist of c, l, r", 6),
        (r"\smash[x]{1}", r"the option of \\smash may only consist of b, t", 6),
        (r"\begin{matrix*}[S]1\end{matrix*}", r"the option of \\begin{matrix\*} may only consist of c, l, r", 0),
        ("x+√2", r"'√' \(SQUARE ROOT\) cannot be read as LaTeX: write \\sqrt{...}", 2),
        ("a中", r"'中' \(CJK UNIFIED IDEOGRAPH-4E2D\) cannot be read as LaTeX", 1),
        ("①", r"CIRCLED DIGIT ONE", 0),
        ("🄰", r"SQUARED LATIN CAPITAL LETTER A", 0),
        (r"\text{ж}", "CYRILLIC SMALL LETTER ZHE", 6),
        ("x \u0302", "COMBINING CIRCUMFLEX ACCENT", 2),
        ("{ab}\u0302", "COMBINING CIRCUMFLEX ACCENT", 4),
        ("c\u0327", "COMBINING CEDILLA", 1),
        ("ç", "LATIN SMALL LETTER C WITH CEDILLA", 0),
        ("\\−1", "MINUS SIGN", 0),
        ("x²^3", "a second superscript", 2),
        (r"\buildrel a", r"expected '\\\\over' after the text above of \\buildrel, found the end", 11),
        (r"\buildrel\over b", r"an empty argument of \\buildrel", 0),
        (r"{\over x}", r"\\over needs something on both sides", 1),
        ("{" * 5000, f"deeper than {MAX_DEPTH}", MAX_DEPTH),
    ],
)
def test_errors_have_message_and_position(latex, message, position):
    with pytest.raises(LatexError, match=message) as caught:
        parse(latex)
    assert caught.value.position == position
    assert f"at position {position}" in str(caught.value)


@pytest.mark.parametrize(
    "latex",
    [
        *(r"\above 1pt b", r"\overwithdelims () b", r"\atopwithdelims() b", r"\abovewithdelims ()1pt b"),
        *(r'\char"41', r"\verb|a|", r"\verb*|a|", r"\cancelto 0 a", r"\arc AB", r"\textcolor r a", r"\color r a"),
        *(r"\multicolumn 2 c a", r"\longdiv a", r"\ddddot x", r"\mathchoice a b c d", r"\raise 3pt a", r"\c c"),
        *(r"\hskip x", r"\kern{3}", r"\hspace 1cm"),
    ],
)
def test_commands_without_a_token_are_refused_with_or_without_braces(latex):
    command = re.match(r"\\[a-z]+", latex)[0]
    with pytest.raises(LatexError, match=re.escape(f"unknown command {command} with an argument")) as caught:
        parse("a " + latex)
    assert caught.value.position == 2


@pytest.mark.parametrize(
    "command", ["operatorname", "operatorname*", "text", "hat", "widehat", "mathbb", "phantom", "pmod"]
)
def test_an_option_that_a_command_does_not_take_is_refused(command):
    with pytest.raises(LatexError, match=re.escape(f"\\{command} takes no option in brackets")):
        parse(rf"\{command}[x]{{a}}")


@pytest.mark.parametrize("command", ["frac", "dfrac", "binom", "overset", "stackrel[b]"])
def test_an_option_of_a_command_with_two_arguments_is_refused(command):
    with pytest.raises(LatexError, match="takes no option in brackets"):
        parse(rf"\{command}[l]{{1}}{{2}}")


def test_the_position_counts_tokens_when_tokens_are_given():
    with pytest.raises(LatexError) as caught:
        parse([r"\frac", "{", "a", "}", "}"])
    assert caught.value.position == 4


def test_unicode_tokens_are_converted():
    assert parse(["x", "≤", "½"]) == parse(r"x\leq\frac12")
    with pytest.raises(LatexError, match="CIRCLED DIGIT ONE") as caught:
        parse(["x", "≤", "①"])
    assert caught.value.position == 2


HOSTILE = (
    *("{", r"\frac", r"\frac{", r"\sqrt[", r"\sqrt", r"\hat", "x^{", "x_x^", r"\begin{matrix}", r"\cal", r"a\over b"),
    *("x\u0302", "\u0302", "\u0338", "²", "₁", "½", "x²", "√", "\\cfrac[l]", "\\hat[", "\\buildrel"),
    *(r"\mathrm", r"\mathbb", r"\left(", "'", "^", "_", "}", r"\not", r"\xrightarrow[", r"\binom", r"\phantom{"),
)


@pytest.fixture
def little_stack():
    """Limit the stack to half of Python's default on top of the frames of the test runner."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack()) + 500)
    yield
    sys.setrecursionlimit(limit)


@pytest.mark.parametrize("piece", HOSTILE)
def test_hostile_repetition_is_refused_or_read(piece, little_stack):
    with contextlib.suppress(LatexError):
        normalize((piece + " ") * (15_000 // (len(piece) + 1)))


@pytest.mark.parametrize(
    ("opening", "closing", "levels"), [("x^{", "}", 1), (r"\frac{1}{", "}", 1), (r"\sqrt[{", "}]{x}", 2), ("{", "}", 1)]
)
def test_reads_groups_up_to_the_maximum_depth(opening, closing, levels, little_stack):
    depth = (MAX_DEPTH - 1) // levels
    assert normalize(opening * depth + "x" + closing * depth)
    with pytest.raises(LatexError, match=f"deeper than {MAX_DEPTH}"):
        normalize(opening * (depth + 1) + "x" + closing * (depth + 1))


pieces = st.sampled_from((*HOSTILE, *"}x2[]&'-+. ", r"\\", r"\end{matrix}", r"\right)", *sorted(KNOWN_COMMANDS)))


@given(st.one_of(st.lists(pieces, max_size=30).map(" ".join), st.text(max_size=60)))
@settings(max_examples=300)
def test_any_text_is_read_or_refused(latex):
    try:
        tokens = normalize(latex)
    except LatexError as error:
        assert 0 <= error.position <= len(latex)
    else:
        assert normalize(tokens) == tokens
        assert normalize(" ".join(tokens)) == tokens
