from random import Random

import pytest

from tegashiki.latex.normalize import normalize
from tegashiki.latex.vocabulary import DEFAULT_VOCABULARY
from tegashiki.synthesis.formulas import DIALECTS, EASY, WIDE, Choice, compose, even


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
def test_formulas_are_canonical_and_in_the_vocabulary(dialect):
    random = Random(1)
    for _ in range(500):
        tokens = compose(random, dialect)
        assert normalize(tokens) == tokens
        assert normalize(" ".join(tokens)) == tokens
        assert DEFAULT_VOCABULARY.missing(tokens) == []


def test_easy_formulas_are_short_and_have_few_kinds_of_symbols():
    random = Random(2)
    formulas = [compose(random, EASY) for _ in range(2000)]
    assert 30 <= len({token for tokens in formulas for token in tokens}) <= 40
    assert max(map(len, formulas)) < 40
    for token in (r"\frac", r"\sqrt", "^", "_", "(", "="):
        assert sum(token in tokens for tokens in formulas) > 100, token


def test_wide_formulas_cover_the_vocabulary():
    random = Random(3)
    seen = {token for _ in range(4000) for token in compose(random, WIDE)}
    missing = set(DEFAULT_VOCABULARY) - seen
    assert len(missing) <= 0.03 * len(DEFAULT_VOCABULARY), sorted(missing)


def test_the_same_seed_gives_the_same_formula():
    assert compose(Random(5), WIDE) == compose(Random(5), WIDE) != compose(Random(6), WIDE)


def test_choice_follows_its_weights():
    random = Random(0)
    drawn = [Choice({"a": 3.0, "b": 1.0}).draw(random) for _ in range(2000)]
    assert 0.7 < drawn.count("a") / 2000 < 0.8


def test_even_leaves_out_synonyms():
    assert even(r"\leq", r"\le", weight=2.0) == {r"\leq": 2.0}
