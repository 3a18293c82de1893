"""A page of several lines: strokes find their lines, edits are undone in order, and only changed lines are read."""

import pytest

from tegashiki.ink.ink import InkError
from tegashiki.kit.vectors import FormulaModel
from tegashiki.latex.vocabulary import DEFAULT_VOCABULARY
from tegashiki.recognizer.candidate import RecognizerError
from tegashiki.recognizer.page_session import PageSession
from tegashiki.recognizer.recognizer import Recognizer


def stroke(x, y):
    return [[x, y], [x + 3, y + 10], [x + 8, y + 2]]


def write(page, *lines, width=3):
    for y in lines:
        for index in range(width):
            page.add_stroke(stroke(12 * index, y))


class Counted(FormulaModel):
    """Counts the strokes that it encodes and its calls."""

    def __init__(self):
        super().__init__(len(DEFAULT_VOCABULARY), 1, 24)
        self.encoded, self.stems, self.steps = [], 0, 0

    def stem(self, points):
        self.stems += 1
        return super().stem(points)

    def encode(self, stems, boxes, *others):
        self.encoded.append(len(boxes))
        return super().encode(stems, boxes, *others)

    def decode_step(self, *arguments):
        self.steps += 1
        return super().decode_step(*arguments)


@pytest.fixture
def page():
    return PageSession(Recognizer(Counted(), DEFAULT_VOCABULARY))


def counts(page):
    return [len(line.strokes) for line in page.lines]


def test_strokes_find_their_lines(page):
    write(page, 0, 40, 80)
    assert counts(page) == [3, 3, 3]
    assert page.current == 2
    page.add_stroke(stroke(36, 0))  # goes back to the first line
    assert counts(page) == [4, 3, 3]
    assert page.line is page.lines[0]
    assert len(page.strokes) == 10


def test_a_long_page_costs_what_its_last_line_costs(page):
    costs = []
    model = page.recognizer.backend
    for line in range(6):
        write(page, 40 * line)
        model.encoded.clear()
        model.stems = model.steps = 0
        page.read()
        costs.append((list(model.encoded), model.stems, model.steps))
    assert all(encoded == costs[0][0] and stems == 3 for encoded, stems, _ in costs)
    assert all(steps <= 24 for _, _, steps in costs)
    page.commit()
    assert (list(model.encoded), model.stems) == costs[-1][:2]  # the last readings are committed


def test_the_limit_of_strokes_is_one_of_a_line(page):
    limit = page.recognizer.backend.stroke_sizes[-1]
    write(page, 0, 40, width=limit)
    assert counts(page) == [limit, limit]
    with pytest.raises(RecognizerError, match=f"at most {limit} strokes"):
        page.add_stroke(stroke(36, 40))
    assert counts(page) == [limit, limit]
    page.undo()
    with pytest.raises(RecognizerError, match="at most"):
        page.add_strokes([stroke(36, 40), stroke(48, 40)])
    assert counts(page) == [limit, limit - 1]


def test_edits_are_undone_and_redone_across_lines(page):
    write(page, 0, 40)
    page.accept(page.line.candidates(2)[1])
    page.erase(0, 1, 2)
    page.add_stroke(stroke(36, 40))
    states = []
    while True:
        states.append((counts(page), page.line.accepted, page.current))
        if not page.undo():
            break
    for state in reversed(states):
        assert (counts(page), page.line.accepted, page.current) == state
        page.redo()
    assert not page.can_redo


def test_a_line_begins_and_is_joined_on_request():
    page = PageSession(Recognizer(Counted(), DEFAULT_VOCABULARY), automatic=False)
    write(page, 0, 40)
    assert counts(page) == [6]
    page.begin_line()
    write(page, 80, width=2)
    assert counts(page) == [6, 2]
    page.join_line()
    assert counts(page) == [8]
    page.undo()
    assert counts(page) == [6, 2]
    page.go_to(0)
    with pytest.raises(RecognizerError, match="no line above"):
        page.join_line()


def test_a_restriction_holds_for_all_lines(page):
    page.restrict(["x", "y"])
    write(page, 0, 40)
    assert all(set(reading.tokens) <= {"x", "y"} for reading in page.read().lines)
    page.restrict(["1", "2"])
    page.undo()
    page.redo()
    assert all(set(reading.tokens) <= {"1", "2"} for reading in page.read().lines)


def test_what_is_wrong_changes_nothing(page):
    write(page, 0, 40)
    page.undo()
    for call in (lambda: page.erase(5), lambda: page.go_to(2), lambda: page.accept(None)):
        with pytest.raises(RecognizerError):
            call()
    with pytest.raises(InkError):
        page.add_strokes([stroke(0, 80), []])
    assert counts(page) == [3, 2]
    assert page.can_redo


def test_commit_without_a_reading_restores_the_page(page):
    write(page, 0, 40)
    page.restrict(["{"])
    with pytest.raises(Exception, match="restriction"):
        page.commit()
    assert counts(page) == [3, 3]
    page.restrict(None)
    assert len(page.commit().lines) == 2
    assert not page.lines and not page.can_undo
    with pytest.raises(RecognizerError, match="nothing is written"):
        page.commit()
