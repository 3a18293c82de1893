"""Test scripts for sessions in other languages: calls, with the result or the error of each call.

The model is the formula of `tegashiki.kit.vectors`, so that every language can compute it. The scripts are written
only here and recorded from the Python session. docs/runtime.md describes the behaviour that they test.

A script is `{"name", "seed", "max_tokens", "calibration", "steps"}`. A step is a call and its result:

    call: Name of the method in Python.
    arguments: Arguments by name. A `candidate` is [step, i] for the i-th reading that an earlier step returned,
        [step, i, j] for the i-th reading of the j-th result of a `stream`, or null for none.
    meanwhile: Steps to make before the model's decoding step number `at`, counted from 1 for each call.
    returns: A boolean, a reading, a result of `candidates`, a list of readings or results, or null.
    error: Replaces `returns`: the kind of the error ("ink", "recognizer", "search") and its message, except for "ink".
    state: The session's properties after the call.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tegashiki.decoding.calibration import Calibration
from tegashiki.decoding.search import SearchError
from tegashiki.ink.ink import InkError
from tegashiki.kit.vectors import Entry, FormulaModel
from tegashiki.latex.grammar import Grammar
from tegashiki.latex.visible import visible_mask
from tegashiki.latex.vocabulary import Vocabulary
from tegashiki.recognizer.candidate import Candidate, RecognizerError
from tegashiki.recognizer.recognizer import Recognizer
from tegashiki.recognizer.session import Candidates

KINDS: dict[type[Exception], str] = {InkError: "ink", RecognizerError: "recognizer", SearchError: "search"}
MAX_TOKENS = 24
CALIBRATION = (0.76, 0.105, 1.5)


def sessions(vocabulary: Vocabulary) -> dict[str, list[Entry]]:
    """Return all scripts for a vocabulary as JSON values. Every second script has a calibration."""
    return {"sessions": [_recorded(vocabulary, seed, script) for seed, script in enumerate(_SCRIPTS)]}


def _recorded(vocabulary: Vocabulary, seed: int, script: Callable[[Player], None]) -> Entry:
    calibration = CALIBRATION if seed % 2 else None
    player = Player(vocabulary, seed, MAX_TOKENS, calibration)
    script(player)
    return {
        "name": script.__name__.strip("_").replace("_", " "),
        "seed": seed,
        "max_tokens": MAX_TOKENS,
        "calibration": calibration,
        "steps": player.steps,
    }


def replay(vocabulary: Vocabulary, script: Entry) -> list[Entry]:
    """Make the calls of a script again and return its steps with the new results."""
    player = Player(vocabulary, script["seed"], script["max_tokens"], script["calibration"])
    for step in script["steps"]:
        player.make(step)
    return player.steps


class Player:
    """Makes and records calls of one session whose model is a formula."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        seed: int,
        max_tokens: int,
        calibration: Sequence[float] | None = None,
        **settings: Any,
    ) -> None:
        """Begin a session.

        Args:
            vocabulary: The tokens of the model.
            seed: Selects the model.
            max_tokens: The longest output of the model.
            calibration: The arguments of `Calibration`.
            **settings: Other settings of the recogniser.
        """
        self.vocabulary = vocabulary
        self.steps: list[Entry] = []
        self._results: list[Any] = []
        self._model = _Interrupted(FormulaModel(len(vocabulary), seed, max_tokens))
        fitted = Calibration(*calibration or (1.0, 0.0))
        self.session = Recognizer(self._model, vocabulary, calibration=fitted, **settings).session()

    def __call__(self, call: str, meanwhile: Entry | None = None, **arguments: Any) -> Any:
        """Make a call and return its result, None if it raised an error."""
        return self.make({"call": call, "arguments": arguments, "meanwhile": meanwhile})

    def last(self, *place: int) -> list[int]:
        """Return the script's reference to a reading of the last step."""
        return [len(self.steps) - 1, *place]

    def make(self, step: Entry) -> Any:
        """Make the call of a step and record it with its result."""
        meanwhile = step.get("meanwhile")
        self._model.interrupt(meanwhile["at"] if meanwhile else 0, lambda: [self._call(each) for each in made])
        made = [dict(each) for each in meanwhile["steps"]] if meanwhile else []
        recorded = {key: step[key] for key in ("call", "arguments")}
        if meanwhile:
            recorded["meanwhile"] = {"at": meanwhile["at"], "steps": made}
        result = self._call(recorded)
        self.steps.append(recorded)
        self._results.append(result)
        return result

    def _call(self, step: Entry) -> Any:
        """Make one call and store its result in the step."""
        arguments = dict(step["arguments"])
        if arguments.get("candidate") is not None:
            arguments["candidate"] = self._reading(arguments["candidate"])
        positional = arguments.pop("stroke_indices", ()) if step["call"] == "erase" else ()
        step.pop("error", None)
        result = None
        try:
            result = self.method(step["call"])(*positional, **arguments)
            result = list(result) if step["call"] == "stream" else result
            step["returns"] = _described(result)
        except (InkError, RecognizerError, SearchError) as error:
            step.pop("returns", None)
            step["error"] = _error(error)
        step["state"] = self.state()
        return result

    def method(self, call: str) -> Callable[..., Any]:
        """Return the function that a step calls."""
        return getattr(self.session, call)

    def _reading(self, place: Sequence[int]) -> Candidate:
        result = self._results[place[0]]
        for index in reversed(place[1:]):  # the last index selects a result of a stream
            result = result[index] if isinstance(result, (list, Candidates)) else result
        return result

    def state(self) -> Entry:
        """Return the session's properties."""
        session = self.session
        return {
            "strokes": [stroke.tolist() for stroke in session.strokes],
            "accepted": session.accepted.latex if session.accepted else None,
            "accepted_for_all": session.accepted_for_all.latex if session.accepted_for_all else None,
            "can_undo": session.can_undo,
            "can_redo": session.can_redo,
        }


