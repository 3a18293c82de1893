import pytest
from hypothesis import given

from tegashiki.latex.errors import LatexError
from tegashiki.latex.tokenizer import MAX_CHARACTERS, join, tokenize

from .walks import formulas


def texts(latex):
    return [token.text for token in tokenize(latex)]


@pytest.mark.parametrize(
    ("latex", "tokens"),
    [
        (r"\frac12", [r"\frac", "1", "2"]),
        (r"\mathbb{R}^n", [r"\mathbb{R}", "^", "n"]),
        (r"\mathbb { R }", [r"\mathbb{R}"]),
        (r"\mathbb{RR}", [r"\mathbb", "{", "R", "R", "}"]),
        (r"\begin {matrix*} a\end{matrix}", [r"\begin{matrix}", "a", r"\end{matrix}"]),
        (r"\operatorname*{a}", [r"\operatorname*", "{", "a", "}"]),
        (r"a\\[2pt]b\\*c\\ [2]", ["a", r"\\", "b", r"\\", "c", r"\\", "[", "2", "]"]),
        (r"a\hspace{1cm}b\kern-3mu c", ["a", "b", "c"]),
        (r"\{x\}\|\%", [r"\{", "x", r"\}", r"\|", r"\%"]),
        ("M\\ltN u\\gtp", ["M", r"\lt", "N", "u", r"\gt", "p"]),
        (r"\ltimes\gtrsim", [r"\ltimes", r"\gtrsim"]),
        ("a\\ b\\\nc", ["a", "b", "c"]),
        (r"a\\*[2pt]b\\[ -.5 ex ]c\\[.3\baselineskip]d", ["a", r"\\", "b", r"\\", "c", r"\\", "d"]),
        (r"a \\ [ - 1 . 5 p t ] b \\ [ 2 \jot ]c\\[ p t ]", ["a", r"\\", "b", r"\\", "c", r"\\", *"[pt]"]),
        (r"a\hskip1em plus 1fil minus.5em b\hskip 1 e m plus", ["a", "b", *"plus"]),
        (r"a \kern 3 p t b \mkern - 2 m u c\kern 1 true cm d", list("abcd")),
        (r"\begin{pmatrix*} [ r ] a\end{pmatrix*}", [r"\begin{pmatrix}", "a", r"\end{pmatrix}"]),
        (r"\begin{pmatrix}[r] a \begin{bmatrix} [ c r ] b", [r"\begin{pmatrix}", "a", r"\begin{bmatrix}", "b"]),
        (r"\begin{pmatrix}[x] a", [r"\begin{pmatrix}", *"[x]a"]),
        (r"\begin{matrix}[r]a \begin{matrix} [ r ] b", [r"\begin{matrix}", "a", r"\begin{matrix}", *"[r]b"]),
        (r"a\mspace{3mu}\sqrt[\leftroot{-2}\uproot 2 3]", ["a", r"\sqrt", "[", "3", "]"]),
        ("x\u200b\ufe0f\u2062y\u00a0\u3000z", ["x", "y", "z"]),
        ("a−½", ["a", "-", r"\frac", "{", "1", "}", "{", "2", "}"]),
        ("中", ["中"]),
        ("", []),
    ],
)
def test_tokens(latex, tokens):
    assert texts(latex) == tokens


def test_tokens_of_a_unicode_character_have_its_position():
    assert [(t.text, t.position) for t in tokenize("x¹²β")] == [
        *[("x", 0), ("^", 1), ("{", 1), ("1", 1), ("2", 2), ("}", 2), (r"\beta", 3)]
    ]


def test_positions_are_offsets_in_the_source():
    assert [(t.text, t.position) for t in tokenize(r"x \frac {1}\ltN")] == [
        *[("x", 0), (r"\frac", 2), ("{", 8), ("1", 9), ("}", 10), (r"\lt", 11), ("N", 14)]
    ]


@pytest.mark.parametrize(
    ("latex", "position"), [("ab\\", 2), ("a\x00", 1), ("x" * (MAX_CHARACTERS + 1), MAX_CHARACTERS)]
)
def test_errors_name_the_position(latex, position):
    with pytest.raises(LatexError, match=f"at position {position}") as caught:
        tokenize(latex)
    assert caught.value.position == position


@given(formulas)
def test_joined_tokens_split_again(tokens):
    assert tuple(texts(join(tokens))) == tokens


def test_join_keeps_a_bracket_that_begins_a_table():
    tokens = (r"\begin{matrix}", "[", "c", "]", r"\end{matrix}")
    assert tuple(texts(join(tokens))) == tokens


def test_join_adds_only_necessary_spaces():
    assert join((r"\alpha", "x", "^", "{", "2", "}", r"\\", "[", r"\mathbb{R}", "b")) == r"\alpha x^{2}\\ [\mathbb{R}b"
