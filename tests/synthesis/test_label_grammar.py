from collections import Counter
from random import Random

import pytest

from tegashiki.latex.normalize import normalize
from tegashiki.synthesis.embedded import generate
from tegashiki.synthesis.label_grammar import MAX_TOKENS, LabelGrammar


@pytest.fixture(scope="module")
def labels() -> list[tuple[str, ...]]:
    return [example.tokens for example in generate("train", 400, seed=1)]


def test_formulas_are_canonical_and_new_with_the_tokens_of_the_labels(labels):
    grammar, known = LabelGrammar(labels), set(labels)
    drawn = [grammar.draw(Random(seed)) for seed in range(300)]
    assert all(normalize(tokens) == tokens for tokens in drawn)
    assert all(len(tokens) <= MAX_TOKENS for tokens in drawn)
    assert sum(tokens in known for tokens in drawn) < 60
    assert {token for tokens in drawn for token in tokens} <= {token for tokens in labels for token in tokens}
    counts = Counter(token for tokens in drawn for token in tokens)
    assert counts[r"\frac"] > 20 and counts["^"] > 20


def test_the_same_seed_gives_the_same_formula(labels):
    grammar = LabelGrammar(labels)
    assert grammar.draw(Random(5)) == grammar.draw(Random(5)) != grammar.draw(Random(6))


def test_brackets_have_partners_in_their_own_group():
    grammar = LabelGrammar([("(", "a", "+", "b", ")"), ("x", "^", "{", "(", "n", ")", "}"), tuple("a+b=c")])
    for seed in range(100):
        depth = [0]
        for token in grammar.draw(Random(seed)):
            if token == "{":
                depth.append(0)
            elif token == "}":
                assert depth.pop() == 0
            else:
                depth[-1] += (token == "(") - (token == ")")
                assert depth[-1] >= 0
        assert depth == [0]


def test_an_empty_group_is_part_of_its_item():
    label = normalize("{}^{2}x+1")
    assert label[:2] == ("{", "}")
    grammar = LabelGrammar([label])
    assert all(normalize(tokens) == tokens for tokens in (grammar.draw(Random(seed)) for seed in range(40)))