class _Interrupted:
    """A model that calls a function before one of its decoding steps."""

    def __init__(self, model: FormulaModel) -> None:
        self._model = model
        self.interrupt(0, list)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)

    def interrupt(self, at: int, do: Callable[[], Any]) -> None:
        """Restart counting steps, and call a function before step number `at`."""
        self._steps, self._at, self._do = 0, at, do

    def decode_step(self, *arguments: Any) -> Any:
        """Decode like the model."""
        self._step()
        return self._model.decode_step(*arguments)

    def decode_hidden(self, *arguments: Any) -> Any:
        """Decode like the model, for a memory."""
        self._step()
        return self._model.decode_hidden(*arguments)

    def _step(self) -> None:
        self._steps += 1
        if self._steps == self._at:
            self._do()


def _described(result: Any) -> Any:
    match result:
        case Candidate():
            return {
                "latex": result.latex,
                "log_probability": round(result.log_probability, 9),
                "strokes_of_token": result.strokes_of_token,
                "complete": result.complete,
                "doubtful": result.doubtful,
            }
        case Candidates():
            flags = {name: getattr(result, name) for name in ("pin_released", "partial", "outdated")}
            return {"readings": [_described(reading) for reading in result], **flags}
        case list() | tuple():
            return [_described(each) for each in result]
    return result


def _error(error: Exception) -> Entry:
    kind = next(kind for cls, kind in KINDS.items() if isinstance(error, cls))
    return {"kind": kind} if kind == "ink" else {"kind": kind, "message": str(error)}


# --- the scripts


def _stroke(x: float, *, up: bool = False) -> list[list[float]]:
    """Return a stroke of three points. Its values in the formula are not close to a rounding boundary."""
    return [[x, 10], [x + 3, 0], [x + 6, 8]] if up else [[x, 0], [x + 3, 10], [x + 6, 2]]


def _symbols(vocabulary: Vocabulary) -> list[str]:
    """Return the tokens that a pen draws and that open no group."""
    grammar, visible = Grammar(vocabulary), visible_mask(vocabulary)
    start = grammar.start()
    alone_V = grammar.allowed(start) & visible & (grammar.closing_lengths(start) == 0)
    return [vocabulary.token(int(i)) for i in np.flatnonzero(alone_V)]


def _write(play: Player, count: int = 2) -> None:
    for index in range(count):
        play("add_stroke", points=_stroke(10 * index, up=index % 2 == 1))


