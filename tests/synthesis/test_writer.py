import numpy as np
import pytest

from tegashiki.latex.normalize import normalize
from tegashiki.synthesis.typeset import typeset
from tegashiki.synthesis.writer import write, writer


def strokes_of(latex: str, number: int, seed: int = 0):
    person = writer(0, number)
    return write(typeset(normalize(latex), person.layout, person.glyph), person, np.random.default_rng(seed))


def shape(stroke: np.ndarray) -> np.ndarray:
    """Resample a stroke to 16 points and normalise its position and size."""
    at = np.linspace(0, len(stroke) - 1, 16)
    points = np.stack([np.interp(at, np.arange(len(stroke)), stroke[:, c]) for c in range(2)], axis=1)
    points -= points.mean(axis=0)
    return points / np.abs(points).max()


def test_the_same_writer_and_seed_draw_the_same_ink():
    first, second, other = strokes_of("x+1", 3), strokes_of("x+1", 3), strokes_of("x+1", 3, seed=1)
    assert all(np.array_equal(a, b) for a, b in zip(first[0], second[0], strict=True))
    assert not all(a.shape == b.shape and np.array_equal(a, b) for a, b in zip(first[0], other[0], strict=True))


def test_write_returns_the_token_of_each_stroke():
    strokes, tokens = strokes_of("-=", 0)
    assert tokens.tolist() == [0, 1, 1] and tokens.dtype == np.int32
    assert len(strokes) == 3 and all(s.shape[1] == 2 and len(s) >= 2 and s.dtype == np.float64 for s in strokes)


def test_a_writer_resembles_itself_more_than_others():
    """Two drawings of a letter by one writer differ less than drawings by two writers, on average."""
    own, foreign = [], []
    before = None
    for number in range(40):
        first, second = (shape(strokes_of("c", number, seed)[0][0]) for seed in (0, 1))
        own.append(np.abs(first - second).mean())
        if before is not None:
            foreign.append(np.abs(first - before).mean())
        before = first
    assert np.mean(own) < 0.7 * np.mean(foreign)


def test_distortion_keeps_glyphs_apart_and_in_order():
    for number in range(30):
        strokes, tokens = strokes_of("1+2=3", number)
        centres = [np.mean([s[:, 0].mean() for s, t in zip(strokes, tokens, strict=True) if t == k]) for k in range(5)]
        assert centres == sorted(centres)


def test_writers_use_different_scales_and_rates():
    extents = [np.ptp(np.concatenate(strokes_of("x", n)[0]), axis=0).max() for n in range(50)]
    assert max(extents) > 10 * min(extents)
    assert len({len(strokes_of("1", n)[0][0]) for n in range(50)}) > 5


def test_a_token_without_glyph_is_a_key_error():
    with pytest.raises(KeyError):
        writer(0, 0).glyph(r"\nosuch")
