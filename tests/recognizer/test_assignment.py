import itertools
import os
from pathlib import Path

import numpy as np
import pytest

from tegashiki.datasets.alignment import stroke_tokens
from tegashiki.ink.files import iterate_inks
from tegashiki.ink.ink import Ink
from tegashiki.ink.inkml import read_inkml
from tegashiki.ink.labels import read_labels
from tegashiki.ink.preprocess import preprocess
from tegashiki.latex.normalize import normalize, visible_tokens
from tegashiki.recognizer.assignment import assign, stroke_distances, strokes_of_token
from tegashiki.recognizer.recognizer import Recognizer

FIXTURES = Path(__file__).parent.parent / "fixtures" / "crohme"


def lines(*ends):
    """Return straight strokes, each given as start x, start y, end x, end y."""
    return preprocess([np.array([[x0, y0], [x1, y1]], float) for x0, y0, x1, y1 in ends])


PLUS, EQUALS = ((0, 5, 10, 5), (5, 0, 5, 10)), ((20, 4, 30, 4), (20, 7, 30, 7))


def test_a_stroke_without_attention_joins_the_symbol_that_it_touches():
    attention = np.array([[1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0]])
    assert strokes_of_token(["+", "="], attention, lines(*PLUS, *EQUALS)) == ((0, 1), (2, 3))
    # The plus is finished last: the position of a stroke matters more than the order of writing.
    strokes = lines(PLUS[0], *EQUALS, PLUS[1])
    assert strokes_of_token(["+", "="], np.array([[1.0, 0, 0, 0], [0, 0.9, 0.1, 0]]), strokes) == ((0, 3), (1, 2))


def test_of_two_equally_near_symbols_the_adjacent_one_in_time_wins():
    strokes = lines((0, 0, 0, 10), (40, 0, 40, 10), (20, 0, 20, 10))
    assert assign(np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]), strokes) == [0, 1, 1]


def test_attention_decides_where_nothing_touches():
    strokes = lines((0, 0, 0, 10), (20, 0, 20, 10), (40, 0, 40, 10))
    assert assign(np.array([[0.6, 0.4, 0.0], [0.0, 0.0, 1.0]]), strokes) == [0, 0, 1]
    assert assign(np.array([[1.0, 0.0, 0.0], [0.0, 0.4, 0.6]]), strokes) == [0, 1, 1]


def test_two_tokens_with_attention_to_one_stroke_do_not_share_it():
    strokes = lines((0, 0, 0, 10), (20, 0, 20, 10))
    assert assign(np.array([[0.9, 0.1], [0.8, 0.2]]), strokes) == [0, 1]


def test_only_visible_tokens_get_strokes():
    attention = np.array([[0.9, 0.1, 0.0], [0, 1.0, 0], [0, 1.0, 0], [0.1, 0.2, 0.7], [0, 1.0, 0]])
    strokes = lines(*PLUS, (20, -5, 20, -10))
    assert strokes_of_token(("x", "^", "{", "2", "}"), attention, strokes) == ((0, 1), (), (), (2,), ())
    assert strokes_of_token(["x", "^"], np.ones((2, 3)), strokes) == ((0, 1, 2), ())  # does not parse
    assert strokes_of_token([], np.ones((0, 3)), strokes) == ()


def test_every_stroke_is_assigned_once_and_every_token_gets_one_if_possible():
    random = np.random.default_rng(0)
    for _ in range(100):
        tokens, count = random.integers(1, 8), random.integers(1, 12)
        strokes = preprocess([random.normal(size=(random.integers(1, 5), 2)) for _ in range(count)])
        assigned = assign(random.dirichlet(np.full(count, 0.2), tokens), strokes)
        assert len(assigned) == count
        assert set(assigned) <= set(range(tokens))
        assert len(set(assigned)) == min(tokens, count)


def test_distances_between_strokes_are_in_median_stroke_sizes():
    distances = stroke_distances(lines((0, 0, 0, 7), (14, 0, 14, 7), (14, 14, 14, 21)))
    np.testing.assert_allclose(distances, [[0, 2, np.sqrt(5)], [2, 0, 1], [np.sqrt(5), 1, 0]], atol=1e-6)


def exactly(candidate, ink):
    """Return for each symbol whether its token got exactly its own strokes; [] if the strokes are not known."""
    assigned = stroke_tokens(ink, candidate.tokens)
    groups = [tuple(np.flatnonzero(assigned == token).tolist()) for token in visible_tokens(candidate.tokens)]
    found = [candidate.strokes_of_token[token] for token in visible_tokens(candidate.tokens)]
    return [] if -1 in assigned else [one == other for one, other in zip(found, groups, strict=True)]


def truth_of(ink, labels):
    return normalize(labels.get(Path(ink.source).stem) or ink.label)


def test_symbols_of_the_fixtures_get_their_own_strokes():
    recognizer, right = Recognizer.load(), []
    for path in sorted(FIXTURES.glob("*.inkml")):
        ink = read_inkml(path)
        candidate = recognizer.recognize(ink)[0]
        if candidate.tokens == truth_of(ink, {}):
            right += exactly(candidate, ink)
    assert len(right) >= 10
    assert np.mean(right) >= 0.9


@pytest.mark.skipif("TEGASHIKI_DATA" not in os.environ, reason="TEGASHIKI_DATA names no folder of real ink")
def test_nine_in_ten_symbols_of_test_2014_get_exactly_their_strokes():
    data = Path(os.environ["TEGASHIKI_DATA"])
    labels = read_labels(data / "labels/crohme-test-2014.tsv")
    recognizer, right = Recognizer.load(beams=1), []
    inks = (ink for _, ink in iterate_inks(data / "crohme-inkml/test-2014.tar.xz") if isinstance(ink, Ink))
    for ink in itertools.islice(inks, 200):
        candidate = recognizer.recognize(ink)[0]
        if candidate.tokens == truth_of(ink, labels):
            right += exactly(candidate, ink)
    assert len(right) >= 500
    assert np.mean(right) >= 0.9