def _every_edit_is_undone_and_redone(play: Player) -> None:
    _write(play, 3)
    play("add_strokes", strokes=[_stroke(30), _stroke(40, up=True)])
    play("erase", stroke_indices=[1, 3, 1])
    play("extend_stroke", points=[[50, 3], [51, 9]])
    play("replace_strokes", strokes=[_stroke(0, up=True)])
    play("clear")
    play("candidates", n=2)
    while play("undo"):
        play("candidates", n=2)
    while play("redo"):
        pass
    play("undo")
    play("candidates", n=5)
    play("add_stroke", points=_stroke(60))
    play("redo")


def _what_changes_nothing_is_no_edit(play: Player) -> None:
    play("clear")
    play("erase", stroke_indices=[])
    play("add_strokes", strokes=[])
    play("replace_strokes", strokes=[])
    play("undo")
    play("redo")
    _write(play)
    play("undo")
    play("add_strokes", strokes=[])
    play("erase", stroke_indices=[])
    play("redo")


def _what_is_wrong_is_refused_and_changes_nothing(play: Player) -> None:
    play("commit")
    play("extend_stroke", points=[[1, 1]])
    play("candidates", n=0)
    play("alternatives", token_index=0)
    _write(play)
    for index in (-1, 2, 99):
        play("erase", stroke_indices=[index])
    play("erase", stroke_indices=[0, 2])
    for points in ([], [[1]], [[1, 2, 3]], [[0, 1e13]]):
        play("add_stroke", points=points)
        play("extend_stroke", points=points)
        play("add_strokes", strokes=[_stroke(20), points])
        play("replace_strokes", strokes=[points])
    play("add_strokes", strokes=[_stroke(x) for x in range(7)])
    play("replace_strokes", strokes=[_stroke(x) for x in range(9)])
    for n in (0, 6, -1):
        play("candidates", n=n)
    play("candidates", n=5)
    reading = play.last(0)
    for index in (-1, 99):
        play("alternatives", token_index=index)
        play("alternatives", token_index=index, candidate=reading)
    play("restrict", tokens=[])
    play("restrict", tokens="klingon")
    play("restrict", tokens=[*_symbols(play.vocabulary)[:2], "no token", "none either"])
    play("undo")
    play("alternatives", token_index=0, candidate=reading)
    play("accept", candidate=reading)
    play("reject", candidate=reading)
    play("redo")
    play("accept", candidate=reading)


def _a_stroke_grows(play: Player) -> None:
    _write(play, 1)
    play("candidates", n=5)
    for x in range(3):
        play("extend_stroke", points=[[10 + x, 10 - 4 * x]])
    play("candidates", n=5)
    play("accept", candidate=play.last(1))
    play("extend_stroke", points=[[20, 1]])
    play("extend_stroke", points=[[21, 1]])
    play("candidates", n=3)
    play("stream", n=3)
    play("undo")
    play("candidates", n=3)
    play("undo")
    play("undo")
    play("redo")
    play("add_strokes", strokes=[_stroke(30), _stroke(40)])
    play("extend_stroke", points=[[50, 1]])
    play("undo")
    play("replace_strokes", strokes=[_stroke(0)])
    play("candidates", n=5)
    play("accept", candidate=play.last(1))
    play("extend_stroke", points=[[20, 1]])
    play("stream", n=5)  # with this formula a beam keeps the pin that greedy search loses


def _an_accepted_reading_is_held(play: Player) -> None:
    _write(play)
    play("candidates", n=5)
    play("accept", candidate=play.last(2))
    play("candidates", n=5)
    play("candidates", n=1)
    play("stream", n=5)
    for x in (20, 30, 40):
        play("add_stroke", points=_stroke(x, up=x == 30))
        play("candidates", n=5)
        play("stream", n=1)
    play("erase", stroke_indices=[4])
    play("candidates", n=5)
    play("erase", stroke_indices=[0])
    play("candidates", n=5)
    play("undo")
    play("candidates", n=1)
    play("accept", candidate=play.last(0))
    play("commit")


def _a_rejected_reading_stays_away(play: Player) -> None:
    _write(play)
    play("candidates", n=5)
    first = play.last(0)
    play("accept", candidate=first)
    play("reject", candidate=first)
    play("candidates", n=5)
    play("stream", n=2)
    play("reject", candidate=play.last(1, 0))
    play("alternatives", token_index=0)
    play("add_stroke", points=_stroke(20))
    play("candidates", n=2)
    play("undo")
    play("candidates", n=2)
    for _ in range(3):
        play("undo")
    play("candidates", n=2)
    play("commit")


