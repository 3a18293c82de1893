import contextlib
import itertools
import os
import threading
from pathlib import Path

import numpy as np
import pytest

from tegashiki.cli import main
from tegashiki.datasets.prepared import load_examples
from tegashiki.decoding.calibration import Calibration
from tegashiki.decoding.forced import force
from tegashiki.decoding.search import SearchError
from tegashiki.ink.files import iterate_inks, read_ink
from tegashiki.ink.ink import MAX_POINTS, MAX_STROKE_POINTS, Ink, InkError
from tegashiki.latex.normalize import normalize
from tegashiki.latex.visible import different_symbols
from tegashiki.recognizer.candidate import RecognizerError
from tegashiki.recognizer.recognizer import Recognizer
from tegashiki.synthesis.embedded import draw
from tests.recognizer.fake_recognizer import VOCABULARY, fake_recognizer

INKS = Path(__file__).parents[1] / "fixtures" / "crohme"


@pytest.fixture(scope="module")
def shipped():
    return Recognizer.load()


def strokes(count, seed=0):
    random = np.random.default_rng(seed)
    return [random.normal(size=(5, 2)) for _ in range(count)]


def written(recognizer, count, seed=0):
    session = recognizer.session()
    for stroke in strokes(count, seed):
        session.add_stroke(stroke)
    return session


def holds(tokens, wanted):
    rest = iter(tokens)
    return all(token in rest for token in wanted)


def counted(recognizer, name):
    """Count the calls of a method of a recogniser's backend."""
    calls, method = [], getattr(recognizer.backend, name)
    setattr(recognizer.backend, name, lambda *args: calls.append(1) or method(*args))
    return calls


# --- the same readings as for a new ink


def check_prefixes(recognizer, inks, n):
    for ink in inks:
        session = recognizer.session()
        for count, stroke in enumerate(ink.strokes, start=1):
            session.add_stroke(stroke)
            assert list(session.candidates(n)) == recognizer.recognize(Ink(ink.strokes[:count]), n)


@pytest.mark.parametrize("n", [1, 5])
def test_every_prefix_of_an_ink_reads_like_a_new_ink(shipped, n):
    check_prefixes(shipped, [draw("test", index).ink for index in range(6)], n)


@pytest.mark.skipif("TEGASHIKI_DATA" not in os.environ, reason="TEGASHIKI_DATA names no folder of real ink")
@pytest.mark.parametrize("n", [1, 5])
def test_every_prefix_of_real_inks_reads_like_a_new_ink(shipped, n):
    archive = Path(os.environ["TEGASHIKI_DATA"]) / "crohme-inkml" / "test-2013.tar.xz"
    inks = (ink for _, ink in iterate_inks(archive) if isinstance(ink, Ink) and len(ink.strokes) < 20)
    check_prefixes(shipped, itertools.islice(inks, 8), n)


def test_each_stem_is_computed_once():
    recognizer = fake_recognizer()
    stems, encodes = counted(recognizer, "stem"), counted(recognizer, "encode")
    session = recognizer.session()
    for index, stroke in enumerate(strokes(6)):
        session.add_stroke(stroke)
        session.candidates()
        session.candidates(5)
        assert (len(stems), len(encodes)) == (index + 1, index + 1)
    session.undo()
    session.candidates()
    session.redo()
    session.erase(2)
    session.candidates()
    assert len(stems) == 6
    session.extend_stroke([[1.0, 2.0]])
    session.candidates()
    assert len(stems) == 7


def test_the_model_runs_only_when_candidates_are_requested():
    recognizer = fake_recognizer()
    stems = counted(recognizer, "stem")
    session = recognizer.session()
    session.add_stroke([[0, 0]])
    for x in range(1, 50):
        session.extend_stroke([[x, x]])
    assert not stems
    session.candidates()
    assert len(stems) == 1


# --- edits


def test_a_stroke_added_in_parts_equals_the_whole_stroke():
    recognizer, (first, second) = fake_recognizer(), strokes(2)
    session = recognizer.session()
    session.add_stroke(first)
    session.add_stroke(second[:2])
    session.candidates()
    session.extend_stroke(second[2:4])
    session.extend_stroke(second[4:])
    np.testing.assert_array_equal(session.strokes[1], second)
    assert list(session.candidates(5)) == recognizer.recognize(Ink((first, second)), 5)
    session.undo()  # undo removes the whole stroke
    assert len(session.strokes) == 1
    session.redo()
    np.testing.assert_array_equal(session.strokes[1], second)


def test_undo_after_extending_an_older_stroke_removes_the_new_points():
    session = written(fake_recognizer(), 2)
    session.accept(session.candidates()[0])
    session.extend_stroke([[9, 9]])
    assert [len(stroke) for stroke in session.strokes] == [5, 6]
    session.undo()
    assert [len(stroke) for stroke in session.strokes] == [5, 5]
    assert session.accepted is not None


