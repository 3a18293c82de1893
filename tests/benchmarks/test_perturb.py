import numpy as np
import pytest

from benchmarks.accuracy.perturb import PERTURBATIONS, perturb
from tegashiki.evaluation.samples import Sample
from tegashiki.ink.ink import Ink

LINE = np.array([[0.0, 0.0], [1.0, 0.5], [2.0, 1.0], [3.0, 3.0]])


@pytest.fixture
def sample() -> Sample:
    r"""A fraction: `a` of two strokes over a bar, `b` beneath."""
    lower = np.array([0.0, 1.0])
    strokes = (LINE, LINE + lower, LINE[[0, 3]] * [3, 0] + [-3, 5], LINE + 6 * lower)
    ink = Ink(tuple(strokes), label=r"\frac{a}{b}", source="f")
    owners = ((2,), (), (0, 1), (), (), (3,), ())
    return Sample("f", ink, r"\frac { a } { b }", strokes_of_token=owners)


def changed(sample, name) -> list[np.ndarray]:
    return list(perturb(sample, name).ink.strokes)


def test_the_first_changes_nothing(sample):
    for before, after in zip(sample.ink.strokes, changed(sample, "as written"), strict=True):
        np.testing.assert_array_equal(before, after)


@pytest.mark.parametrize("name", [name for name in PERTURBATIONS if name != "as written"])
def test_each_changes_the_ink_the_same_way_every_time(sample, name):
    once, again = changed(sample, name), changed(sample, name)
    assert all((a == b).all() for a, b in zip(once, again, strict=True))
    seeds = [perturb(sample, name, seed).ink.strokes for seed in range(8)]
    assert any(
        len(a) != len(b) or (a != b).any()
        for strokes in seeds
        for a, b in zip(sample.ink.strokes, strokes, strict=True)
    )
    assert perturb(sample, name).truth == sample.truth


def test_sampling_keeps_the_ends(sample):
    for name, points in (("half the points", 3), ("a fifth of the points", 2), ("twice the points", 7)):
        stroke = changed(sample, name)[0]
        assert len(stroke) == points
        assert (stroke[[0, -1]] == LINE[[0, -1]]).all()


def test_spacing_moves_symbols_whole_and_stretches_bars(sample):
    strokes = changed(sample, "spacing x 2")
    for place in (0, 1, 3):
        np.testing.assert_allclose(np.ptp(strokes[place], axis=0), np.ptp(sample.ink.strokes[place], axis=0))
    assert np.ptp(strokes[2][:, 0]) == 2 * np.ptp(sample.ink.strokes[2][:, 0])
    assert strokes[0][:, 0].mean() > LINE[:, 0].mean()


def test_a_dot_and_an_ink_of_unknown_meaning_are_taken():
    dots = Sample("d", Ink((np.zeros((1, 2)),), label=".", source="d"), ".")
    for name in PERTURBATIONS:
        assert np.isfinite(changed(dots, name)[0]).all()
