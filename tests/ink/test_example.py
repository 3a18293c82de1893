import numpy as np
import pytest

from tegashiki.ink.example import Example, from_features, storable, to_features
from tegashiki.ink.ink import Ink
from tests.datasets.sources import ink, strokes


def test_features_restore_the_example():
    one = Example(ink("$x+1$", "x + 1", stray=1), ("x", "+", "1"), np.array([0, 1, 2, -1], np.int32))
    back = from_features(to_features(one), structure=True)
    assert back.tokens == one.tokens
    assert back.stroke_tokens.tolist() == [0, 1, 2, -1]
    assert back.stroke_tokens.dtype == np.int32
    assert (back.ink.label, back.ink.writer, back.ink.symbols, back.ink.truth) == (
        one.ink.label,
        one.ink.writer,
        one.ink.symbols,
        one.ink.truth,
    )
    for stored, original in zip(back.ink.strokes, one.ink.strokes, strict=True):
        np.testing.assert_array_equal(stored, original.astype(np.float32))


def test_symbol_groups_and_tree_are_restored_only_on_request():
    one = Example(ink("x", "x"), ("x",), np.zeros(1, np.int32))
    back = from_features(to_features(one))
    assert back.ink.symbols == ()
    assert back.ink.truth is None


def test_reads_text_as_bytes_from_tfds():
    features = to_features(Example(Ink(strokes(2), label="é", source="a/b.inkml"), ("x",), np.array([-1, 0], np.int32)))
    features = {name: value.encode() if isinstance(value, str) else value for name, value in features.items()}
    back = from_features(features, structure=True)
    assert (back.ink.label, back.ink.source, back.ink.truth) == ("é", "a/b.inkml", None)


@pytest.mark.parametrize("stroke_tokens", [[0], [0, 1, 0], [0, 3], [-2, 0]])
def test_stroke_tokens_must_match_strokes_and_tokens(stroke_tokens):
    with pytest.raises(ValueError, match="stroke_tokens"):
        Example(Ink(strokes(2)), ("x", "+", "y"), np.array(stroke_tokens, np.int32))


@pytest.mark.parametrize(
    ("text", "stored"), [("é", "é"), ("a\udce9", "a\\xe9"), ("a\ud800", "a\\ud800"), ("é\udcff", "é\\xff")]
)
def test_escapes_text_that_is_not_valid_utf_8(text, stored):
    assert storable(text) == stored
