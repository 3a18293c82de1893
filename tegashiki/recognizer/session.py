r"""Read an expression while it is being written. An input method is built on this.

    session = Recognizer.load().session()
    session.add_stroke(points)  # (N, 2), any unit, y downwards; in the thread that handles the pen
    for candidates in session.stream(5):  # in another thread: first a greedy reading, then five candidates
        show(candidates)

Every edit (a stroke, undo, an acceptance, ...) takes effect at once. It stops a decoder that is running in another
thread before its next step. Extending the last stroke is the exception, because otherwise nothing could be read while
the pen moves: readings then belong to the ink at the time of the request, and are marked as `outdated`.

The stem of a stroke is computed once, when the stroke is first read. The encoder and the decoder run again for every
reading. The readings are those of `Recognizer.recognize` for the same strokes, until the writer accepts, rejects or
restricts something.

docs/runtime.md describes the state machine and the contract of every method, also for TypeScript and Java.
"""

from __future__ import annotations

import contextlib
import math
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar, overload

import numpy as np

from tegashiki.decoding.forced import following, force
from tegashiki.decoding.pin import Pin
from tegashiki.decoding.search import NoReadingError, Stopped
from tegashiki.ink.gestures import struck
from tegashiki.ink.ink import MAX_POINTS, Ink, InkError, checked_stroke
from tegashiki.ink.inkml import write_inkml
from tegashiki.ink.preprocess import Strokes, frame_stroke, normalize_boxes
from tegashiki.latex.environments import to_latex
from tegashiki.latex.normalize import normalize
from tegashiki.latex.parser import LatexError
from tegashiki.latex.vocabulary import EOS_ID
from tegashiki.recognizer.candidate import Candidate, RecognizerError, check_stroke_indices, is_within
from tegashiki.recognizer.reader import Reader, restriction_mask
from tegashiki.recognizer.session_state import Accepted, Marks, SessionState, Stroke
from tegashiki.safe_files import atomic_write

_T = TypeVar("_T")
ALTERNATIVES_TRIED = 50  # number of likeliest tokens tried as a replacement; the others have almost no probability


@dataclass(frozen=True)
class Candidates(Sequence[Candidate]):
    """Distinct readings of the written strokes, the likeliest first. It is empty if there are no strokes.

    Attributes:
        readings: The readings.
        pin_released: Whether the accepted reading could not be kept, so that these readings do not hold it.
        partial: Whether better readings will follow in the same stream.
        outdated: Whether the last stroke has grown since the request.
    """

    readings: tuple[Candidate, ...] = ()
    pin_released: bool = False
    partial: bool = False
    outdated: bool = False

    @overload
    def __getitem__(self, index: int) -> Candidate: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Candidate, ...]: ...
    def __getitem__(self, index: int | slice) -> Candidate | tuple[Candidate, ...]:
        return self.readings[index]

    def __len__(self) -> int:
        return len(self.readings)


@dataclass(frozen=True, eq=False)
class _Moment:
    """The state of a session between two edits, with the readings found so far.

    Attributes:
        state: The strokes and decisions.
        restriction: bool (V,), the ids that may be written, None for all.
        over: Set by the next edit. Extending the last stroke does not set it.
        read: By the width of the beam, the number of candidates requested and those found.
    """

    state: SessionState
    restriction: np.ndarray | None
    over: threading.Event = field(default_factory=threading.Event)
    read: dict[int, tuple[int, Candidates]] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class _Taken:
    """The expression that `commit` takes out of a session, and puts back if it cannot be read."""

    moment: _Moment
    undo: list[SessionState]
    redo: list[SessionState]
    given: dict[Candidate, Marks]
    growing: bool