def test_two_extensions_of_a_stroke_are_distinct():
    recognizer, (first, second) = fake_recognizer(), strokes(2)
    session = recognizer.session()
    session.add_stroke(first)
    session.add_stroke(second)
    session.erase(1)
    found = []
    for point in ([40.0, 3.0], [-7.0, 90.0]):  # the same number of points, but different ones
        session.extend_stroke([point])
        found.append(session.candidates(5))
        assert list(found[-1]) == recognizer.recognize(Ink((np.vstack([first, point]),)), 5)
        session.reject(found[-1][0])
        session.undo()
        session.undo()
    assert found[0][0].probability != found[1][0].probability


def test_undo_and_redo_walk_through_every_edit():
    session = written(fake_recognizer(), 3)
    states = [tuple(map(id, session.strokes))]
    for edit in (lambda: session.erase(1), session.clear, lambda: session.add_stroke([[0, 0], [1, 1]])):
        edit()
        states.append(tuple(map(id, session.strokes)))
    for state in reversed(states[:-1]):
        assert session.undo()
        assert tuple(map(id, session.strokes)) == state
    for state in states[1:]:
        assert session.redo()
        assert tuple(map(id, session.strokes)) == state
    assert not session.redo()
    while session.undo():
        pass
    assert session.strokes == ()
    assert not session.undo()


def test_an_edit_clears_redo():
    session = written(fake_recognizer(), 3)
    session.undo()
    session.add_stroke([[0, 0]])
    assert not session.redo()
    session.undo()
    session.extend_stroke([[0, 0]])
    assert not session.redo()


def test_an_empty_session_has_no_candidates_and_nothing_to_commit():
    session = fake_recognizer().session()
    assert list(session.candidates(5)) == []
    assert [list(candidates) for candidates in session.stream(5)] == [[]]
    with pytest.raises(RecognizerError, match="nothing is written"):
        session.commit()


def test_clearing_an_empty_session_is_not_an_edit():
    session = fake_recognizer().session()
    session.clear()
    assert not session.undo()


@pytest.mark.parametrize("index", [-1, 2, 1.0, None])
def test_erasing_a_missing_stroke_is_refused_and_changes_nothing(index):
    session = written(fake_recognizer(), 2)
    for indices in ((index,), (0, index)):
        with pytest.raises(RecognizerError, match=rf"no stroke {index}: there are 2, counted from 0"):
            session.erase(*indices)
    assert len(session.strokes) == 2


def test_adding_several_strokes_is_one_edit_and_adding_none_is_not():
    recognizer, given = fake_recognizer(), strokes(5)
    session = recognizer.session()
    session.add_strokes([])
    session.replace_strokes([])
    session.erase()
    assert not session.can_undo
    session.add_strokes(given[:3])
    session.erase(0, 2, 0)
    assert len(session.strokes) == 1
    session.replace_strokes(stroke for stroke in given[3:])
    assert list(session.candidates(5)) == recognizer.recognize(Ink(tuple(given[3:])), 5)
    counts = []
    while session.undo():
        counts.append(len(session.strokes))
    assert counts == [1, 3, 0]
    for edit in (session.add_strokes, session.replace_strokes):
        with pytest.raises(InkError, match=r"^stroke 1: "):
            edit([given[0], []])
        with pytest.raises(RecognizerError, match="at most 8 strokes at once"):
            edit(strokes(9))
    assert session.strokes == ()
    assert session.can_redo


def test_accepted_for_all_requires_all_strokes_and_the_restriction():
    session = written(fake_recognizer(), 3)
    accepted = session.candidates(5)[0]
    assert session.accepted_for_all is None
    session.accept(accepted)
    assert session.accepted_for_all == accepted
    session.restrict(["x" if "y" in accepted.tokens else "y"])
    assert (session.accepted_for_all, session.accepted) == (None, accepted)
    session.restrict(None)
    session.add_stroke([[0, 0]])
    assert (session.accepted_for_all, session.accepted) == (None, accepted)


def test_extending_without_a_stroke_is_refused():
    with pytest.raises(RecognizerError, match="no stroke to extend"):
        fake_recognizer().session().extend_stroke([[0, 0]])


def test_too_many_strokes_are_refused_and_change_nothing():
    session = written(fake_recognizer(), 8)
    before = session.candidates(5)
    with pytest.raises(RecognizerError, match="at most 8 strokes at once: commit"):
        session.add_stroke([[0, 0]])
    assert len(session.strokes) == 8
    assert session.candidates(5) == before
    session.commit()
    session.add_stroke([[0, 0]])


def test_too_many_points_are_refused_and_change_nothing(monkeypatch):
    session = written(fake_recognizer(), 1)
    with pytest.raises(InkError, match=f"{MAX_STROKE_POINTS + 5} points, the limit is {MAX_STROKE_POINTS}"):
        session.extend_stroke(np.zeros((MAX_STROKE_POINTS, 2)))
    monkeypatch.setattr("tegashiki.recognizer.session.MAX_POINTS", 12)
    assert MAX_POINTS > 12
    session.add_stroke(np.zeros((5, 2)))
    with pytest.raises(InkError, match="13 points, the limit is 12"):
        session.add_stroke(np.zeros((3, 2)))
    assert [len(stroke) for stroke in session.strokes] == [5, 5]


