import itertools

import numpy as np
import pytest

from tegashiki.decoding.constraint import Constraint
from tegashiki.decoding.search import SearchError, Stopped, beam_search, search
from tests.decoding.fake_backend import FakeBackend

END, OPEN, CLOSE = 2, 3, 4


class Brackets:
    """A grammar: ids 3 and 4 are a pair of brackets, the others stand alone, and there is at least one token."""

    def __init__(self, size):
        self.size = size

    def start(self):
        return (0, 0)

    def allowed(self, state):
        depth, count = state
        mask = np.ones(self.size, bool)
        mask[:2] = False
        mask[CLOSE] = depth > 0
        mask[END] = depth == 0 and count > 0
        return mask

    def advance(self, state, token_id):
        depth, count = state
        return depth + (token_id == OPEN) - (token_id == CLOSE), min(count + 1, 1)

    def closing_length(self, state):
        return state[0] or int(not state[1])

    def closing_lengths(self, state):
        depths = np.full(self.size, state[0])
        depths[OPEN] += 1
        depths[CLOSE] -= 1
        return depths

    def longest_closing(self, state):
        return state[0] + 1

    def opening(self, state):
        return np.array([OPEN])


def balanced(ids):
    depths = np.cumsum([(i == OPEN) - (i == CLOSE) for i in ids])
    return len(ids) > 0 and depths.min() >= 0 and depths[-1] == 0


def brute_force(backend, encoded, accepts=lambda ids: True, usable=None):
    usable = range(3, backend.vocabulary_size) if usable is None else usable
    sequences = (ids for n in range(backend.max_tokens) for ids in itertools.product(usable, repeat=n))
    scored = [(backend.log_probability(encoded, ids), ids) for ids in sequences if accepts(ids)]
    return sorted(scored, reverse=True)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("with_grammar", [False, True])
def test_beam_of_width_one_is_greedy(seed, with_grammar):
    backend = FakeBackend(vocabulary_size=12, max_tokens=15, seed=seed)
    grammar = Brackets(12) if with_grammar else None
    (greedy,) = search(backend, backend.encoded(), grammar=grammar)
    (beam,) = beam_search(backend, backend.encoded(), Constraint(12, 15, grammar), beams=1)
    assert beam.ids == greedy.ids
    assert beam.log_probability == pytest.approx(greedy.log_probability, abs=1e-12)
    np.testing.assert_allclose(beam.token_log_probabilities, greedy.token_log_probabilities, atol=1e-12)
    np.testing.assert_array_equal(beam.attention, greedy.attention)


def test_greedy_takes_the_likeliest_token_of_every_step():
    backend = FakeBackend(vocabulary_size=12, max_tokens=15, seed=3)
    encoded = backend.encoded()
    (hypothesis,) = search(backend, encoded)
    cache, token, ids = backend.init_cache(encoded, 1), 1, []
    for position in range(15):
        logits_WV, _, cache = backend.decode_step(encoded, cache, np.array([token], np.int32), position)
        token = 2 + int(logits_WV[0, 2:].argmax()) if position < 14 else END
        if token == END:
            break
        ids.append(token)
    assert hypothesis.ids == tuple(ids)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("with_grammar", [False, True])
def test_a_wide_beam_finds_what_brute_force_finds(seed, with_grammar):
    # 4 usable tokens and at most 4 before the end: 341 sequences, fewer than the beam holds.
    backend = FakeBackend(vocabulary_size=7, max_tokens=5, seed=seed, beam_sizes=(1, 400))
    encoded = backend.encoded()
    expected = brute_force(backend, encoded, balanced if with_grammar else lambda ids: True)
    grammar = Brackets(7) if with_grammar else None
    found = search(backend, encoded, beams=400, results=400, grammar=grammar)
    assert [h.ids for h in found] == [ids for _, ids in expected]
    np.testing.assert_allclose([h.log_probability for h in found], [p for p, _ in expected], atol=1e-9)


@pytest.mark.parametrize("beams", [1, 2, 3, 5])
@pytest.mark.parametrize("seed", range(5))
def test_hypotheses_have_the_probabilities_of_the_model(beams, seed):
    backend = FakeBackend(vocabulary_size=15, max_tokens=20, seed=seed)
    encoded = backend.encoded()
    found = search(backend, encoded, beams=beams, results=beams)
    assert 1 <= len(found) <= beams
    assert len({h.ids for h in found}) == len(found)
    assert [h.log_probability for h in found] == sorted((h.log_probability for h in found), reverse=True)
    for h in found:
        assert h.log_probability == pytest.approx(backend.log_probability(encoded, h.ids), abs=1e-9)
        assert h.token_log_probabilities.shape == (len(h.ids) + 1,)
        assert h.token_log_probabilities.sum() == pytest.approx(h.log_probability, abs=1e-9)


def test_attention_follows_a_hypothesis_across_rows():
    backend = FakeBackend(vocabulary_size=15, max_tokens=20, seed=1)
    encoded = backend.encoded()
    for h in search(backend, encoded, beams=5, results=5):
        cache, expected = backend.init_cache(encoded, 1), []
        for position, token in enumerate((1, *h.ids)[: len(h.ids)]):
            _, attention_WS, cache = backend.decode_step(encoded, cache, np.array([token], np.int32), position)
            expected.append(attention_WS[0])
        np.testing.assert_allclose(h.attention, np.reshape(expected, h.attention.shape), atol=1e-6)