class Session:
    """Reads one expression after the other, each from its first stroke to `commit`.

    All methods can be called from any thread. Edits are atomic and take effect at once.
    """

    def __init__(self, recognizer: Reader) -> None:
        self.recognizer = recognizer
        self._lock = threading.RLock()  # guards everything below; never held while decoding
        self._moment = _Moment(SessionState(), recognizer.restriction)
        self._undo: list[SessionState] = []
        self._redo: list[SessionState] = []
        self._growing = False  # the last edit added or extended the last stroke
        self._cut = False  # `commit` took a growing stroke and no edit followed
        self._given: dict[Candidate, Marks] = {}  # candidates returned, with their strokes
        self._encoded: tuple[Marks, Any, Strokes] | None = None  # the last ink; guarded by the recogniser's lock

    @property
    def _state(self) -> SessionState:
        return self._moment.state

    # --- strokes

    @property
    def strokes(self) -> tuple[np.ndarray, ...]:
        """The strokes as they were added, float64 (N, 2) each."""
        return tuple(stroke.points for stroke in self._state.strokes)

    @property
    def accepted(self) -> Candidate | None:
        """The accepted reading, until another one is accepted, it is rejected, or one of its strokes is erased."""
        accepted = self._state.accepted
        return accepted.candidate if accepted else None

    @property
    def accepted_for_all(self) -> Candidate | None:
        """The accepted reading if it covers all strokes and obeys the restriction, else None."""
        return self._accepted_for_all(self._moment)

    @property
    def can_undo(self) -> bool:
        """Whether there is an edit to undo."""
        return bool(self._undo)

    @property
    def can_redo(self) -> bool:
        """Whether there is an edit to redo."""
        return bool(self._redo)

    def add_stroke(self, points: Any) -> None:
        """Add a stroke.

        Args:
            points: Array-like (N, 2) with N >= 1, x to the right and y downwards, in the same unit for all strokes.

        Raises:
            RecognizerError: The model cannot read another stroke. The session stays unchanged.
            InkError: The points are not a stroke, or there are too many. The session stays unchanged.
        """
        self.add_strokes([points])

    def add_strokes(self, strokes: Iterable[Any]) -> None:
        """Add several strokes as one edit. Without strokes, this is not an edit.

        Args:
            strokes: The points of each stroke, as for `add_stroke`.

        Raises:
            RecognizerError, InkError: As for `add_stroke`. The session stays unchanged.
        """
        strokes = list(strokes)
        with self._lock:
            added = self._checked(strokes, self._state.strokes)
            if added:
                self._edit(self._state.added(added))
                self._growing = len(added) == 1

    def replace_strokes(self, strokes: Iterable[Any]) -> None:
        """Replace all strokes as one edit, for example by those of a file, and drop all decisions.

        This is not an edit if there are no strokes before and after.

        Args:
            strokes: The points of each stroke, as for `add_stroke`.

        Raises:
            RecognizerError, InkError: As for `add_stroke`. The session stays unchanged.
        """
        strokes = list(strokes)
        with self._lock:
            added = self._checked(strokes, ())
            if added or self._state.strokes:
                self._edit(SessionState(added))

    def extend_stroke(self, points: Any) -> None:
        """Append points to the last stroke, as the pen moves on.

        `undo` removes the whole stroke. If there was another edit since the stroke was added, `undo` removes only these
        points. If `commit` took the stroke while it was growing, the points start a stroke of the next expression.

        Args:
            points: The new points, as for `add_stroke`.

        Raises:
            RecognizerError: There is no stroke.
            InkError: As for `add_stroke`. The session stays unchanged.
        """
        with self._lock:
            if self._cut:
                self.add_stroke(points)
                return
            index = len(self._state.strokes) - 1
            more = checked_stroke(points, max(index, 0))
            if index < 0:
                raise RecognizerError("there is no stroke to extend: add one first")
            _check_points(self._state.strokes, len(more))
            last = self._state.strokes[-1]
            state = self._state.grown(Stroke(checked_stroke(np.concatenate([last.points, more]), index), last.number))
            if self._growing:
                self._moment = replace(self._moment, state=state, read={})
            else:
                self._edit(state)
            self._growing = True

    def apply_gesture(self) -> tuple[int, ...]:
        """Let the last stroke take away others if it is a scratch-out or a strike. Call this when the pen is lifted.

        The gesture and the strokes vanish together, in place of the edit that added the stroke: `undo` brings the
        strokes back, without the gesture. An accepted reading of one of them is released. After any other edit than
        adding or extending a single stroke, nothing happens.

        Returns:
            The indices that the strokes had; none if the last stroke is ink. `tegashiki/ink/gestures.py` describes both
            gestures.
        """
        with self._lock:
            state = self._state
            if not self._growing:
                return ()
            *written, last = (stroke.points for stroke in state.strokes)
            taken = struck(written, last)
            if taken:
                self._growing = False
                self._change(state.erased((*taken, len(written))), self._moment.restriction)
            return taken

    def erase(self, *stroke_indices: int) -> None:
        """Erase strokes as one edit. An accepted reading of one of them is released.

        Args:
            *stroke_indices: The indices of the strokes in `strokes`. Without indices, this is not an edit.

        Raises:
            RecognizerError: A stroke does not exist. The session stays unchanged.
        """
        with self._lock:
            check_stroke_indices(stroke_indices, len(self._state.strokes))
            if stroke_indices:
                self._edit(self._state.erased(stroke_indices))

    def move_strokes(self, stroke_indices: Iterable[int], dx: float, dy: float) -> None:
        """Move strokes as one edit. An accepted reading of some of them and of others is released.

        Args:
            stroke_indices: The indices of the strokes in `strokes`. Without indices, this is not an edit.
            dx: How far to the right, in the unit of the points.
            dy: How far down. If both are 0, this is not an edit.

        Raises:
            RecognizerError: A stroke does not exist. The session stays unchanged.
            InkError: A stroke would come to lie outside the coordinates allowed. The session stays unchanged.
        """
        indices, shift = set(stroke_indices), np.array([dx, dy], np.float64)
        with self._lock:
            check_stroke_indices(indices, len(self._state.strokes))
            for index in indices:
                checked_stroke(self._state.strokes[index].points + shift, index)
            if indices and shift.any():
                self._edit(self._state.moved(indices, shift))

    def clear(self) -> None:
        """Erase all strokes; `undo` restores them. Without strokes, this is not an edit."""
        self.replace_strokes([])

    def resume(self, state: SessionState, given: Iterable[Candidate] = ()) -> None:
        """Go on from a state that is kept elsewhere, such as in a browser. Edits before it cannot be undone.

        Args:
            state: The strokes and decisions.
            given: Readings of these strokes, for `accept`, `reject` and `alternatives`.
        """
        with self._lock:
            self._undo, self._redo, self._given = [], [], dict.fromkeys(given, state.marks)
            self._growing = self._cut = False
            self._change(state, self._moment.restriction)

    def undo(self) -> bool:
        """Undo the last edit (adding, erasing, clearing, accepting or rejecting). Return False if there is none."""
        with self._lock:
            return self._step(self._undo, self._redo)

    def redo(self) -> bool:
        """Redo the last edit that was undone. Return False if there is none, or if there was another edit since."""
        with self._lock:
            return self._step(self._redo, self._undo)

    # --- readings

    def candidates(self, n: int = 1) -> Candidates:
        """Read the written strokes. If there is an edit meanwhile, read again.

        Args:
            n: The number of readings wanted, from 1 to the model's widest beam. There are fewer only if the rules allow
                fewer.

        Raises:
            RecognizerError: `n` is out of range.
            SearchError: No reading obeys the restriction.
        """
        self.recognizer.check_candidates(n)
        return self._until_current(lambda moment: self._candidates(moment, n))

    def stream(self, n: int = 1) -> Iterator[Candidates]:
        """Read the written strokes in two stages: first one greedy reading (`partial`), then `n` readings.

        The stream ends early if there is an edit meanwhile. The greedy reading is left out if it would not be faster:
        when decoding is greedy anyway, and after a rejection.

        Args:
            n: The number of readings wanted, as for `candidates`.

        Raises:
            RecognizerError, SearchError: As for `candidates`.
        """
        self.recognizer.check_candidates(n)
        moment = self._moment
        try:
            if moment.state.strokes and self._width(moment.state, 1, beams=1) < self._width(moment.state, n):
                yield replace(self._candidates(moment, 1, beams=1), partial=True)
            yield self._candidates(moment, n)
        except Exception:  # after an edit, the reading is no longer wanted
            if not moment.over.is_set():
                raise

    def alternatives(self, token_index: int, candidate: Candidate | None = None) -> Candidates:
        """Return the alternatives to one token: readings that differ only in this token, the likeliest first.

        Args:
            token_index: The index of the token in `candidate.tokens`.
            candidate: A candidate that this session returned for the current strokes; by default the likeliest one.

        Raises:
            RecognizerError: There is no such token, or the candidate does not belong to the current strokes.
        """
        return self._until_current(lambda moment: self._alternatives(moment, token_index, candidate))

    def restrict(self, tokens: str | Iterable[str] | None) -> None:
        """Restrict the tokens of all later readings.

        Braces and the end of a table are always allowed too. A structure that cannot be closed with these tokens is not
        opened.

        Args:
            tokens: The name of a preset, the tokens themselves, or None for the whole vocabulary.

        Raises:
            RecognizerError: The preset is unknown, a token is not in the vocabulary, or there are no tokens.
        """
        mask = None if tokens is None else restriction_mask(self.recognizer.vocabulary, tokens)
        with self._lock:
            self._change(self._state, mask)

    # --- decisions

    def accept(self, candidate: Candidate) -> None:
        """Accept a reading: all later readings hold its tokens in the same order, if ink and restriction allow it.

        Accepting another reading replaces it.

        Args:
            candidate: A candidate that this session returned.

        Raises:
            RecognizerError: This session did not return the candidate, or some of its strokes no longer exist.
        """
        with self._lock:
            self._edit(self._state.pinned(candidate, self._marks_of(candidate)))

    def reject(self, candidate: Candidate) -> None:
        """Reject a reading: it is not returned again for the same strokes. If it was accepted, it no longer is.

        Args:
            candidate: A candidate that this session returned.

        Raises:
            RecognizerError: As for `accept`.
        """
        with self._lock:
            self._edit(self._state.without(candidate, self._marks_of(candidate)))

    def commit(self) -> Candidate:
        """End the expression and return its reading: the accepted one if it covers all strokes, else the likeliest.

        The expression consists of the strokes at the time of the call. The session is empty from then on, even while
        the likeliest reading is still being computed: strokes and points that arrive meanwhile belong to the next
        expression. Edits of the committed expression cannot be undone. An accepted reading that does not obey the
        restriction is ignored.

        Raises:
            RecognizerError: There are no strokes.
            SearchError: No reading obeys the restriction. After this or any other error while reading, the strokes are
                put back before those that arrived meanwhile.
        """
        taken = self._take()
        try:
            return self._committed(taken.moment)
        except BaseException:
            self._put_back(taken)
            raise

    def save(self, path: str | Path, latex: str | None = None) -> None:
        """Write the ink with its accepted LaTeX as InkML, which `read_ink` and the dataset `ink_folder` read.

        Args:
            path: The file; its name ends with .inkml. An existing file is replaced.
            latex: The LaTeX of the ink; by default that of the accepted reading.

        Raises:
            RecognizerError: There are no strokes; there is no `latex` and no accepted reading of all strokes; `latex`
                does not parse or is empty; or the file cannot be written. An existing file then stays unchanged.
        """
        path, state = Path(path), self._state
        if path.suffix != ".inkml":
            raise RecognizerError(f"{path}: give a name ending with .inkml")
        if not state.strokes:
            raise RecognizerError("nothing is written: there is no ink to save")
        ink = Ink(tuple(stroke.points for stroke in state.strokes), _label(state, latex))
        try:
            with atomic_write(path) as unfinished:
                unfinished.write_text(write_inkml(ink), "utf-8")
        except (OSError, ValueError) as error:  # ValueError: not a valid path
            reason = getattr(error, "strerror", None) or error
            raise RecognizerError(
                f"{path} cannot be written ({reason}): name a file in a folder that exists"
            ) from error

    # --- edits

    def _checked(self, strokes: Sequence[Any], beside: Sequence[Stroke]) -> tuple[Stroke, ...]:
        """Check strokes to be added to the strokes `beside`. Raises as `add_stroke`."""
        checked = tuple(Stroke(checked_stroke(points, len(beside) + i)) for i, points in enumerate(strokes))
        limit = self.recognizer.backend.stroke_sizes[-1]
        if len(beside) + len(checked) > limit:
            raise RecognizerError(f"this model reads at most {limit} strokes at once: commit what is written, go on")
        _check_points(beside, sum(len(stroke.points) for stroke in checked))
        return checked

    def _edit(self, state: SessionState) -> None:
        self._undo.append(self._state)
        self._redo.clear()
        self._growing = self._cut = False
        self._change(state, self._moment.restriction)

    def _step(self, source: list[SessionState], other: list[SessionState]) -> bool:
        if not source:
            return False
        other.append(self._state)
        self._growing = False
        self._change(source.pop(), self._moment.restriction)
        return True

    def _change(self, state: SessionState, restriction: np.ndarray | None) -> None:
        self._moment.over.set()
        self._moment = _Moment(state, restriction)

    def _take(self) -> _Taken:
        """Take the expression out and start the next one. Later edits do not stop its decoding."""
        with self._lock:
            if not self._state.strokes:
                raise RecognizerError("nothing is written: there is nothing to commit")
            moment = replace(self._moment, over=threading.Event())
            taken = _Taken(moment, self._undo, self._redo, self._given, self._growing)
            self._undo, self._redo, self._given = [], [], {}
            self._growing, self._cut = False, self._growing
            self._change(SessionState(), moment.restriction)
            return taken

    def _put_back(self, taken: _Taken) -> None:
        """Put an expression back, before the strokes that were written since it was taken out."""
        with self._lock:
            first, edited = taken.moment.state, bool(self._undo or self._redo)
            self._undo = [*taken.undo, *(state.behind(first) for state in self._undo)]
            self._redo = [state.behind(first) for state in self._redo] if edited else taken.redo
            self._given = taken.given | self._given
            self._growing = self._growing if edited else taken.growing
            self._cut = False
            self._change(self._state.behind(first), self._moment.restriction)

    def _marks_of(self, candidate: Candidate) -> Marks:
        """Return the marks of the strokes that a candidate was read from."""
        marks = self._given.get(candidate) if isinstance(candidate, Candidate) else None
        if marks is None:
            named = str(getattr(candidate, "latex", candidate))[:80]
            raise RecognizerError(f"{named} is no candidate of this session: ask for candidates first")
        there = {stroke.number for stroke in self._state.strokes}
        if not all(number in there for number, _ in marks):
            raise RecognizerError(f"{candidate.latex} was read from strokes that are gone: ask for candidates again")
        return marks

    # --- reading

    def _until_current(self, read: Callable[[_Moment], _T]) -> _T:
        """Call `read` with the current moment, again if there is an edit meanwhile."""
        while True:
            moment = self._moment
            try:
                return read(moment)
            except Exception:  # after an edit, the reading is no longer wanted
                if not moment.over.is_set():
                    raise

    def _give(self, moment: _Moment, candidates: Candidates) -> Candidates:
        """Record candidates that are returned, and mark them if they are outdated. Raises Stopped."""
        with self._lock:
            _check_current(moment)
            self._given |= dict.fromkeys(candidates, moment.state.marks)
            return replace(candidates, outdated=moment is not self._moment)

    def _candidates(self, moment: _Moment, n: int, beams: int | None = None) -> Candidates:
        """Read a moment's state and record the candidates. Raises Stopped if there is an edit meanwhile."""
        return self._give(moment, self._read(moment, n, beams))

    def _read(self, moment: _Moment, n: int, beams: int | None = None) -> Candidates:
        """Read a moment's state, unless this was done before. Raises Stopped if there is an edit meanwhile."""
        width = self._width(moment.state, n, beams)
        with self.recognizer.lock:
            asked, found = moment.read.get(width, (0, Candidates()))
            if asked < n:
                _check_current(moment)
                readings, released = self._decode(moment, n, width)
                found = Candidates(tuple(readings), moment.state.released or released)
                moment.read[width] = n, found
        return replace(found, readings=found.readings[:n])

    def _width(self, state: SessionState, n: int, beams: int | None = None) -> int:
        """Return the beam width, the widest after a rejection: greedy search would only lengthen the reading."""
        widest = self.recognizer.backend.beam_sizes[-1]
        return widest if state.refused_here() else max(n, beams or self.recognizer.beams)

    def _decode(self, moment: _Moment, n: int, width: int) -> tuple[list[Candidate], bool]:
        """Return the candidates of a state, and whether its accepted reading could not be kept."""
        recognizer, state = self.recognizer, moment.state
        if not state.strokes:
            return [], False
        recognizer.check_strokes(len(state.strokes))
        encoded, strokes = self._encode(state)
        refused = [tuple(recognizer.vocabulary.encode(tokens)) for tokens in state.refused_here()]
        rules = {"restrict": moment.restriction, "refused": refused, "stop": moment.over.is_set}
        accepted = state.accepted
        if accepted and self._allows(moment, accepted.candidate):
            pin, widest = self._pin(state, accepted), recognizer.backend.beam_sizes[-1]
            accepted_for_all = state.accepted_for_all
            for tried in dict.fromkeys([width, widest]):  # a wider beam may keep a pin that greedy search loses
                with contextlib.suppress(NoReadingError):
                    found = recognizer.decode(encoded, strokes, n, beams=tried, pin=pin, **rules)
                    return _first(accepted_for_all, found)[:n], False
            if accepted_for_all:
                return [accepted_for_all], False
        return recognizer.decode(encoded, strokes, n, beams=width, **rules), accepted is not None

    def _allows(self, moment: _Moment, candidate: Candidate) -> bool:
        """Whether a reading obeys the restriction."""
        ids = self.recognizer.vocabulary.encode(candidate.tokens)
        return moment.restriction is None or bool(moment.restriction[ids].all())

    def _accepted_for_all(self, moment: _Moment) -> Candidate | None:
        """Return the accepted reading if it covers all strokes and obeys the restriction."""
        reading = moment.state.accepted_for_all
        return reading if reading is not None and self._allows(moment, reading) else None

    def _committed(self, moment: _Moment) -> Candidate:
        """Return the reading of a committed expression, and let the recogniser learn it."""
        reading = self._accepted_for_all(moment) or self._read(moment, 1)[0]
        self.recognizer.learn([stroke.points for stroke in moment.state.strokes], reading, moment.restriction)
        return reading

    def _encode(self, state: SessionState) -> tuple[Any, Strokes]:
        """Encode the strokes of a state, computing missing stems."""
        marks = state.marks
        if self._encoded is None or self._encoded[0] != marks:
            for stroke in state.strokes:
                if stroke.framed is None or stroke.stem is None:
                    stroke.framed = frame_stroke(stroke.points)
                    stroke.stem = self.recognizer.backend.stem(stroke.framed[0])
            framed = [stroke.framed for stroke in state.strokes if stroke.framed is not None]
            boxes = normalize_boxes(np.array([box for _, box in framed]))
            strokes = Strokes(np.array([points for points, _ in framed]), boxes)
            stems = [stroke.stem for stroke in state.strokes if stroke.stem is not None]
            self._encoded = marks, self.recognizer.encode(stems, strokes), strokes
        return self._encoded[1:]

    def _pin(self, state: SessionState, accepted: Accepted) -> Pin:
        candidate, marks = accepted.candidate, accepted.marks
        token_of = {
            marks[stroke][0]: token for token, strokes in enumerate(candidate.strokes_of_token) for stroke in strokes
        }
        stroke_tokens_S = np.array([token_of.get(stroke.number, -1) for stroke in state.strokes])
        ids = tuple(self.recognizer.vocabulary.encode(candidate.tokens))
        return Pin(ids, stroke_tokens_S, self.recognizer.visible)

    def _alternatives(self, moment: _Moment, token_index: int, candidate: Candidate | None) -> Candidates:
        if candidate is not None and self._marks_of(candidate) != moment.state.marks:
            raise RecognizerError("the candidate is no reading of what is written now: ask for candidates again")
        reading = candidate or next(iter(self._candidates(moment, 1)), None)
        length = len(reading.tokens) if reading else 0
        if reading is None or not is_within(token_index, length):
            raise RecognizerError(f"no token {token_index}: the reading has {length}")
        with self.recognizer.lock:
            _check_current(moment)
            found = self._replaced(moment, reading, token_index)
        return self._give(moment, Candidates(tuple(found)))

    def _replaced(self, moment: _Moment, reading: Candidate, token_index: int) -> list[Candidate]:
        """Return the readings with another token at one place, scored as whole readings. Call under the lock."""
        recognizer, stop = self.recognizer, moment.over.is_set
        encoded, _ = self._encode(moment.state)
        ids = recognizer.vocabulary.encode(reading.tokens)
        scores_V = following(recognizer.backend, encoded, ids[:token_index], stop)
        sequences = self._replacements(moment, ids, token_index, scores_V)
        if not sequences:
            return []
        together = [  # with the original reading, because `weigh` shares the probability among all of them
            *force(recognizer.backend, encoded, [ids], recognizer.calibration, stop),
            *force(recognizer.backend, encoded, sequences, recognizer.calibration, stop),
        ]
        scores = recognizer.weigh([float(scores_L.sum()) for scores_L in together], [ids, *sequences])[1:]
        found = []
        for sequence, score in sorted(zip(sequences, scores, strict=True), key=lambda pair: -pair[1]):
            tokens = recognizer.vocabulary.decode(sequence)
            strokes, complete = reading.strokes_of_token, reading.complete
            found.append(Candidate(to_latex(tokens), tokens, math.exp(score), score, strokes, complete))
        return found

    def _replacements(self, moment: _Moment, ids: list[int], index: int, scores_V: np.ndarray) -> list[list[int]]:
        """Return the likeliest allowed sequences with another id at one place, at most the widest beam."""
        vocabulary, grammar, restriction = self.recognizer.vocabulary, self.recognizer.grammar, moment.restriction
        refused = moment.state.refused_here()
        if restriction is not None:
            scores_V = np.where(restriction, scores_V, -np.inf)
        sequences = []
        for other in np.argsort(-scores_V)[:ALTERNATIVES_TRIED].tolist():
            sequence = [*ids[:index], other, *ids[index + 1 :]]
            fits = other > EOS_ID and other != ids[index] and (grammar is None or grammar.accepts(sequence))
            fits = fits and (restriction is None or restriction[sequence].all())
            if fits and vocabulary.decode(sequence) not in refused:
                sequences.append(sequence)
        return sequences[: self.recognizer.backend.beam_sizes[-1]]