@pytest.mark.parametrize("points", [[], [[1, 2, 3]], [[0, np.nan]], "text", [[0, 1e99]]])
def test_an_invalid_stroke_is_refused(points):
    session = written(fake_recognizer(), 1)
    for edit in (session.add_stroke, session.extend_stroke):
        with pytest.raises(InkError):
            edit(points)
    assert len(session.strokes) == 1
    with pytest.raises(InkError, match=r"^stroke 1: "):
        session.add_stroke([])
    with pytest.raises(InkError, match=r"^stroke 0, point 1: "):
        session.extend_stroke([[0, 0], [0, np.nan]])


def test_a_reading_at_the_length_limit_is_not_complete():
    recognizer = fake_recognizer(max_tokens=12)
    recognizer.backend.bias[2] = -30  # the model tends never to end
    assert not any(candidate.complete for candidate in written(recognizer, 3).candidates(5))
    assert all(candidate.complete for candidate in written(fake_recognizer(max_tokens=40), 3).candidates(1))


# --- decisions


def test_later_readings_hold_the_accepted_one_or_report_its_release():
    held = 0
    for seed in range(30):
        recognizer = fake_recognizer(seed=seed, max_tokens=30)
        session = written(recognizer, 3, seed)
        accepted = session.candidates(5)[-1]
        session.accept(accepted)
        assert session.candidates(5)[0] == session.candidates(1)[0] == accepted
        for stroke in strokes(3, seed + 100):
            session.add_stroke(stroke)
            candidates = session.candidates(5)
            assert session.accepted == accepted
            if not candidates.pin_released:
                held += 1
                assert all(holds(candidate.tokens, accepted.tokens) for candidate in candidates)
    assert held >= 15


@pytest.mark.parametrize("read_between", [False, True])
def test_a_restriction_releases_an_accepted_reading_until_it_is_lifted(read_between):
    recognizer = fake_recognizer()
    session = written(recognizer, 3)
    accepted = session.candidates(5)[0]
    session.accept(accepted)
    other = "x" if "y" in accepted.tokens else "y"
    session.restrict([other])
    if read_between:
        plain = fake_recognizer(restrict=[other]).recognize(Ink(session.strokes), 5)
        for n in (1, 5, 1):
            assert session.candidates(n).pin_released
            assert list(session.candidates(n)) == plain[:n]
        session.erase(2)
        session.undo()
        steps = counted(recognizer, "decode_step")
        assert session.candidates(5).pin_released
        assert len(steps) <= 12  # no search with a pin that the restriction excludes
    assert session.accepted == accepted  # the decision is kept
    session.restrict(None)
    assert session.candidates(5)[0] == accepted
    assert not session.candidates(5).pin_released
    session.restrict([other])
    assert session.commit().tokens == fake_recognizer(restrict=[other]).recognize(Ink(tuple(strokes(3))))[0].tokens


def test_a_released_pin_is_tried_again_after_the_next_stroke():
    """The result does not depend on whether candidates were read in between."""
    for seed in range(30):
        session, other = (written(fake_recognizer(seed=seed, max_tokens=30), 3, seed) for _ in range(2))
        for one in (session, other):
            one.accept(one.candidates(5)[-1])
        for stroke in strokes(3, seed + 100):
            session.add_stroke(stroke)
            session.candidates(5)
            other.add_stroke(stroke)
        assert session.candidates(5) == other.candidates(5)
        assert session.commit() == other.commit()


def test_erasing_an_accepted_stroke_releases_the_pin_and_undo_restores_it():
    session = written(fake_recognizer(), 3)
    session.accept(session.candidates()[0])
    session.add_stroke([[0, 0], [5, 5]])
    session.erase(3)
    assert session.accepted is not None
    session.erase(0)
    assert session.accepted is None
    assert session.candidates().pin_released
    session.undo()
    assert session.accepted is not None


def test_a_fraction_bar_drawn_later_wraps_the_accepted_reading(shipped):
    """Real ink: the numerator of a fraction is accepted before its bar and denominator are written."""
    for index in range(400):
        example = draw("test", index)
        if example.tokens[0] != r"\frac" or shipped.recognize(example.ink)[0].tokens != example.tokens:
            continue
        close = example.tokens.index("}")
        numerator = [
            s for s, token in zip(example.ink.strokes, example.stroke_tokens, strict=True) if 0 < token < close
        ]
        others = [
            s for s, token in zip(example.ink.strokes, example.stroke_tokens, strict=True) if not 0 < token < close
        ]
        session = shipped.session()
        for stroke in numerator:
            session.add_stroke(stroke)
        accepted = session.candidates()[0]
        if accepted.tokens != example.tokens[2:close]:
            continue
        session.accept(accepted)
        for stroke in others:
            session.add_stroke(stroke)
        wrapped = session.candidates()
        assert not wrapped.pin_released
        assert wrapped[0].tokens[: close + 1] == ("\\frac", "{", *accepted.tokens, "}")
        return
    pytest.fail("no embedded ink is a fraction that the model reads")


def test_a_reading_is_rejected_only_for_its_own_strokes():
    session = written(fake_recognizer(), 4)
    candidates = session.candidates(5)
    rejected = candidates[0]
    session.reject(rejected)
    assert session.candidates(5)[0].tokens == candidates[1].tokens
    assert rejected.tokens not in {candidate.tokens for candidate in session.candidates(5)}
    session.erase(3)
    session.undo()
    assert rejected.tokens not in {candidate.tokens for candidate in session.candidates(5)}
    session.undo()
    assert session.candidates(5) == candidates


