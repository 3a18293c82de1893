import numpy as np
import pytest

from tegashiki.decoding.constraint import Constraint
from tegashiki.decoding.search import search
from tegashiki.latex.grammar import Grammar
from tegashiki.latex.normalize import normalize
from tegashiki.latex.vocabulary import BOS_ID, CLOSERS, DEFAULT_VOCABULARY, EOS_ID, PAD_ID
from tegashiki.recognizer.reader import restriction_mask
from tests.decoding.fake_backend import FakeBackend

SIZE = len(DEFAULT_VOCABULARY)


@pytest.fixture(scope="module")
def grammar():
    return Grammar(DEFAULT_VOCABULARY)


def test_closing_lengths_agree_with_closing_length(grammar):
    random = np.random.default_rng(0)
    state = grammar.start()
    for _ in range(150):
        following = np.flatnonzero(grammar.allowed(state)).tolist()
        expected = [grammar.closing_length(grammar.advance(state, token)) for token in following]
        assert grammar.closing_lengths(state)[following].tolist() == expected
        assert grammar.longest_closing(state) == max(expected)
        state = grammar.advance(state, following[random.integers(len(following))])
        state = state if len(state.groups) < 12 else grammar.start()


@pytest.mark.parametrize("max_tokens", [2, 5, 8, 13, 30])
@pytest.mark.parametrize("beams", [1, 5])
def test_results_are_canonical_and_within_the_length_limit(grammar, max_tokens, beams):
    for seed in range(2):
        backend = FakeBackend(SIZE, max_tokens, seed)
        backend.bias[EOS_ID] = -20
        backend.bias[3:9] = 3  # braces, scripts, fractions and roots: the model tends to nest
        for h in search(backend, backend.encoded(), beams=beams, results=beams, grammar=grammar):
            tokens = DEFAULT_VOCABULARY.decode(h.ids)
            assert 1 <= len(tokens) < max_tokens
            assert normalize(" ".join(tokens)) == tokens


def test_padding_and_start_are_forbidden_and_the_end_is_allowed():
    nothing = Constraint(SIZE, 9, restrict=np.zeros(SIZE, bool))
    base = nothing.mask(nothing.start(), 0)
    assert not base[[PAD_ID, BOS_ID]].any()
    assert base[EOS_ID]
    np.testing.assert_array_equal(np.flatnonzero(Constraint(SIZE, 9).mask(nothing.start(), 8)), [EOS_ID])


def test_a_restriction_for_another_vocabulary_is_refused():
    with pytest.raises(ValueError, match=f"shape .3,.*{SIZE}"):
        Constraint(SIZE, 9, restrict=np.ones(3, bool))


@pytest.mark.parametrize(
    "openers",
    [["^"], ["_"], [r"\frac"], [r"\sqrt"], [r"\sqrt", "["], [r"\hat", r"\widehat"], [r"\begin{matrix}"], ["{", "}"]],
)
@pytest.mark.parametrize("beams", [1, 5])
def test_a_restriction_never_opens_what_it_cannot_close(grammar, openers, beams):
    """Braces and the end of a table are always allowed; an empty base needs a script, a root's index its bracket."""
    named = {*openers, *"xy1"}
    for seed in range(3):
        backend = FakeBackend(SIZE, 30, seed)
        backend.bias[DEFAULT_VOCABULARY.encode([*openers, "{"])] = 4  # the model tends to open structures
        rules = {"grammar": grammar, "restrict": restriction_mask(DEFAULT_VOCABULARY, named)}
        written = set()
        for h in search(backend, backend.encoded(), beams=beams, results=beams, **rules):
            tokens = DEFAULT_VOCABULARY.decode(h.ids)
            assert normalize(" ".join(tokens)) == tokens
            written |= set(tokens)
        assert written <= named | CLOSERS
        assert not written.isdisjoint(openers) or openers == ["{", "}"]
