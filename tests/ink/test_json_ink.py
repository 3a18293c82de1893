import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tegashiki.ink.ink import Ink, InkError
from tegashiki.ink.json_ink import read_json, write_json

from .inks import assert_same, inks


def test_plain_form():
    ink = read_json(b'{"strokes": [[[1, 2.5], [3, 4, 99]], [[5, 6]]], "label": "x^2", "device": "pen"}', "a.json")
    assert [stroke.tolist() for stroke in ink.strokes] == [[[1, 2.5], [3, 4]], [[5, 6]]]
    assert (ink.label, ink.source) == ("x^2", "a.json")
    assert write_json(ink) == '{"strokes": [[[1, 2.5], [3, 4]], [[5, 6]]], "label": "x^2"}'


@pytest.mark.parametrize(
    "strokes",
    [
        [[[1, 2, 3, 4, 5, 6, 7]]],
        [[[0, 5, 1], [9, 5, 1]], [[5, 0, 1], [5, 9, 1]]],  # could be rows, but is read as points
        [[[0, 5, 1], [9, 5, 1]], [[5, 0], [5, 9, 1]]],
        [[[0, 5, 1], [9, 5, 1]], [[5, 0], [5, 5], [5, 9]]],
    ],
)
def test_points_may_have_more_than_x_and_y(strokes):
    ink = read_json(json.dumps({"strokes": strokes}).encode())
    assert [stroke.tolist() for stroke in ink.strokes] == [[point[:2] for point in stroke] for stroke in strokes]


@settings(max_examples=100, deadline=None)
@given(inks())
def test_round_trip(ink):
    assert_same(read_json(write_json(ink).encode()), ink)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "line 1, column 1: not JSON"),
        ('{"strokes": [[[1, 2]]]', "line 1, column 23: not JSON"),
        ("[]", "the file: .* not a JSON object"),
        ("{}", "strokes: None is not a JSON array"),
        ('{"strokes": []}', "strokes: no strokes"),
        ('{"strokes": [[]]}', "stroke 0: has the shape"),
        ('{"strokes": [[[1, 2]], 3]}', "stroke 1: 3 is not a JSON array"),
        ('{"strokes": [[[1, 2], [3]]]}', r"stroke 0, point 1: \[3\] is not \[x, y\]"),
        ('{"strokes": [[[0, 1, 2, 3, 4, 5, 6, 7], [9]]]}', "stroke 0, point 0: 8 numbers, the limit is 7.* not all x"),
        (
            '{"strokes": [[[0, 1, 2], [5, 5, 5], [0, 8, 16]], [[1, 1], [0, 9], [90, 98]]]}',
            "strokes: each holds all of its x, then all of its y",
        ),
        ('{"strokes": [[[1, true]]]}', "stroke 0, point 0"),
        ('{"strokes": [[[1, "2"]]]}', "stroke 0, point 0"),
        ('{"strokes": [[[1, NaN]]]}', "holds NaN"),
        ('{"strokes": [[[1, -Infinity]]]}', "holds -Infinity"),
        ('{"strokes": [[[1, 1e999]]]}', "stroke 0, point 0: .* not finite"),
        ('{"strokes": [[[1, 1' + "0" * 400 + "]]]}", "stroke 0: not a list"),
        ('{"strokes": [[[1, 1' + "0" * 5000 + "]]]}", "not JSON .*digit"),
        ("[" * 100_000, "nested too deeply"),
        ('{"strokes": [[[1, 2]]], "label": 5}', "label: 5 is not a JSON string"),
        ('{"strokes": [[[1, 2]]], "symbols": [{"label": "x", "strokes": [1]}]}', "names stroke 1, but the ink has 1"),
        ('{"strokes": [[[1, 2]]], "symbols": [{"label": "x", "strokes": [0.5]}]}', "symbol 0: strokes hold 0.5"),
        ('{"strokes": [[[1, 2]]], "truth": {"tag": "mi", "strokes": [-1]}}', "names stroke -1, but the ink has 1"),
        ('"\\ud800"', r"the file: \\ud800 is not a JSON object"),
        ('{"strokes": [[[1, 2]]], "label": "\\ud800"}', "label: .* holds a lone surrogate"),
        ('{"strokes": [[[1, 2]]], "annotations": {"\\udfff": ""}}', "annotations: a name holds a lone surrogate"),
        ('{"strokes": [[[1, 2]]], "truth": ' + '{"children": [' * 205 + "{}" + "]}" * 205 + "}", "truth: nodes nested"),
    ],
)
def test_errors_name_file_place_and_reason(text, reason):
    with pytest.raises(InkError, match=f"^a.json: .*{reason}"):
        read_json(text.encode(), "a.json")


def test_refuses_bytes_that_are_not_text():
    with pytest.raises(InkError, match=r"^a\.json: not JSON"):
        read_json(b'{"label": "\xff"}', "a.json")


def test_missing_file(tmp_path):
    with pytest.raises(InkError, match="cannot be read"):
        read_json(tmp_path / "none.json")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["strokes", "label", "symbols", "truth", "children", "tag"]), inner, max_size=4
        )
    ),
    max_leaves=15,
)


@settings(max_examples=200, deadline=None)
@given(json_values, json_values, json_values)
def test_fuzz(strokes, symbols, truth):
    for value in (strokes, {"strokes": strokes}, {"strokes": [[[1, 2]]], "symbols": symbols, "truth": truth}):
        try:
            ink = read_json(json.dumps(value).encode(), "fuzz")
        except InkError as error:
            assert str(error).startswith("fuzz: ")
        else:
            assert isinstance(ink, Ink) and ink.strokes