def test_rejecting_all_candidates_brings_new_ones():
    session, seen = written(fake_recognizer(max_tokens=20), 4), set()
    for _ in range(12):
        candidate = session.candidates()[0]
        assert candidate.tokens not in seen
        seen.add(candidate.tokens)
        session.reject(candidate)


def test_rejecting_the_accepted_reading_removes_the_pin():
    session = written(fake_recognizer(), 3)
    session.accept(session.candidates()[0])
    session.reject(session.candidates()[0])
    assert session.accepted is None


def test_only_candidates_of_the_session_and_its_strokes_can_be_accepted():
    session = written(fake_recognizer(), 3)
    candidate = session.candidates()[0]
    for decide in (fake_recognizer().session().accept, fake_recognizer().session().reject):
        for given in (candidate, None, [candidate], session.candidates(5)):
            with pytest.raises(RecognizerError, match="no candidate of this session"):
                decide(given)
    session.erase(1)
    with pytest.raises(RecognizerError, match="strokes that are gone"):
        session.accept(candidate)
    session.undo()
    session.accept(candidate)


def test_a_restriction_limits_the_tokens_and_can_be_lifted():
    recognizer = fake_recognizer(restrict=["x", "y", "{", "}", "^"])
    session = written(recognizer, 4)
    everything = fake_recognizer().recognize(Ink(tuple(strokes(4))), 5)
    assert list(session.candidates(5)) == recognizer.recognize(Ink(tuple(strokes(4))), 5)
    session.restrict(["1", "2", "+"])
    assert all(set(candidate.tokens) <= {"1", "2", "+"} for candidate in session.candidates(5))
    session.restrict(None)
    assert list(session.candidates(5)) == everything
    session.restrict("crohme")
    assert list(session.candidates(5)) == everything  # the fake vocabulary is part of the preset


@pytest.mark.parametrize(
    ("wanted", "reason"), [([], "none of the tokens"), (["x", "?", "!"], r"2 tokens .*\('!', '\?'\): leave them out")]
)
def test_a_restriction_without_known_tokens_is_refused(wanted, reason):
    session = written(fake_recognizer(), 2)
    for restrict in (session.restrict, lambda tokens: fake_recognizer(restrict=tokens)):
        with pytest.raises(RecognizerError, match=reason):
            restrict(wanted)
    with pytest.raises(RecognizerError, match=r"'klingon'.*crohme"):
        session.restrict("klingon")
    session.restrict(["{"])
    with pytest.raises(SearchError, match="lift the restriction"):
        session.candidates()


@pytest.mark.parametrize("tokens", [[*"0123456789xyabc+-=^_"], [*"0123456789xyabc+-=", r"\frac", r"\sqrt"], ["d", "["]])
@pytest.mark.parametrize("name", ["512_em_286", "518_em_417"])
def test_a_restriction_needs_no_braces(shipped, name, tokens):
    session = shipped.session()
    for stroke in read_ink(INKS / f"{name}.inkml").strokes:
        session.add_stroke(stroke)
    session.restrict(tokens)
    for candidate in itertools.chain(*session.stream(5)):
        assert set(candidate.tokens) <= {*tokens, "{", "}"}
        assert normalize(candidate.latex) == candidate.tokens


@pytest.mark.parametrize("n", [0, 6, 2.5, "1"])
def test_an_out_of_range_number_of_candidates_is_refused(n):
    session = written(fake_recognizer(), 2)
    for read in (session.candidates, lambda n: list(session.stream(n))):
        with pytest.raises(RecognizerError, match="1 to 5"):
            read(n)


def test_commit_returns_the_accepted_reading_and_empties_the_session():
    session = written(fake_recognizer(), 3)
    accepted = session.candidates(5)[2]
    session.accept(accepted)
    assert session.commit() == accepted
    assert session.strokes == ()
    assert not session.undo()
    assert session.accepted is None
    session.add_stroke([[0, 0], [1, 2]])
    first = session.candidates()[0]
    assert session.commit() == first
    with pytest.raises(RecognizerError, match="no candidate of this session"):
        session.accept(first)


# --- alternatives


@pytest.mark.parametrize("seed", range(5))
def test_alternatives_differ_in_one_token_parse_and_can_be_accepted(seed):
    recognizer = fake_recognizer(seed=seed, restrict=["x", "y", "1", "2", "{", "}", "_", "^"])
    session = written(recognizer, 4, seed)
    candidate = session.candidates(5)[1]
    for index in range(len(candidate.tokens)):
        others = session.alternatives(index, candidate)
        assert [c.probability for c in others] == sorted((c.probability for c in others), reverse=True)
        for other in others:
            different = [i for i, (a, b) in enumerate(zip(candidate.tokens, other.tokens, strict=True)) if a != b]
            assert different == [index]
            assert normalize(other.latex) == other.tokens
            assert other.strokes_of_token == candidate.strokes_of_token
            assert set(other.tokens) <= recognizer.writable
        if others:
            session.accept(others[0])
            assert session.accepted == others[0]
            session.undo()


