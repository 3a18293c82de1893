"""A browser's requests get the readings that a session in Python has for the same strokes and decisions."""

import json

import pytest

from tegashiki.errors import UserError
from tegashiki.notebook.requests import BrowserReader, to_json
from tegashiki.recognizer.recognizer import Recognizer
from tegashiki.synthesis.embedded import draw


@pytest.fixture(scope="module")
def recognizer():
    return Recognizer.load()


@pytest.fixture
def strokes():
    return [stroke.tolist() for stroke in draw("test", 1).ink.strokes]


@pytest.fixture
def session(recognizer, strokes):
    session = recognizer.session()
    session.add_strokes(strokes)
    return session


def asked(strokes, n=3, **rules):
    return {"strokes": [{"key": str(i), "points": points} for i, points in enumerate(strokes)], "n": n, **rules}


def plain(reading):
    return json.loads(json.dumps(reading))


def as_answer(candidates):
    return plain({"candidates": to_json(candidates), "released": candidates.pin_released})


def answered(recognizer, request):
    return plain(BrowserReader(recognizer).read(plain(request)))


def pin(candidate, count):
    token_of = {stroke: token for token, own in enumerate(candidate.strokes_of_token) for stroke in own}
    return {"tokens": candidate.tokens, "strokeTokens": [token_of.get(i, -1) for i in range(count)]}


def test_ink_is_read_as_by_a_session(recognizer, strokes, session):
    assert answered(recognizer, asked(strokes)) == as_answer(session.candidates(3))
    greedy = next(session.stream(3))
    assert answered(recognizer, asked(strokes, n=1, beams=1)) == as_answer(greedy)


def test_an_accepted_reading_is_kept(recognizer, strokes):
    session = recognizer.session()
    session.add_strokes(strokes[:-1])
    other = session.candidates(3)[2]
    session.accept(other)
    session.add_stroke(strokes[-1])
    request = asked(strokes, pin=pin(other, len(strokes)))
    found = answered(recognizer, request)
    assert found == as_answer(session.candidates(3))
    assert found != answered(recognizer, asked(strokes))


def test_a_pin_that_no_reading_can_keep_is_released(recognizer, strokes):
    first = BrowserReader(recognizer).read(asked(strokes))["candidates"][0]
    impossible = {"tokens": ["="] * 40, "strokeTokens": [0] + [-1] * (len(strokes) - 1)}
    found = answered(recognizer, asked(strokes, pin=impossible))
    assert found["released"]
    assert found["candidates"][0]["latex"] == first["latex"]


def test_rejected_readings_do_not_return(recognizer, strokes, session):
    first = session.candidates(1)[0]
    session.reject(first)
    found = answered(recognizer, asked(strokes, refused=[first.tokens]))
    assert found == as_answer(session.candidates(3))
    assert first.latex not in [candidate["latex"] for candidate in found["candidates"]]


def test_alternatives_to_a_token(recognizer, strokes, session):
    first = session.candidates(1)[0]
    replacing = {"reading": to_json([first])[0], "token": 0}
    found = answered(recognizer, asked(strokes, n=1, replacing=replacing))
    assert found == as_answer(session.alternatives(0, first))


def test_a_restriction_may_name_tokens_that_the_model_lacks(recognizer, strokes, session):
    reader = BrowserReader(recognizer)
    whole = plain(reader.read(asked(strokes)))
    session.restrict(["1", "2", "-"])
    assert plain(reader.read(asked(strokes, restrict=["1", "2", "-", "\\nothing"]))) == as_answer(session.candidates(3))
    assert plain(reader.read(asked(strokes))) == whole
    with pytest.raises(UserError, match="none of the tokens"):
        reader.read(asked(strokes, restrict=["\\nothing"]))


def test_the_recognisers_own_restriction_holds_without_another(strokes):
    digits = Recognizer.load(restrict=["1", "2", "-"])
    found = BrowserReader(digits).read(asked(strokes))["candidates"]
    assert {token for candidate in found for token in candidate["tokens"]} <= {"1", "2", "-"}


def test_stems_are_computed_once(recognizer, strokes, monkeypatch):
    calls, stem = [], recognizer.backend.stem
    monkeypatch.setattr(recognizer.backend, "stem", lambda points: calls.append(1) or stem(points))
    reader = BrowserReader(recognizer)
    reader.read(asked(strokes[:-1]))
    reader.read(asked(strokes))
    assert len(calls) == len(strokes)


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (asked([]), "no strokes"),
        (asked([[[0, 0]]] * 1000), "at most"),
        (asked([[]]), "stroke"),
        (asked([[[0, 0]]], n=9), "9 candidates"),
    ],
)
def test_bad_requests_are_refused(recognizer, request_, reason):
    with pytest.raises(UserError, match=reason):
        BrowserReader(recognizer).read(request_)
