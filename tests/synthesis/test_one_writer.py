"""Typeset formulas whose symbols are all by one writer."""

from dataclasses import replace

import numpy as np
import pytest

from tegashiki.synthesis.fill import fill
from tegashiki.synthesis.recombine import Donors, RecombineConfig

from .framed_inks import bars

CLASSES = {"anne": "a b + =", "bert": "a b c + =", "carl": "a"}
FORMULAS = [tuple("a+b=c"), tuple("b+a=a"), tuple("a+a=b")]


def ink_by(writer):
    """Return an ink in which y of the first point of each stroke identifies the writer."""
    ink = replace(bars(CLASSES[writer], range(len(CLASSES[writer].split()))), writer=writer)
    ink.points_SP2[:, 0, 1] = {"anne": 0.5, "bert": 0.45, "carl": 0.4}[writer]
    return ink


def writers(ink):
    """Return the writer of each token."""
    names = {0.5: "anne", 0.45: "bert", 0.4: "carl"}
    drawn = zip(ink.stroke_tokens.tolist(), ink.points_SP2[:, 0, 1].tolist(), strict=True)
    return {token: names.get(round(height, 3), "nobody") for token, height in drawn}


def filled(tokens, count=40, **settings):
    donors = Donors([ink_by(writer) for writer in CLASSES], **settings)
    return [fill(tokens, donors, np.random.default_rng(seed)) for seed in range(count)]


@pytest.mark.parametrize("tokens", FORMULAS)
@pytest.mark.parametrize("symbols", [0, 1])
def test_all_symbols_are_by_one_writer_who_drew_them(tokens, symbols):
    """This also holds when most symbols come from the datasets of symbols and when symbols are blended."""
    isolated = [nameless()] * symbols
    seen = set()
    for ink in filled(tokens, one_writer=1.0, blend=1.0, symbols=isolated, external_symbols=1.0):
        drawn = writers(ink)
        assert any(explains(first, second, tokens, drawn) for first in CLASSES for second in CLASSES), drawn
        seen.add(frozenset(drawn.values()))
    assert frozenset({"bert"}) in seen and len(seen) > 1


def explains(first, second, tokens, drawn):
    """Return whether the first writer drew all classes that they have, and the second one those that only they have."""
    own, lent = CLASSES[first].split(), CLASSES[second].split()
    wanted = [first if tokens[token] in own else second if tokens[token] in lent else "" for token in drawn]
    return all(name in ("", by) for name, by in zip(wanted, drawn.values(), strict=True))


def nameless():
    """Return a drawing of an `a` by an unknown writer."""
    ink = ink_by("carl").cut(0, 1)
    ink.points_SP2[:, 0, 1] = 0.3
    return ink


def test_without_one_writer_symbols_may_be_by_anybody():
    drawn = [writers(ink) for ink in filled(tuple("a+b=a"), symbols=[nameless()], external_symbols=1.0)]
    assert all(each[0] == "nobody" for each in drawn)


def test_two_writers_are_blended_with_one_weight_per_formula():
    blended = 0
    for ink in filled(tuple("a+b=a"), one_writer=1.0, two_writers=1.0):
        heights = ink.points_SP2[:, 0, 1].astype(np.float64).round(3)
        between = ~np.isin(heights, [0.5, 0.45, 0.4])
        if between.all():
            blended += 1
            assert np.ptp(heights) < 0.002, "the same weight for all symbols"
    assert blended > 5


def test_one_writer_is_off_by_default():
    config = RecombineConfig()
    assert (config.one_writer, config.two_writers) == (0.0, 0.0)
    plain, off = filled(tuple("a+b=c")), filled(tuple("a+b=c"), two_writers=1.0)
    for one, other in zip(plain, off, strict=True):
        np.testing.assert_array_equal(one.boxes_S3, other.boxes_S3)
        np.testing.assert_array_equal(one.points_SP2, other.points_SP2)