def test_alternatives_are_scored_like_candidates():
    session = written(fake_recognizer(), 3)
    candidates = session.candidates(5)
    for candidate, index in itertools.product(candidates, range(3)):
        for other in session.alternatives(index, candidate) if index < len(candidate.tokens) else ():
            same = [c for c in candidates if c.tokens == other.tokens]
            assert all(c.log_probability == pytest.approx(other.log_probability) for c in same)
    assert session.alternatives(0) == session.alternatives(0, candidates[0])


def test_alternatives_of_an_incomplete_reading_are_incomplete():
    recognizer = fake_recognizer(max_tokens=12)
    recognizer.backend.bias[2] = -30  # the model tends never to end
    session = written(recognizer, 3)
    assert not any(other.complete for index in range(3) for other in session.alternatives(index))


def test_alternatives_share_their_probability_with_the_original():
    calibration = Calibration(1.2, 0.06, 1.5)
    recognizer = fake_recognizer(calibration=calibration, seed=3)
    session = written(recognizer, 3)
    reading = session.candidates()[0]
    for index in range(len(reading.tokens)):
        others = session.alternatives(index)
        ids = [recognizer.vocabulary.encode(each.tokens) for each in (reading, *others)]
        encoded = recognizer.encode_ink(Ink(session.strokes))[0]
        totals = [force(recognizer.backend, encoded, [each], calibration)[0].sum() for each in ids]
        weighed = calibration.weigh(totals, [different_symbols(each, recognizer.visible) for each in ids])
        np.testing.assert_allclose([other.log_probability for other in others], weighed[1:])


def test_a_reading_and_its_alternatives_have_a_total_probability_of_at_most_1(shipped):
    session = shipped.session()
    session.restrict("crohme")
    for stroke in draw("test", 9).ink.strokes:
        session.add_stroke(stroke)
    reading = session.candidates(5)[0]
    for index in range(len(reading.tokens)):
        assert reading.probability + sum(other.probability for other in session.alternatives(index)) < 1.01


def test_alternatives_obey_a_restriction_that_the_reading_does_not():
    session = written(fake_recognizer(), 4)
    reading = max(session.candidates(5), key=lambda candidate: len(set(candidate.tokens)))
    allowed = set(VOCABULARY) - {reading.tokens[0]}
    session.restrict(allowed)
    for index in range(len(reading.tokens)):
        assert all(set(other.tokens) <= allowed for other in session.alternatives(index, reading))
    assert session.alternatives(0, reading)


def test_a_rejected_reading_is_not_an_alternative():
    session = written(fake_recognizer(), 3)
    other = session.alternatives(0)[0]
    session.reject(other)
    assert other.tokens not in {c.tokens for c in session.alternatives(0, session.candidates(5)[0])}


def test_alternatives_without_a_candidate_are_refused():
    session = written(fake_recognizer(), 2)
    candidate = session.candidates()[0]
    for index in (99, -1, 0.0):
        with pytest.raises(RecognizerError, match=f"no token {index}: the reading has {len(candidate.tokens)}"):
            session.alternatives(index)
    with pytest.raises(RecognizerError, match="no candidate of this session"):
        session.alternatives(0, [candidate])
    session.add_stroke([[0, 0], [1, 1]])
    with pytest.raises(RecognizerError, match="ask for candidates again"):
        session.alternatives(0, candidate)
    with pytest.raises(RecognizerError, match="no token 0"):
        fake_recognizer().session().alternatives(0)


# --- threads


class Gate:
    """Blocks the decoding of a recogniser before step `at` until it is opened."""

    def __init__(self, recognizer, at):
        self.reached, self.open, self.steps = threading.Event(), threading.Event(), 0
        step = recognizer.backend.decode_step

        def gated(*args):
            self.steps += 1
            if self.steps == at:
                self.reached.set()
                assert self.open.wait(60)
            return step(*args)

        recognizer.backend.decode_step = gated


def test_a_new_stroke_stops_a_running_decoder():
    recognizer, results = fake_recognizer(max_tokens=40), []
    recognizer.backend.bias[2] = -30  # makes readings of 39 tokens
    gate = Gate(recognizer, at=3)
    session = written(recognizer, 2)
    thread = threading.Thread(target=lambda: results.append(session.candidates(5)))
    thread.start()
    assert gate.reached.wait(60)
    session.add_stroke([[4.0, 4.0], [5.0, 7.0]])  # returns although the decoder is blocked
    gate.open.set()
    thread.join(60)
    assert gate.steps == 3 + 40  # the steps until the stop, then all steps for the new ink
    plain = fake_recognizer(max_tokens=40)
    plain.backend.bias[2] = -30
    assert list(results[0]) == plain.recognize(Ink(session.strokes), 5)


class Meanwhile:
    """Calls `do` before step `at` of a recogniser, as another thread might, and counts the steps."""

    def __init__(self, recognizer, at, do):
        self.steps, step = 0, recognizer.backend.decode_step

        def interrupted(*args):
            self.steps += 1
            if self.steps == at:
                do()
            return step(*args)

        recognizer.backend.decode_step = interrupted


