import pytest
from hypothesis import given, settings

from tegashiki.latex.errors import LatexError
from tegashiki.latex.grammar import Grammar
from tegashiki.latex.normalize import normalize
from tegashiki.latex.parser import MAX_DEPTH
from tegashiki.latex.vocabulary import DEFAULT_VOCABULARY, EOS_ID, Vocabulary

from .walks import GRAMMAR, formulas


def accepts(latex):
    return GRAMMAR.accepts(DEFAULT_VOCABULARY.encode(latex.split()))


@given(formulas)
@settings(max_examples=300)
def test_admitted_sequences_parse_and_are_canonical(tokens):
    assert normalize(tokens) == tokens
    assert normalize(" ".join(tokens)) == tokens


@pytest.mark.parametrize(
    "latex",
    [
        *(
            "x",
            "x _ { 1 } ^ { 2 }",
            r"\frac { 1 } { 2 }",
            r"\sqrt [ 3 ] { x }",
            "{ } _ { n } C _ { k }",
            "| x | ^ { 2 }",
        ),
        r"[ \begin{matrix} - & \# & 7 \\ & 5 & 1 \end{matrix} ]",
        *(r"\widehat { x y }", r"\binom { n } { k }", r"\sum _ { i } ^ { n } x", r"\not \equiv", r"x \prime"),
    ],
)
def test_canonical_formulas_are_admitted(latex):
    assert normalize(latex) == tuple(latex.split())
    assert accepts(latex)


@pytest.mark.parametrize(
    "latex",
    [
        *("", "{ x }", "x ^ 2", "x ^ { }", "x ^ { 2 } _ { 1 }", "x _ { 1 } _ { 2 }", "_ { 1 }", "x }", "x {", "{ } x"),
        *(r"\frac { 1 }", r"\frac { } { 1 }", r"\sqrt [ ] { x }", r"\sqrt { }", "a & b", r"a \\ b"),
        *("s i n", "2 l o g x", ". . .", r"\cdot \cdot \cdot", r"\not =", r"\not \in"),
        *(r"\widehat { x }", r"\bar { x _ { 1 } }", r"\begin{matrix} \end{matrix}", r"\begin{matrix} a & \end{matrix}"),
        r"\begin{matrix} a \\ \end{matrix}",
    ],
)
def test_other_sequences_are_not_admitted(latex):
    assert not accepts(latex)


def test_closing_length_counts_the_tokens_to_the_end():
    state = GRAMMAR.start()
    lengths = [GRAMMAR.closing_length(state)]
    for token in normalize(r"\frac{a}{\sqrt[n]{x}}^{2}"):
        state = GRAMMAR.advance(state, DEFAULT_VOCABULARY.index(token))
        lengths.append(GRAMMAR.closing_length(state))
    # frac { a } { sqrt [ n ] { x } } ^ { 2 }
    assert lengths == [1, 6, 5, 4, 3, 2, 4, 6, 5, 4, 3, 2, 1, 0, 3, 2, 1, 0][: len(lengths)]


def test_masks_are_shared_and_read_only():
    first = GRAMMAR.allowed(GRAMMAR.start())
    assert first is GRAMMAR.allowed(Grammar(DEFAULT_VOCABULARY).start())
    with pytest.raises(ValueError, match="read-only"):
        first[0] = True


def test_states_are_small_and_hashable():
    states, state = set(), GRAMMAR.start()
    for token_id in DEFAULT_VOCABULARY.encode(normalize("x+x+x^2")):
        states.add(state)
        state = GRAMMAR.advance(state, token_id)
    assert len(states) < 6
    assert GRAMMAR.advance(state, EOS_ID) == state


def test_depth_limit_equals_that_of_the_parser():
    state, opened = GRAMMAR.start(), 0
    x, sup, brace = DEFAULT_VOCABULARY.encode(["x", "^", "{"])
    while True:
        state = GRAMMAR.advance(state, x)
        if not GRAMMAR.allowed(state)[sup]:
            break
        state = GRAMMAR.advance(GRAMMAR.advance(state, sup), brace)
        opened += 1
    assert opened == MAX_DEPTH - 1
    normalize("x ^ { " * opened + "x" + " }" * opened)


def test_a_token_that_may_not_follow_is_refused():
    with pytest.raises(LatexError, match="'}' may not follow"):
        GRAMMAR.advance(GRAMMAR.start(), DEFAULT_VOCABULARY.index("}"))


def test_tokens_that_are_not_canonical_are_never_allowed():
    vocabulary = Vocabulary(["x", r"\le", r"\limits", "'", "{", "}", "%"])
    allowed = Grammar(vocabulary).allowed(Grammar(vocabulary).start())
    assert [vocabulary.token(i) for i in allowed.nonzero()[0]] == ["x", "{"]
