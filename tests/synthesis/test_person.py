import itertools

import numpy as np
import pytest

from tegashiki.latex.normalize import normalize, visible_tokens
from tegashiki.synthesis.person import Person, distorted, write_formula


def drawing(seed, strokes=1):
    """Return random curves, which can be identified by their shape."""
    random = np.random.default_rng(seed)
    return tuple(random.normal(size=(12, 2)).cumsum(axis=0) for _ in range(strokes))


def person(name, classes, each=1):
    return Person(name, {token: [drawing((i, k)) for k in range(each)] for i, token in enumerate(classes)})


def shape(stroke):
    """Normalise position and size of a stroke on each axis."""
    low, high = stroke.min(axis=0), stroke.max(axis=0)
    return np.round((stroke - low) / np.where(high > low, high - low, 1.0), 6)


def test_every_token_is_drawn_by_the_person():
    tokens = normalize(r"\frac{x+1}{2}=x^2")
    written = write_formula(tokens, person("one", "x+12=-", each=3), [], np.random.default_rng(0))
    assert sorted(set(written.stroke_tokens.tolist())) == visible_tokens(tokens)
    assert (written.borrowed, written.lender, written.symbols) == (0, "", 8)
    assert all(np.isfinite(stroke).all() for stroke in written.strokes)


def test_strokes_keep_the_points_of_the_device():
    writes = person("one", "xy")
    written = write_formula(("x", "y"), writes, [], np.random.default_rng(0))
    for stroke, token in zip(written.strokes, (0, 1), strict=True):
        np.testing.assert_allclose(shape(stroke), shape(drawing((token, 0))[0]), atol=1e-5)


def test_no_drawing_is_used_twice_unchanged():
    writes, rng = person("one", "x+", each=2), np.random.default_rng(0)
    strokes = [stroke for _ in range(6) for stroke in write_formula(tuple("x+x+x"), writes, [], rng).strokes]
    shapes = [shape(stroke) for stroke in strokes]
    assert not any(np.allclose(one, other, atol=1e-4) for one, other in itertools.combinations(shapes, 2))


def test_distortion_is_small_and_keeps_dots():
    line = (np.stack([np.linspace(0, 10, 40), np.linspace(0, 5, 40) ** 1.2], axis=1),)
    for seed in range(20):
        (again,) = distorted(line, np.random.default_rng(seed))
        moved = again - again.mean(axis=0) - (line[0] - line[0].mean(axis=0))
        assert 0.01 < abs(moved).max() < 3.0
    dot = (np.array([[3.0, 4.0]]),)
    assert distorted(dot, np.random.default_rng(0)) is dot


def test_signs_are_borrowed_from_one_other_person():
    lenders = [person("plus", "+"), person("both", "+="), person("too", "+=z")]
    for seed in range(10):
        written = write_formula(tuple("a+a=a"), person("one", "a"), lenders, np.random.default_rng(seed))
        assert written.lender in ("both", "too") and (written.borrowed, written.symbols) == (2, 5)


@pytest.mark.parametrize("formula", ["a+b", "a+7"])
def test_letters_and_digits_are_never_borrowed(formula):
    assert write_formula(tuple(formula), person("one", "a"), [person("all", "ab7+")], np.random.default_rng(0)) is None


def test_symbols_that_nobody_drew_give_none():
    rng = np.random.default_rng(0)
    assert write_formula(("a", "+", "a"), person("one", "a"), [person("equals", "=")], rng) is None
    assert write_formula(("}",), person("one", "a"), [], rng) is None


def test_function_names_are_spelled_by_people_who_never_wrote_them():
    tokens = normalize(r"\sin x")
    spelled = write_formula(tokens, person("one", "sinx"), [person("other", [r"\sin"])], np.random.default_rng(0))
    whole = write_formula(tokens, person("two", ["x", r"\sin"]), [], np.random.default_rng(0))
    assert (spelled.symbols, spelled.borrowed, whole.symbols) == (4, 0, 2)


def test_a_bar_is_a_minus_drawn_wide():
    level, upright = np.array([[0.0, 0.0], [4.0, 0.0]]), np.array([[0.0, 0.0], [1.0, 2.0], [0.0, 4.0]])
    drawn = {"-": [(level,)], "1": [(upright,)], "2": [(upright,)]}
    written = write_formula(normalize(r"\frac{121}{2}"), Person("one", drawn), [], np.random.default_rng(1))
    bar = written.strokes[int(np.flatnonzero(written.stroke_tokens == 0)[0])]
    above = np.concatenate([s for s, t in zip(written.strokes, written.stroke_tokens, strict=True) if t in (2, 3, 4)])
    assert np.ptp(bar[:, 0]) > 0.8 * np.ptp(above[:, 0]) > 10 * np.ptp(bar[:, 1])


def test_habits_depend_only_on_the_name():
    one, same, other = person("one", "x"), person("one", "x"), person("two", "x")
    assert (one.sloppy, one.climb, one.habits.number) == (same.sloppy, same.climb, same.habits.number)
    assert one.habits.number != other.habits.number