@pytest.mark.parametrize("share", [0.2, 0.5, 0.7, 0.9])
def test_an_edit_restarts_alternatives_with_the_new_strokes(share):
    def steps_of(count, at=0):
        session = written(fake_recognizer(seed=3), count)
        meanwhile = Meanwhile(session.recognizer, at, lambda: session.add_stroke(strokes(2)[1]))
        return session.alternatives(0), meanwhile.steps

    wanted, steps = steps_of(2)
    at = int(share * steps_of(1)[1])
    found, both = steps_of(1, at)
    assert found == wanted
    assert both == at + steps  # the interrupted call stopped after that step


def with_a_moving_pen(session, read):
    """Return the readings when the last stroke grows before every step of the model."""
    backend, step = session.recognizer.backend, session.recognizer.backend.decode_step

    def moving(*args):
        session.extend_stroke([[9.0, 9.0]])
        return step(*args)

    backend.decode_step = moving
    found = read(session)
    backend.decode_step = step
    return found


@pytest.mark.parametrize(
    "read", [lambda one: one.candidates(5), lambda one: list(one.stream(5))[-1], lambda one: one.alternatives(0)]
)
def test_reading_works_while_the_pen_moves(read):
    session = written(fake_recognizer(), 2)
    found = with_a_moving_pen(session, read)
    assert (found.readings, found.outdated) == (read(written(fake_recognizer(), 2)).readings, True)
    assert list(session.candidates(5)) == fake_recognizer().recognize(Ink(session.strokes), 5)
    assert not session.candidates(5).outdated
    session.accept(found[0])  # accept a reading of the stroke before it grew


# --- commit while the pen moves


def test_points_that_arrive_during_commit_start_the_next_expression():
    session = written(fake_recognizer(), 2)
    assert with_a_moving_pen(session, lambda one: one.commit()) == written(fake_recognizer(), 2).commit()
    (stroke,) = session.strokes
    assert len(stroke) >= 2 and (stroke == 9).all()
    session.undo()
    assert session.strokes == ()
    assert not session.can_undo


def test_strokes_that_arrive_during_commit_belong_to_the_next_expression():
    session = written(fake_recognizer(), 2)
    Meanwhile(session.recognizer, 2, lambda: [session.add_stroke(stroke) for stroke in strokes(3, seed=1)])
    assert session.commit() == written(fake_recognizer(), 2).commit()
    assert [stroke.tolist() for stroke in session.strokes] == [stroke.tolist() for stroke in strokes(3, seed=1)]
    assert list(session.candidates(5)) == fake_recognizer().recognize(Ink(session.strokes), 5)
    assert session.commit() == written(fake_recognizer(), 3, seed=1).commit()


def test_a_session_is_empty_during_commit():
    recognizer, results = fake_recognizer(), []
    gate = Gate(recognizer, at=2)
    session = written(recognizer, 2)
    thread = threading.Thread(target=lambda: results.append(session.commit()))
    thread.start()
    assert gate.reached.wait(60)
    assert (session.strokes, session.can_undo) == ((), False)
    session.extend_stroke([[9.0, 9.0]])  # returns although the decoder is blocked
    session.add_stroke([[4.0, 4.0], [5.0, 7.0]])
    with pytest.raises(RecognizerError, match="no candidate of this session"):
        session.accept(written(fake_recognizer(), 2).candidates()[0])
    gate.open.set()
    thread.join(60)
    assert results == [written(fake_recognizer(), 2).commit()]
    assert [len(stroke) for stroke in session.strokes] == [1, 2]


def test_extending_after_commit_works_only_if_the_stroke_was_growing():
    session = written(fake_recognizer(), 2)
    session.commit()
    session.extend_stroke([[9, 9]])  # `commit` took the growing stroke: these points start another one
    session.extend_stroke([[9, 8]])
    assert [stroke.tolist() for stroke in session.strokes] == [[[9, 9], [9, 8]]]
    session.add_stroke([[0, 0]])
    session.erase(0)
    session.commit()
    with pytest.raises(RecognizerError, match="no stroke to extend"):
        session.extend_stroke([[9, 9]])


def test_edits_during_commit_do_not_stop_its_reading():
    session = written(fake_recognizer(), 2)
    edits = Meanwhile(session.recognizer, 2, lambda: (session.restrict(["x"]), session.undo(), session.clear()))
    wanted = written(fake_recognizer(), 2)
    counter = counted(wanted.recognizer, "decode_step")
    assert session.commit() == wanted.commit()
    assert edits.steps == len(counter)


class NoMatterWhatError(Exception):
    """An error of the model."""