def _alternatives_are_readings(play: Player) -> None:
    _write(play, 3)
    play("alternatives", token_index=0)
    play("candidates", n=5)
    chosen = play.last(1)
    found = play("alternatives", token_index=0, candidate=chosen)
    place = len(play.steps) - 1
    if found:
        play("accept", candidate=[place, 0])
        play("candidates", n=2)
        play("reject", candidate=[place, 0])
    play("restrict", tokens=_symbols(play.vocabulary)[:9])
    play("alternatives", token_index=0, candidate=chosen)
    play("extend_stroke", points=[[30, 3]])
    play("alternatives", token_index=0, candidate=chosen)


def _a_restriction_is_set_and_lifted(play: Player) -> None:
    _write(play)
    reading = play("candidates", n=5)[1]
    play("accept", candidate=play.last(1))
    play("restrict", tokens=[token for token in _symbols(play.vocabulary) if token not in reading.tokens][:12])
    play("candidates", n=5)
    play("stream", n=2)
    play("undo")
    play("redo")
    play("restrict", tokens="calculator")
    play("candidates", n=2)
    play("restrict", tokens=None)
    play("candidates", n=2)
    play("restrict", tokens=_symbols(play.vocabulary)[:1])
    play("stream", n=5)
    play("restrict", tokens=["{"])
    play("candidates", n=1)
    play("stream", n=1)
    play("commit")
    play("extend_stroke", points=[[30, 3]])
    play("restrict", tokens=None)
    play("commit")


def _committing_begins_the_next_expression(play: Player) -> None:
    _write(play)
    play("candidates", n=5)
    reading = play.last(0)
    play("commit")
    play("undo")
    play("accept", candidate=reading)
    play("extend_stroke", points=[[30, 0], [33, 10]])
    play("extend_stroke", points=[[36, 2]])
    play("candidates", n=2)
    play("commit")
    play("add_stroke", points=_stroke(0))
    play("erase", stroke_indices=[0])
    play("commit")
    play("extend_stroke", points=[[1, 1]])


def _strokes_move(play: Player) -> None:
    _write(play, 4)
    play("move_strokes", stroke_indices=[1, 3, 1], dx=0, dy=-20.5)
    play("candidates", n=3)
    play("accept", candidate=play.last(1))
    play("add_stroke", points=_stroke(40))
    play("move_strokes", stroke_indices=[4], dx=8, dy=0)  # the accepted reading is kept
    play("candidates", n=2)
    play("move_strokes", stroke_indices=[0, 1, 2, 3], dx=-5, dy=1)
    play("candidates", n=2)
    play("move_strokes", stroke_indices=[0, 4], dx=30, dy=0)  # and released
    play("candidates", n=2)
    play("undo")
    play("candidates", n=2)
    play("redo")
    play("extend_stroke", points=[[90, 3]])
    play("move_strokes", stroke_indices=[4], dx=1, dy=1)
    play("undo")
    play("move_strokes", stroke_indices=[], dx=1, dy=1)
    play("move_strokes", stroke_indices=[0], dx=0, dy=0)
    play("move_strokes", stroke_indices=[5], dx=1, dy=1)
    play("move_strokes", stroke_indices=[0], dx=1e13, dy=1)
    play("redo")
    play("commit")


def _a_gesture_takes_strokes_away(play: Player) -> None:
    _write(play, 3)
    play("apply_gesture")  # ink
    play("candidates", n=2)
    play("accept", candidate=play.last(1))
    play("apply_gesture")  # no stroke was added since
    play("add_stroke", points=_scratch(9))
    play("apply_gesture")
    play("candidates", n=2)
    play("undo")
    play("candidates", n=2)
    play("redo")
    play("extend_stroke", points=[[30, 3]])
    play("apply_gesture")
    play("undo")
    play("undo")
    play("add_stroke", points=_scratch(9)[:3])
    play("extend_stroke", points=_scratch(9)[3:5])
    play("extend_stroke", points=_scratch(9)[5:])
    play("candidates", n=1, meanwhile={"at": 2, "steps": [_step("apply_gesture")]})
    play("undo")
    play("add_strokes", strokes=[_scratch(9), _stroke(40)])
    play("apply_gesture")
    play("commit")
    play("apply_gesture")


