"""Test vectors of pages of several lines for other languages. docs/runtime.md describes the behaviour that they test.

- places: `lines` (boxes as left, top, right, bottom), a `box`, the `current` line, and its `place`.
- rows: canonical tokens of `rows`, the tokens of the formula that they make, and its `latex`.
- pages: scripts of calls of one page session whose model is the formula of `tegashiki.kit.vectors`, as in
  `tegashiki.kit.sessions`. A step has a `call`, its `arguments`, what it `returns` or its `error`, and the `state`
  after it. `candidates` reads the current line; a `candidate` is the index of a reading of the last such call.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

from tegashiki.decoding.search import SearchError
from tegashiki.ink.ink import InkError
from tegashiki.kit.sessions import KINDS
from tegashiki.kit.vectors import Entry, FormulaModel
from tegashiki.latex.rows import join_rows, rows_to_latex
from tegashiki.latex.vocabulary import Vocabulary
from tegashiki.recognizer.candidate import Candidate, RecognizerError
from tegashiki.recognizer.lines import Box, Place, place, put
from tegashiki.recognizer.page_session import PageReading, PageSession
from tegashiki.recognizer.recognizer import Recognizer
from tegashiki.recognizer.session import Candidates

MAX_TOKENS = 24
PAGES_OF_BOXES = 60
ROWS = (
    ("x",),
    ("x = 3", "", "y < 4"),
    (r"\frac { a = b } { 2 } = c", "= d"),
    ("x = 3 = y", "y = 4"),
    ("x", "y = 4"),
    (r"\{ x = 3", "y = 4"),
    (r"\{ x \} = A", r"y \in A"),
    (r"A = ( \begin{matrix} 1 & 2 \\ 3 & 4 \end{matrix} )", "B = 2"),
)


def page_vectors(vocabulary: Vocabulary) -> dict[str, list[Entry]]:
    """Return all vectors for a vocabulary as JSON values."""
    rows = [[row.split() for row in rows] for rows in ROWS]
    return {
        "places": [entry for seed in range(PAGES_OF_BOXES) for entry in _places(seed)],
        "rows": [{"rows": each, "tokens": join_rows(each), "latex": rows_to_latex(each)} for each in rows],
        "pages": [_recorded(vocabulary, seed, script) for seed, script in enumerate(_SCRIPTS)],
    }


# --- places


def _places(seed: int) -> list[Entry]:
    """Write boxes at random, often below each other, and record where each belongs that may begin or join lines."""
    chance = random.Random(seed)
    lines: list[list[Box]] = []
    current, found = None, []
    x = y = 0.0
    for _ in range(24):
        kind = chance.random()
        if kind < 0.2:
            x, y = chance.choice([0.0, 0.0, chance.uniform(0, 60)]), y + chance.uniform(10, 40)
        width, height = chance.choice([(8, 10), (8, 10), (30, 1), (1, 1), (6, 40), (12, 24), (8, 3)])
        top = y + chance.choice([0.0, 0.0, -6.0, 8.0])
        box = Box(*(round(value, 2) for value in (x, top, x + width, top + height)))
        where = place(lines, box, current)
        if where.new or where.joined or chance.random() < 0.1:
            found.append(_place_entry(lines, box, current, where))
        x += chance.choice([-width, 0.0, width + 3])
        current = put(lines, box, where)
    return found


def _place_entry(lines: Sequence[Sequence[Box]], box: Box, current: int | None, where: Place) -> Entry:
    return {
        "lines": [[_corners(each) for each in line] for line in lines],
        "box": _corners(box),
        "current": current,
        "place": {"line": where.line, "new": where.new, "moved": where.moved, "joined": where.joined},
    }


def _corners(box: Box) -> list[float]:
    return [box.left, box.top, box.right, box.bottom]


# --- pages


class PagePlayer:
    """Makes and records calls of a page session."""

    def __init__(self, vocabulary: Vocabulary, seed: int) -> None:
        self.steps: list[Entry] = []
        self.page = PageSession(Recognizer(FormulaModel(len(vocabulary), seed, MAX_TOKENS), vocabulary))
        self._readings: Candidates = Candidates()

    def __call__(self, call: str, **arguments: Any) -> Any:
        """Make a call, record it, and return its result, None if it raised an error."""
        step: Entry = {"call": call, "arguments": arguments}
        result = None
        try:
            result = self._make(call, dict(arguments))
            step["returns"] = _described(result)
        except (InkError, RecognizerError, SearchError) as error:
            kind = next(kind for cls, kind in KINDS.items() if isinstance(error, cls))
            step["error"] = {"kind": kind} if kind == "ink" else {"kind": kind, "message": str(error)}
        step["state"] = self._state()
        self.steps.append(step)
        return result

    def _make(self, call: str, arguments: Entry) -> Any:
        if call == "candidates":
            self._readings = self.page.line.candidates(**arguments)
            return self._readings
        if "candidate" in arguments:
            arguments["candidate"] = self._readings[arguments["candidate"]]
        if call == "automatic":
            self.page.automatic = arguments["on"]
            return None
        if call == "erase":
            return self.page.erase(*arguments["stroke_indices"])
        return getattr(self.page, call)(**arguments)

    def _state(self) -> Entry:
        page = self.page
        return {
            "lines": [[stroke.tolist() for stroke in line.strokes] for line in page.lines],
            "accepted": [line.accepted.latex if line.accepted else None for line in page.lines],
            "current": page.current,
            "can_undo": page.can_undo,
            "can_redo": page.can_redo,
        }


def replay(vocabulary: Vocabulary, script: Entry) -> list[Entry]:
    """Make the calls of a script again and return its steps with the new results."""
    player = PagePlayer(vocabulary, script["seed"])
    for step in script["steps"]:
        player(step["call"], **step["arguments"])
    return player.steps


def _recorded(vocabulary: Vocabulary, seed: int, script: Callable[[PagePlayer], None]) -> Entry:
    player = PagePlayer(vocabulary, seed)
    script(player)
    return {"name": script.__name__.strip("_").replace("_", " "), "seed": seed, "steps": player.steps}


def _described(result: Any) -> Any:
    match result:
        case PageReading():
            return {"latex": result.latex, "lines": [reading.latex for reading in result.lines]}
        case Candidates():
            return [reading.latex for reading in result]
        case Candidate():
            return result.latex
    return result


# --- the scripts


def _stroke(x: float, y: float) -> list[list[float]]:
    return [[x, y], [x + 3, y + 10], [x + 8, y + 2]]


def _write(play: PagePlayer, *lines: float, width: int = 3) -> None:
    for y in lines:
        for index in range(width):
            play("add_stroke", points=_stroke(12 * index, y))


def _lines_are_written_and_read(play: PagePlayer) -> None:
    play("read")
    _write(play, 0, 40)
    play("read")
    play("add_stroke", points=_stroke(36, 0))
    play("candidates", n=3)
    play("accept", candidate=1)
    play("read")
    play("go_to", line=1)
    play("candidates", n=2)
    play("reject", candidate=0)
    play("read")
    while play("undo"):
        pass
    while play("redo"):
        pass
    play("commit")
    play("commit")


def _lines_come_go_and_are_joined(play: PagePlayer) -> None:
    play("begin_line")
    play("join_line")
    play("add_strokes", strokes=[_stroke(12 * x, y) for y in (0, 40) for x in range(3)])
    play("begin_line")
    play("add_stroke", points=_stroke(24, 56))
    play("erase", stroke_indices=[6, 1, 1])
    play("undo")
    play("erase", stroke_indices=[0, 1, 2])
    play("undo")
    play("join_line")
    play("undo")
    play("redo")
    play("add_stroke", points=[[-8, -2], [-10, 30], [-8, 60]])  # a bracket around all lines
    play("undo")
    play("automatic", on=False)
    play("add_stroke", points=_stroke(0, 200))
    play("clear")
    play("undo")
    play("clear")
    play("clear")
    play("automatic", on=True)
    _write(play, 0, width=6)
    play("add_stroke", points=_stroke(60, 28))
    play("add_stroke", points=_stroke(10, 28))  # with this one, the former has begun a line
    play("undo")


def _strokes_are_struck_and_moved(play: PagePlayer) -> None:
    play("apply_gesture")
    _write(play, 0, 40)
    play("apply_gesture")
    zigzag = [[x, y] for x in (-2, 2, 6, 10, 14, 18, 22) for y in (38, 52)]
    play("add_stroke", points=zigzag)
    play("apply_gesture")
    play("undo")
    play("redo")
    play("apply_gesture")
    play("undo")
    play("move_strokes", stroke_indices=[0, 4], dx=0.0, dy=-1.5)
    play("undo")
    play("move_strokes", stroke_indices=[6], dx=1.0, dy=0.0)
    play("move_strokes", stroke_indices=[], dx=1.0, dy=0.0)
    play("move_strokes", stroke_indices=[1], dx=0.0, dy=0.0)
    play("move_strokes", stroke_indices=[1], dx=1e13, dy=0.0)
    play("redo")


def _everything_is_replaced(play: PagePlayer) -> None:
    play("replace_strokes", strokes=[])
    play("replace_lines", lines=[[]])
    play("replace_strokes", strokes=[_stroke(12 * x, y) for y in (0, 40) for x in range(3)])
    play("replace_lines", lines=[[_stroke(0, 0), _stroke(12, 0)], [], [_stroke(24, 0)]])
    play("read")
    play("replace_lines", lines=[[_stroke(0, 0)], [_stroke(12 * x, 0) for x in range(9)]])
    play("replace_strokes", strokes=[_stroke(12 * x, 0) for x in range(9)])
    play("replace_strokes", strokes=[])
    while play("undo"):
        pass
    while play("redo"):
        pass


def _what_is_wrong_changes_nothing(play: PagePlayer) -> None:
    _write(play, 0, 40)
    play("undo")
    for index in (-1, 5):
        play("erase", stroke_indices=[index])
        play("go_to", line=index)
    play("add_stroke", points=[])
    play("add_strokes", strokes=[])
    play("erase", stroke_indices=[])
    play("add_strokes", strokes=[_stroke(24, 40), [[1]]])
    play("candidates", n=0)
    play("redo")
    play("undo")
    play("add_strokes", strokes=[_stroke(12 * x, 40) for x in range(2, 9)])  # one more than the model reads
    play("redo")


def _a_restriction_holds_for_all_lines(play: PagePlayer) -> None:
    play("restrict", tokens=["x", "y", "="])
    _write(play, 0, 40)
    play("read")
    play("restrict", tokens=["{"])
    play("read")
    play("commit")
    play("undo")
    play("restrict", tokens="klingon")
    play("restrict", tokens=["1", "2"])
    play("redo")
    play("commit")
    _write(play, 0, width=2)
    play("read")


_SCRIPTS: Sequence[Callable[[PagePlayer], None]] = (
    _lines_are_written_and_read,
    _lines_come_go_and_are_joined,
    _strokes_are_struck_and_moved,
    _everything_is_replaced,
    _what_is_wrong_changes_nothing,
    _a_restriction_holds_for_all_lines,
)
