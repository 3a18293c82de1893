import numpy as np
import pytest

from tegashiki.decoding.pin import Pin
from tegashiki.decoding.search import NoReadingError, search
from tests.decoding.fake_backend import FakeBackend
from tests.decoding.test_search import Brackets, balanced

END, OPEN, CLOSE, A, B, C = 2, 3, 4, 5, 6, 7
DRAWN = np.arange(8) >= A


def pin(ids, owners=(-1, -1, -1)):
    return Pin(tuple(ids), np.array(owners), DRAWN)


def holds(ids, wanted):
    rest = iter(ids)
    return all(token in rest for token in wanted)


def narrowed(pinned, written, best, looks_at):
    scores = np.full(8, -5.0)
    scores[best] = -1.0
    pinned.narrow(scores, written, np.eye(4)[looks_at])  # padded to one more than the number of strokes
    return set(np.flatnonzero(scores > -np.inf).tolist())


def test_a_pin_counts_its_tokens_in_order_and_ignores_others():
    pinned, written, states = pin([A, OPEN, B]), 0, []
    for token in [B, A, C, A, OPEN, B, B]:
        written = pinned.advance(written, token)
        states.append(written)
    assert states == [0, 1, 1, 1, 2, 3, 3]


def test_attention_to_the_due_token_allows_only_it_or_structure():
    pinned = pin([A, B], owners=(0, 1, -1))
    assert narrowed(pinned, 0, best=C, looks_at=0) == {A}
    assert narrowed(pinned, 0, best=END, looks_at=0) == {A}
    assert narrowed(pinned, 0, best=OPEN, looks_at=0) == {0, 1, OPEN, CLOSE, A}
    assert narrowed(pinned, 1, best=A, looks_at=1) == {B}


def test_due_structure_is_written_before_the_next_symbol():
    assert narrowed(pin([OPEN, A], owners=(1, -1, -1)), 0, best=A, looks_at=0) == {OPEN}


def test_attention_to_other_strokes_forbids_only_the_end():
    pinned = pin([A, B], owners=(0, 1, -1))
    for looks_at in (1, 2):  # a stroke of a later token, and a new stroke
        assert narrowed(pinned, 0, best=C, looks_at=looks_at) == set(range(8)) - {END}
    assert narrowed(pinned, 1, best=C, looks_at=0) == set(range(8)) - {END}  # a token that is already written


def test_a_reading_that_would_end_without_the_pin_is_dropped():
    assert narrowed(pin([A, B], owners=(0, 1, -1)), 0, best=END, looks_at=2) == set()


def test_a_completely_written_pin_forbids_nothing():
    assert narrowed(pin([A], owners=(0, -1, -1)), 1, best=END, looks_at=0) == set(range(8))


@pytest.mark.parametrize("beams", [1, 5])
def test_every_result_holds_the_pin_and_parses(beams):
    random, found = np.random.default_rng(0), 0
    for seed in range(60):
        backend = FakeBackend(8, max_tokens=12, seed=seed, stroke_sizes=(4,))
        encoded, wanted = backend.encoded(strokes=3), random.integers(A, 8, size=2)
        pinned = pin(wanted, owners=(0, 1, -1))
        try:
            results = search(backend, encoded, beams=beams, results=beams, grammar=Brackets(8), pin=pinned)
        except NoReadingError:
            continue
        found += 1
        for result in results:
            assert holds(result.ids, wanted)
            assert balanced(result.ids)
            assert result.log_probability == pytest.approx(backend.log_probability(encoded, result.ids), abs=1e-9)
    assert found >= 30


@pytest.mark.parametrize("beams", [1, 5])
def test_a_pin_of_the_best_result_gives_the_same_result(beams):
    for seed in range(20):
        backend = FakeBackend(8, max_tokens=12, seed=seed)
        (free,) = search(backend, backend.encoded(), beams=beams)
        (again,) = search(backend, backend.encoded(), beams=beams, pin=pin(free.ids))
        assert again.ids == free.ids


@pytest.mark.parametrize("beams", [1, 5])
def test_a_pin_that_the_rules_forbid_is_an_error(beams):
    backend, restrict = FakeBackend(8, max_tokens=12), np.ones(8, bool)
    restrict[A] = False
    with pytest.raises(NoReadingError):
        search(backend, backend.encoded(), beams=beams, restrict=restrict, pin=pin([A], owners=(0, -1, -1)))