def _check_current(moment: _Moment) -> None:
    """Raise Stopped if there was an edit since."""
    if moment.over.is_set():
        raise Stopped


def _check_points(strokes: Sequence[Stroke], more: int) -> None:
    """Raise InkError if strokes with `more` additional points have too many points."""
    total = sum(len(stroke.points) for stroke in strokes) + more
    if total > MAX_POINTS:
        raise InkError(f"{total} points, the limit is {MAX_POINTS}: thin the strokes, or commit and go on")


def _first(accepted_for_all: Candidate | None, found: list[Candidate]) -> list[Candidate]:
    """Put the accepted reading of exactly these strokes before the others that hold it."""
    return (
        [accepted_for_all, *(other for other in found if other.tokens != accepted_for_all.tokens)]
        if accepted_for_all
        else found
    )


def _label(state: SessionState, latex: str | None) -> str:
    """Return the label of a saved ink: the given LaTeX or the accepted reading. Raises RecognizerError without one."""
    if latex is None:
        if state.accepted_for_all is None:
            reason = f"no reading of all {len(state.strokes)} strokes is accepted"
            raise RecognizerError(f"{reason}: accept a candidate, or give the LaTeX")
        return state.accepted_for_all.latex
    try:
        label = to_latex(normalize(latex))
    except LatexError as error:
        raise RecognizerError(f"the LaTeX {latex!r} does not parse: {error}") from error
    if not label:
        raise RecognizerError(f"the LaTeX {latex!r} is empty: leave it out to save the accepted reading")
    return label