@pytest.mark.parametrize("meanwhile", [False, True])
def test_an_expression_that_cannot_be_read_is_put_back(meanwhile):
    session = written(fake_recognizer(), 3)
    accepted = session.candidates(5)[1]
    session.accept(accepted)
    session.add_stroke([[0, 0], [5, 5]])
    before = session.strokes

    def fail():
        if meanwhile:
            session.extend_stroke([[9, 9]])
            session.add_stroke([[7, 7]])
            session.undo()
        raise NoMatterWhatError

    Meanwhile(session.recognizer, 1, fail)
    with pytest.raises(NoMatterWhatError):
        session.commit()
    more = session.strokes[4:]
    assert tuple(map(id, session.strokes[:4])) == tuple(map(id, before))
    assert [stroke.tolist() for stroke in more] == ([[[9, 9]]] if meanwhile else [])
    assert session.accepted == accepted
    assert session.can_redo == meanwhile
    if meanwhile:
        session.redo()
        assert [len(stroke) for stroke in session.strokes] == [5, 5, 5, 2, 1, 1]
        session.undo()
        session.undo()
    assert session.strokes == before
    session.undo()
    session.accept(accepted)  # it is still a candidate of this session
    assert session.accepted_for_all == accepted
    for _ in range(5):
        assert session.undo()
    assert not session.undo()


def test_a_growing_stroke_that_is_put_back_can_be_extended():
    session = written(fake_recognizer(), 1)
    session.restrict(["{"])
    with pytest.raises(SearchError, match="lift the restriction"):
        session.commit()
    session.extend_stroke([[9, 9]])
    assert [len(stroke) for stroke in session.strokes] == [6]
    session.undo()
    assert session.strokes == ()


# --- streams


def test_a_stream_yields_a_greedy_reading_and_then_all():
    recognizer = fake_recognizer()
    session = written(recognizer, 3)
    first, last = session.stream(5)
    assert (first.partial, last.partial) == (True, False)
    assert list(first) == fake_recognizer(beams=1).recognize(Ink(session.strokes), 1)
    assert last == session.candidates(5)
    session.accept(first[0])  # a partial reading can be accepted too
    assert len(list(written(fake_recognizer(beams=1), 3).stream(1))) == 1  # no better reading would follow


def test_a_stream_has_no_partial_reading_if_it_is_not_faster():
    session = written(fake_recognizer(), 3)
    session.reject(session.candidates()[0])
    (only,) = session.stream(5)
    assert not only.partial
    assert only == session.candidates(5)


def test_fewer_candidates_are_the_first_ones_of_more():
    recognizer = fake_recognizer(calibration=Calibration(1.2, 0.06, 1.5))
    session = written(recognizer, 3)
    found = session.candidates(5)
    steps = counted(recognizer, "decode_step")
    assert [session.candidates(n).readings for n in (5, 3, 1)] == [found[:n] for n in (5, 3, 1)]
    assert session.commit() == found[0]
    assert not steps
    session = written(fake_recognizer(beams=1), 3)
    session.candidates(5)  # a wider beam than the next request
    assert list(session.candidates()) == fake_recognizer(beams=1).recognize(Ink(session.strokes))


def test_a_new_stroke_ends_a_stream_early():
    session = written(fake_recognizer(), 3)
    stream = session.stream(5)
    assert next(stream).partial
    session.add_stroke([[0, 0], [1, 1]])
    assert list(stream) == []


def test_edits_from_many_threads_leave_a_consistent_session():
    recognizer = fake_recognizer()
    sessions = [recognizer.session() for _ in range(2)]
    errors = []

    def work(session, seed):
        try:
            random = np.random.default_rng(seed)
            for _ in range(40):
                match random.integers(6):
                    case 0 | 1 if len(session.strokes) < 5:
                        session.add_stroke(random.normal(size=(4, 2)))
                    case 2:
                        session.undo()
                    case 3:
                        session.redo()
                    case 4:
                        with contextlib.suppress(RecognizerError):  # there may be no strokes
                            session.commit()
                    case _:
                        list(session.stream(3))
                        session.candidates(2)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(sessions[i % 2], i)) for i in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not errors
    for session in sessions:
        session.undo()
        session.add_stroke([[0, 0], [1, 1]])
        assert list(session.candidates(5)) == fake_recognizer().recognize(Ink(session.strokes), 5)


# --- saving


def test_a_saved_ink_can_be_read_with_its_latex(tmp_path):
    session = written(fake_recognizer(), 3)
    accepted = session.candidates(5)[1]
    session.accept(accepted)
    session.save(tmp_path / "ink.inkml")
    ink = read_ink(tmp_path / "ink.inkml")
    assert ink.label == accepted.latex
    assert normalize(ink.label) == accepted.tokens
    for one, other in zip(ink.strokes, session.strokes, strict=True):
        np.testing.assert_array_equal(one, other)
    session.save(tmp_path / "ink.inkml", latex=r"x^2_1")
    assert normalize(read_ink(tmp_path / "ink.inkml").label) == normalize("x_1^2")


def test_saved_inks_can_be_prepared_as_a_dataset(tmp_path):
    (tmp_path / "mine").mkdir()
    session = written(fake_recognizer(), 3)
    session.save(tmp_path / "mine" / "a.inkml", latex="x + 1")
    assert (
        main(["prepare", "ink_folder", "--source", str(tmp_path / "mine"), "--data-dir", str(tmp_path / "data")]) == 0
    )
    (example,) = load_examples("ink_folder", "train", tmp_path / "data")
    assert example.tokens == ("x", "+", "1")
    assert len(example.ink.strokes) == 3


