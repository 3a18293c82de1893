"""Formulas from the grammars of numbers, tables and school mathematics."""

from collections import Counter
from random import Random

import pytest

from tegashiki.latex.normalize import normalize
from tegashiki.latex.symbols import TABLE_BEGIN
from tegashiki.latex.vocabulary import DEFAULT_VOCABULARY
from tegashiki.synthesis.formula_source import FormulaSource
from tegashiki.synthesis.held_out_formulas import SHORTEST, is_held_out_formula
from tegashiki.synthesis.numbers import KINDS, write_number
from tegashiki.synthesis.school import write_algebra, write_calculus, write_sum
from tegashiki.synthesis.tables import write_table
from tegashiki.synthesis.typeset import typeset

WRITERS = [write_number, write_table, write_algebra, write_calculus, write_sum]
LABELS = [tuple("a+b=c"), ("x", "^", "{", "2", "}")]


@pytest.mark.parametrize("write", WRITERS)
def test_formulas_are_canonical_typesettable_and_varied(write):
    drawn = [write(Random(seed)) for seed in range(300)]
    assert drawn == [write(Random(seed)) for seed in range(300)]
    assert len(set(drawn)) > 180
    for tokens in drawn:
        assert normalize(tokens) == tokens
        assert not DEFAULT_VOCABULARY.missing(tokens)
        assert typeset(tokens)


@pytest.mark.parametrize("kind", [kind for kind, _ in KINDS])
def test_every_kind_of_number_is_canonical(kind):
    for seed in range(60):
        tokens = normalize(kind(Random(seed)))
        assert tokens and normalize(tokens) == tokens and not DEFAULT_VOCABULARY.missing(tokens)


def test_numbers_contain_separators_percent_money_and_operators():
    drawn = [write_number(Random(seed)) for seed in range(2000)]
    counts = Counter(token for tokens in drawn for token in set(tokens))
    assert all(counts[token] > 20 for token in (".", ",", r"\%", r"\$", ":", "/", "-", "=", "(", r"\times", "x"))
    assert sum(all(token.isdigit() for token in tokens) for tokens in drawn) > 100


def test_tables_have_brackets_a_brace_or_nothing_around_them():
    drawn = [write_table(Random(seed)) for seed in range(500)]
    assert all(TABLE_BEGIN in tokens for tokens in drawn)
    before = Counter(tokens[tokens.index(TABLE_BEGIN) - 1] if tokens[0] != TABLE_BEGIN else "" for tokens in drawn)
    assert before.keys() == {"(", "[", "|", r"\{", ""}
    assert not any("&" in tokens for tokens in drawn if tokens[0] == TABLE_BEGIN), "a derivation has one column"


def test_the_brace_of_cases_is_as_high_as_the_rows():
    cases, plain = (typeset(normalize(text)) for text in (r"\begin{cases} 1 \\ 2 \\ 3 \end{cases}", r"\{ 1"))
    assert cases[0].up > 2 * plain[0].up


@pytest.mark.parametrize("share", ["numbers", "tables", "school"])
def test_a_share_of_one_draws_only_that_kind(share):
    shares = {"grammar_formulas": 0.0, "paper_formulas": 0.0}
    plain = FormulaSource(LABELS, [], DEFAULT_VOCABULARY, **shares)
    asked = FormulaSource(LABELS, [], DEFAULT_VOCABULARY, **shares, **{share: 1.0})
    assert {plain.draw(Random(seed)) for seed in range(30)}.isdisjoint(asked.draw(Random(seed)) for seed in range(30))


def test_training_never_draws_formulas_that_are_kept_out():
    every = {
        "grammar_formulas": 0.2,
        "paper_formulas": 0.2,
        "symbol_rows": 0.2,
        "numbers": 0.1,
        "tables": 0.1,
        "school": 0.1,
    }
    lines = [r"\frac{a}{b} + \gamma = 2", "x + y = z + 1"]
    source = FormulaSource(LABELS, lines, DEFAULT_VOCABULARY, **every, classes=["x", "+", r"\alpha", "3"])
    drawn = [source.draw(Random(seed)) for seed in range(1500)]
    assert not any(map(is_held_out_formula, drawn))
    written = [write(Random(seed)) for seed in range(300) for write in WRITERS]
    share = sum(map(is_held_out_formula, written)) / sum(len(tokens) >= SHORTEST for tokens in written)
    assert 0.07 < share < 0.13


def test_short_formulas_are_never_kept_out():
    assert not any(is_held_out_formula((a, b, c)) for a in "0123456789" for b in "0123456789" for c in "xyz")