def test_the_best_result_does_not_depend_on_the_number_of_results():
    for seed in range(10):
        backend = FakeBackend(vocabulary_size=15, max_tokens=20, seed=seed)
        best = [search(backend, backend.encoded(), beams=5, results=n)[0].ids for n in range(1, 6)]
        assert len(set(best)) == 1


def test_a_finished_hypothesis_is_kept_while_others_go_on():
    # The empty sequence is the likeliest, but other rows continue: it must be kept until they end.
    backend = FakeBackend(vocabulary_size=7, max_tokens=5, beam_sizes=(1, 3))
    backend.output[:] = 0
    backend.bias[END] = 1.0
    found = search(backend, backend.encoded(), beams=3, results=3)
    assert found[0].ids == ()
    assert found[0].attention.shape == (0, 4)
    assert len(found) == 3


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("beams", [1, 5])
@pytest.mark.parametrize("max_tokens", [2, 3, 4, 9, 40])
def test_with_the_grammar_every_result_parses_and_ends_in_time(seed, beams, max_tokens):
    backend = FakeBackend(vocabulary_size=6, max_tokens=max_tokens, seed=seed)
    backend.bias[END] = -20  # the model tends never to end
    for h in search(backend, backend.encoded(), beams=beams, results=beams, grammar=Brackets(6)):
        assert balanced(h.ids)
        assert len(h.ids) < max_tokens


@pytest.mark.parametrize("beams", [1, 5])
def test_without_the_grammar_the_length_limit_still_holds(beams):
    backend = FakeBackend(vocabulary_size=6, max_tokens=4, seed=2)
    backend.bias[END] = -50
    (found,) = search(backend, backend.encoded(), beams=beams)
    assert len(found.ids) == 3 if beams == 1 else len(found.ids) <= 3


@pytest.mark.parametrize("beams", [1, 5])
def test_a_restricted_search_finds_the_best_allowed_sequence(beams):
    backend = FakeBackend(vocabulary_size=9, max_tokens=5, seed=4, beam_sizes=(1, 5, 100))
    restrict = np.zeros(9, bool)
    restrict[[5, 7]] = True
    (found,) = search(backend, backend.encoded(), beams=beams, restrict=restrict)
    assert set(found.ids) <= {5, 7}
    (wide,) = search(backend, backend.encoded(), beams=100, restrict=restrict)
    assert wide.ids == brute_force(backend, backend.encoded(), usable=[5, 7])[0][1]


@pytest.mark.parametrize("beams", [1, 5])
def test_rules_that_no_sequence_obeys_are_an_error(beams):
    backend = FakeBackend(vocabulary_size=6, max_tokens=5)
    with pytest.raises(SearchError, match="no sequence"):
        search(backend, backend.encoded(), beams=beams, grammar=Brackets(6), restrict=np.zeros(6, bool))


@pytest.mark.parametrize("beams", [1, 5])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_logits_that_are_not_finite_are_an_error(beams, value):
    backend = FakeBackend()
    step = backend.decode_step

    def broken(*args):
        logits_WV, attention_WS, cache = step(*args)
        logits_WV[0, 3] = value
        return logits_WV, attention_WS, cache

    backend.decode_step = broken
    with pytest.raises(SearchError, match="not finite"):
        search(backend, backend.encoded(), beams=beams)


@pytest.mark.parametrize(("beams", "results"), [(0, 1), (6, 1), (5, 6), (3, 0)])
def test_out_of_range_beams_are_an_error_that_names_the_limit(beams, results):
    backend = FakeBackend()
    with pytest.raises(SearchError, match="1 to"):
        search(backend, backend.encoded(), beams=beams, results=results)


def test_a_read_only_cache_is_reordered():
    backend = FakeBackend(vocabulary_size=15, max_tokens=20, seed=1)
    expected = [h.ids for h in search(backend, backend.encoded(), beams=5, results=5)]
    step = backend.decode_step

    def frozen(*args):
        logits_WV, attention_WS, cache = step(*args)
        for array in cache.values():
            array.flags.writeable = False
        return logits_WV, attention_WS, cache

    backend.decode_step = frozen
    assert [h.ids for h in search(backend, backend.encoded(), beams=5, results=5)] == expected


@pytest.mark.parametrize("seed", range(5))
def test_only_refused_sequences_are_left_out(seed):
    backend = FakeBackend(vocabulary_size=7, max_tokens=5, seed=seed, beam_sizes=(1, 400))
    encoded = backend.encoded()
    every = [h.ids for h in search(backend, encoded, beams=400, results=400)]
    refused = {every[0], every[3], every[7]}
    found = [h.ids for h in search(backend, encoded, beams=400, results=400, refused=refused)]
    assert found == [ids for ids in every if ids not in refused]


@pytest.mark.parametrize("beams", [1, 5])
def test_a_search_stops_before_the_next_step_on_request(beams):
    backend = FakeBackend(max_tokens=20)
    backend.bias[END] = -20
    asked = []

    def stop():
        asked.append(len(asked))
        return len(asked) > 3

    steps, step = [], backend.decode_step
    backend.decode_step = lambda *args: steps.append(1) or step(*args)
    with pytest.raises(Stopped):
        search(backend, backend.encoded(), beams=beams, stop=stop)
    assert len(steps) == 3