def _scratch(x: float) -> list[list[float]]:
    """Return a zigzag of six sweeps over a stroke."""
    return [[x, 0], [x + 8, 1.5], [x, 3], [x + 8.5, 5], [x - 0.5, 6.5], [x + 8, 8], [x, 10]]


def _step(call: str, **arguments: Any) -> Entry:
    return {"call": call, "arguments": arguments}


def _an_edit_supersedes_a_reading(play: Player) -> None:
    _write(play)
    add = _step("add_stroke", points=_stroke(20))
    play("candidates", n=5, meanwhile={"at": 2, "steps": [add]})
    play("undo")
    play("stream", n=5, meanwhile={"at": 2, "steps": [add]})
    play("alternatives", token_index=0, meanwhile={"at": 3, "steps": [_step("undo")]})
    play("candidates", n=5)
    reading = play.last(1)
    play("alternatives", token_index=0, candidate=reading, meanwhile={"at": 2, "steps": [_step("clear")]})
    play("undo")
    play("restrict", tokens=_symbols(play.vocabulary)[:9])
    play("candidates", n=5, meanwhile={"at": 2, "steps": [_step("restrict", tokens=None)]})
    play("undo")
    play("candidates", n=2, meanwhile={"at": 2, "steps": [_step("undo"), _step("undo"), _step("undo")]})


def _a_pen_that_moves_does_not(play: Player) -> None:
    _write(play)
    more = {"at": 2, "steps": [_step("extend_stroke", points=[[20, 5]]), _step("extend_stroke", points=[[21, 1]])]}
    play("candidates", n=5, meanwhile=more)
    play("accept", candidate=play.last(1))
    play("candidates", n=5)
    play("undo")
    play("undo")
    play("redo")
    play("extend_stroke", points=[[30, 5]])
    play("stream", n=5, meanwhile=more)
    play("candidates", n=5)


def _what_arrives_while_committing_is_the_next_expression(play: Player) -> None:
    _write(play)
    points = [_step("extend_stroke", points=[[20, 5]]), _step("extend_stroke", points=[[21, 1]])]
    play("commit", meanwhile={"at": 2, "steps": points})
    play("commit", meanwhile={"at": 2, "steps": [_step("add_stroke", points=_stroke(10)), *points, _step("undo")]})
    play("redo")
    play("candidates", n=2)
    play("undo")
    play("redo")
    play("extend_stroke", points=[[22, 6]])
    play("commit", meanwhile={"at": 2, "steps": [_step("undo"), _step("clear"), _step("restrict", tokens=["{"])]})
    play("restrict", tokens=None)
    _write(play)
    play("candidates", n=2)
    reading = play.last(1)
    play("accept", candidate=reading)
    play("add_stroke", points=_stroke(20))
    play("restrict", tokens=["{"])
    play("commit", meanwhile={"at": 1, "steps": [*points, _step("add_stroke", points=_stroke(40)), _step("undo")]})
    more = [_step("add_stroke", points=_stroke(x)) for x in (50, 60)]
    play("commit", meanwhile={"at": 1, "steps": more})
    play("undo")
    play("commit")
    play("restrict", tokens=None)
    play("candidates", n=2)
    play("redo")
    play("accept", candidate=reading)
    while play("undo"):
        pass


_SCRIPTS: Sequence[Callable[[Player], None]] = (
    _every_edit_is_undone_and_redone,
    _what_changes_nothing_is_no_edit,
    _what_is_wrong_is_refused_and_changes_nothing,
    _a_stroke_grows,
    _an_accepted_reading_is_held,
    _a_rejected_reading_stays_away,
    _alternatives_are_readings,
    _a_restriction_is_set_and_lifted,
    _committing_begins_the_next_expression,
    _an_edit_supersedes_a_reading,
    _a_pen_that_moves_does_not,
    _what_arrives_while_committing_is_the_next_expression,
    _a_gesture_takes_strokes_away,
    _strokes_move,
)