def test_saving_requires_a_label(tmp_path):
    session = written(fake_recognizer(), 2)
    path = tmp_path / "ink.inkml"
    with pytest.raises(RecognizerError, match="no reading of all 2 strokes is accepted"):
        session.save(path)
    session.accept(session.candidates()[0])
    session.add_stroke([[0, 0], [1, 1]])
    with pytest.raises(RecognizerError, match="no reading of all 3 strokes is accepted"):
        session.save(path)
    with pytest.raises(RecognizerError, match="does not parse"):
        session.save(path, latex=r"\frac{1}")
    for nothing in ("", " ", "{}"):
        with pytest.raises(RecognizerError, match="is empty"):
            session.save(path, latex=nothing)
    with pytest.raises(RecognizerError, match="nothing is written"):
        fake_recognizer().session().save(path, latex="x")
    with pytest.raises(RecognizerError, match=r"ending with \.inkml"):
        session.save(tmp_path / "ink.txt", latex="x")
    assert not path.exists()


def test_a_failed_save_is_a_user_error_and_keeps_the_old_file(tmp_path, monkeypatch):
    session = written(fake_recognizer(), 2)
    (tmp_path / "folder.inkml").mkdir()
    for name in ("folder.inkml", "none/ink.inkml", "x" * 300 + ".inkml", "\0.inkml"):
        with pytest.raises(RecognizerError, match=r"cannot be written \(.*\): name a file in a folder that exists"):
            session.save(tmp_path / name, latex="x")
    session.save(tmp_path / "ink.inkml", latex="x")
    before = (tmp_path / "ink.inkml").read_text("utf-8")

    def full(path, text, *_):
        path.write_bytes(text[:20].encode())
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(RecognizerError, match="No space left on device"):
        session.save(tmp_path / "ink.inkml", latex="y")
    assert (tmp_path / "ink.inkml").read_text("utf-8") == before
    assert {path.name for path in tmp_path.iterdir()} == {"folder.inkml", "ink.inkml"}


def test_the_crohme_preset_contains_the_fake_vocabulary():
    """`test_a_restriction_limits_the_tokens_and_can_be_lifted` relies on this."""
    from tegashiki.latex.vocabulary import CROHME_TOKENS

    assert set(VOCABULARY) <= CROHME_TOKENS


# --- gestures, and strokes that move

ZIGZAG = [[-1, 0], [9, 1.5], [-1, 3], [9, 4.5], [-1, 6], [9, 7.5], [-1, 9]]
SIGN = [[[2, -1], [2, 10]], [[0, 4], [8, 5]]]


@pytest.mark.parametrize("parts", [1, 3])
def test_a_gesture_and_its_strokes_vanish_and_one_undo_brings_the_strokes_back(parts):
    session = fake_recognizer().session()
    session.add_strokes([*SIGN, [[20, 0], [20, 9]]])
    assert session.apply_gesture() == ()
    first, *others = np.array_split(ZIGZAG, parts)
    session.add_stroke(first)
    for points in others:
        session.extend_stroke(points)
    assert session.apply_gesture() == (0, 1)
    assert [stroke.tolist() for stroke in session.strokes] == [[[20, 0], [20, 9]]]
    assert session.apply_gesture() == ()
    assert session.undo() and len(session.strokes) == 3
    assert session.redo() and len(session.strokes) == 1
    assert session.undo() and session.undo() and not session.strokes and not session.can_undo


def test_a_gesture_releases_the_accepted_reading_of_what_it_takes_only():
    session = fake_recognizer().session()
    session.add_strokes(SIGN)
    reading = session.candidates()[0]
    session.accept(reading)
    session.add_stroke([[20, 0], [20, 9]])
    session.add_stroke(np.array(ZIGZAG) + np.array([16, 0]))
    assert session.apply_gesture() == (2,)
    assert session.accepted_for_all == reading
    session.add_stroke(ZIGZAG)
    assert session.apply_gesture() == (0, 1)
    assert session.accepted is None
    session.undo()
    assert session.accepted_for_all == reading


def test_a_gesture_supersedes_readings_of_itself_as_ink():
    session = fake_recognizer().session()
    session.add_strokes(SIGN)
    session.add_stroke(ZIGZAG)
    reading = session.stream(5)
    next(reading)
    session.apply_gesture()
    assert list(reading) == []
    assert not session.candidates()


def test_strokes_move_as_one_edit_and_are_read_where_they_are():
    recognizer = fake_recognizer()
    session = written(recognizer, 3)
    before = session.strokes
    session.move_strokes([0, 2], 4.5, -1)
    wanted = [before[0] + [4.5, -1], before[1], before[2] + [4.5, -1]]
    assert all(np.array_equal(*pair) for pair in zip(session.strokes, wanted, strict=True))
    assert list(session.candidates(2)) == recognizer.recognize(Ink(tuple(wanted)), 2)
    session.undo()
    assert all(np.array_equal(*pair) for pair in zip(session.strokes, before, strict=True))


def test_an_accepted_reading_is_released_if_some_of_its_strokes_move_without_the_others():
    session = written(fake_recognizer(), 3)
    session.accept(session.candidates()[0])
    session.move_strokes([0, 1, 2], 5, 5)
    assert session.accepted
    session.move_strokes([1], 5, 5)
    assert session.accepted is None and session.candidates().pin_released
    session.undo()
    assert session.accepted
