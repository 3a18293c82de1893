r"""An expression that is read while it is being written: the heart of an input method.

    session = Recognizer.load().session()
    session.add_stroke(points)  # (N, 2), any unit, y downwards; from the thread that has the pen
    for candidates in session.stream(5):  # from another one: the first reading at once, then five
        show(candidates)

Every edit (a stroke, undo, an acceptance ...) takes effect at once and supersedes a decode that is running in another
thread, which ends before its next step. Only that the last stroke grows does not, or nothing would be read while a pen
moves: what is read is then of the ink as it was when it was asked for, and says so (`outdated`).

A stroke's stem is computed once, when it is first read; encoder and decoder run again on the stems. What is read is
what `Recognizer.recognize` reads in the same strokes, until something is accepted, rejected or restricted.

docs/runtime.md has the state machine and the contract of every method, which TypeScript and Java keep too.
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
from tegashiki.ink.ink import MAX_POINTS, Ink, InkError, checked_stroke
from tegashiki.ink.inkml import write_inkml
from tegashiki.ink.preprocess import Strokes, frame_stroke, normalize_boxes
from tegashiki.latex.normalize import normalize
from tegashiki.latex.parser import LatexError
from tegashiki.latex.tokenizer import join
from tegashiki.latex.visible import different_symbols
from tegashiki.latex.vocabulary import EOS_ID
from tegashiki.recognizer.candidate import Candidate, RecognizerError, is_within
from tegashiki.recognizer.reader import Reader, restriction_mask
from tegashiki.recognizer.session_state import Accepted, Marks, SessionState, Stroke
from tegashiki.safe_files import atomic_write

_T = TypeVar("_T")
ALTERNATIVES_TRIED = 50  # likeliest tokens that are tried in place of one; the rest have next to no probability


@dataclass(frozen=True)
class Candidates(Sequence[Candidate]):
    """Distinct readings of what is written, the likeliest first; none where nothing is.

    pin_released: what was accepted could not be held; these are the readings without it. partial: better ones are
    coming. outdated: the last stroke has grown since they were asked for.
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
    """What is written, what may be written, and what was read of it.

    over: set by the next edit; that the last stroke grows is none. read: by the beam's width how many candidates were
    asked for, and what was found.
    """

    state: SessionState
    restriction: np.ndarray | None
    over: threading.Event = field(default_factory=threading.Event)
    read: dict[int, tuple[int, Candidates]] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class _Taken:
    """What `commit` takes out of a session, and puts back where it cannot be read."""

    moment: _Moment
    undo: list[SessionState]
    redo: list[SessionState]
    given: dict[Candidate, Marks]
    growing: bool


class Session:
    """One expression after the other, each from its first stroke to `commit`.

    Its methods may be called from any thread. Those that edit are done at once, as one step for all threads.
    """

    def __init__(self, recognizer: Reader) -> None:
        self.recognizer = recognizer
        self._lock = threading.RLock()  # guards everything below; held for moments only, never while decoding
        self._moment = _Moment(SessionState(), recognizer.restriction)
        self._undo: list[SessionState] = []
        self._redo: list[SessionState] = []
        self._growing = False  # the last edit added the last stroke, or grew it
        self._cut = False  # `commit` took a stroke that was growing, and nothing was edited since
        self._given: dict[Candidate, Marks] = {}  # what `accept` and `reject` know, and the strokes it was read from
        self._encoded: tuple[Marks, Any, Strokes] | None = None  # the last one; under the recogniser's lock

    @property
    def _state(self) -> SessionState:
        return self._moment.state

    # --- strokes

    @property
    def strokes(self) -> tuple[np.ndarray, ...]:
        """The strokes as they were given, float64 (N, 2) each."""
        return tuple(stroke.points for stroke in self._state.strokes)

    @property
    def accepted(self) -> Candidate | None:
        """The accepted reading, until another is, it is rejected or one of its strokes erased."""
        accepted = self._state.accepted
        return accepted.candidate if accepted else None

    @property
    def accepted_for_all(self) -> Candidate | None:
        """The accepted reading where it is one of all that is written, and within the restriction."""
        return self._accepted_for_all(self._moment)

    @property
    def can_undo(self) -> bool:
        """Whether `undo` has something to take back."""
        return bool(self._undo)

    @property
    def can_redo(self) -> bool:
        """Whether `redo` has something to do again."""
        return bool(self._redo)

    def add_stroke(self, points: Any) -> None:
        """Add a stroke.

        Args:
            points: array-like (N, 2) with N >= 1, x to the right and y downwards, in one unit for all strokes.

        Raises RecognizerError for one more than the model reads and InkError for what is no stroke or has too many
        points; the session then stays as it was.
        """
        self.add_strokes([points])

    def add_strokes(self, strokes: Iterable[Any]) -> None:
        """Add several strokes as one edit, each as `add_stroke` takes it. No edit where there are none.

        Raises as `add_stroke`; the session then stays as it was.
        """
        strokes = list(strokes)
        with self._lock:
            added = self._checked(strokes, self._state.strokes)
            if added:
                self._edit(self._state.added(added))
                self._growing = len(added) == 1

    def replace_strokes(self, strokes: Iterable[Any]) -> None:
        """Write these strokes in the place of all that is there, as one edit: those of a file, for example.

        What was accepted and rejected goes. No edit where there are none before and after. Raises as `add_stroke`; the
        session then stays as it was.
        """
        strokes = list(strokes)
        with self._lock:
            added = self._checked(strokes, ())
            if added or self._state.strokes:
                self._edit(SessionState(added))

    def extend_stroke(self, points: Any) -> None:
        """Put more points behind the last stroke's: the pen has moved on.

        `undo` still takes the stroke as a whole, unless something else was edited since it was added; then it takes
        these points. Behind a `commit` that took the stroke while it grew, they begin a stroke of the next expression.

        Raises RecognizerError without a stroke, InkError as `add_stroke`; the session then stays as it was.
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

    def erase(self, *stroke_indices: int) -> None:
        """Take strokes away as one edit, by their indices in `strokes`; what was accepted of them is released.

        No edit where no index is given. Raises RecognizerError where one of the strokes is not there; the session then
        stays as it was.
        """
        with self._lock:
            count = len(self._state.strokes)
            for index in stroke_indices:
                if not is_within(index, count):
                    raise RecognizerError(f"no stroke {index}: there are {count}, counted from 0")
            if stroke_indices:
                self._edit(self._state.erased(stroke_indices))

    def clear(self) -> None:
        """Take everything away; `undo` brings it back. No edit where nothing is written."""
        self.replace_strokes([])

    def undo(self) -> bool:
        """Take the last edit back (a stroke, erasing, clearing, accepting, rejecting); False where there is none."""
        with self._lock:
            return self._step(self._undo, self._redo)

    def redo(self) -> bool:
        """Do again what `undo` took back; False where there is nothing, or something was edited since."""
        with self._lock:
            return self._step(self._redo, self._undo)

    # --- readings

    def candidates(self, n: int = 1) -> Candidates:
        """Read what is written now; where something is edited meanwhile, what is written then.

        Args:
            n: readings wanted, 1 to the model's widest beam; fewer come back only where the rules admit fewer.

        Raises RecognizerError for an impossible `n`, SearchError where a restriction leaves nothing to write.
        """
        self.recognizer.check_candidates(n)
        return self._until_current(lambda moment: self._candidates(moment, n))

    def stream(self, n: int = 1) -> Iterator[Candidates]:
        """Read what is written now, best effort first: one greedy reading (`partial`), then the `n` asked for.

        Ends early, without the last one, where something is edited meanwhile. The first is left out where it would be
        no quicker: greedily, and behind a rejection. Raises as `candidates`.
        """
        self.recognizer.check_candidates(n)
        moment = self._moment
        try:
            if moment.state.strokes and self._width(moment.state, 1, beams=1) < self._width(moment.state, n):
                yield replace(self._candidates(moment, 1, beams=1), partial=True)
            yield self._candidates(moment, n)
        except Exception:  # of a reading that nobody wants any more
            if not moment.over.is_set():
                raise

    def alternatives(self, token_index: int, candidate: Candidate | None = None) -> Candidates:
        """List what a token could be instead: whole readings that differ in it alone, the likeliest first.

        Args:
            token_index: into `candidate.tokens`.
            candidate: one that this session gave for the strokes that are there now; the first one if not given.

        Raises RecognizerError where there is no such token, or no such candidate.
        """
        return self._until_current(lambda moment: self._alternatives(moment, token_index, candidate))

    def restrict(self, tokens: str | Iterable[str] | None) -> None:
        """Write these tokens only: a preset's name, the tokens themselves, or None for the whole vocabulary.

        Braces and the end of a table come along; what cannot be closed with these tokens is not opened.

        Raises RecognizerError for an unknown preset, for tokens that the vocabulary lacks, and where none is named.
        """
        mask = None if tokens is None else restriction_mask(self.recognizer.vocabulary, tokens)
        with self._lock:
            self._change(self._state, mask)

    # --- decisions

    def accept(self, candidate: Candidate) -> None:
        """Pin a reading: from now on all hold its tokens in their order, as far as ink and restriction let them.

        A later acceptance takes its place. Raises RecognizerError for a candidate that this session did not give for
        strokes that are still there.
        """
        with self._lock:
            self._edit(self._state.pinned(candidate, self._marks_of(candidate)))

    def reject(self, candidate: Candidate) -> None:
        """Keep a reading from coming back for the same strokes; a pin of the same reading goes.

        Raises RecognizerError as `accept`.
        """
        with self._lock:
            self._edit(self._state.without(candidate, self._marks_of(candidate)))

    def commit(self) -> Candidate:
        """End the expression and hand it over: what was accepted for all of its strokes, else the likeliest reading.

        The expression is what is written at the call. The session is empty from then on, also while the likeliest
        reading is still being searched: strokes and points that arrive meanwhile belong to the next expression. Nothing
        of this one can be undone. What is accepted but not within the restriction is passed over.

        Raises RecognizerError where nothing is written, SearchError as `candidates`. The expression then comes back,
        before what was written meanwhile.
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
            path: ends with .inkml; an older file is replaced.
            latex: what the ink says, where no candidate does.

        Raises RecognizerError where nothing was accepted for all of the strokes and no `latex` is given, where that
        does not parse or is empty, and for a path that cannot be written; an older file then stays.
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
        except (OSError, ValueError) as error:  # ValueError: no path at all
            reason = getattr(error, "strerror", None) or error
            raise RecognizerError(
                f"{path} cannot be written ({reason}): name a file in a folder that exists"
            ) from error

    # --- edits

    def _checked(self, strokes: Sequence[Any], beside: Sequence[Stroke]) -> tuple[Stroke, ...]:
        """Return new strokes that can stand beside others. Raises as `add_stroke`."""
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
        """Take the expression out and begin the next one. What is taken is not superseded by what comes after."""
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
        """Put an expression back, before what was written since it was taken out."""
        with self._lock:
            first, edited = taken.moment.state, bool(self._undo or self._redo)
            self._undo = [*taken.undo, *(state.behind(first) for state in self._undo)]
            self._redo = [state.behind(first) for state in self._redo] if edited else taken.redo
            self._given = taken.given | self._given
            self._growing = self._growing if edited else taken.growing
            self._cut = False
            self._change(self._state.behind(first), self._moment.restriction)

    def _marks_of(self, candidate: Candidate) -> Marks:
        """The strokes that a candidate was read from."""
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
        """Read what is written, again where something is edited meanwhile."""
        while True:
            moment = self._moment
            try:
                return read(moment)
            except Exception:  # of a reading that nobody wants any more
                if not moment.over.is_set():
                    raise

    def _give(self, moment: _Moment, candidates: Candidates) -> Candidates:
        """Note what is handed out, and whether it is of what is written. Raises Stopped."""
        with self._lock:
            _check_current(moment)
            self._given |= dict.fromkeys(candidates, moment.state.marks)
            return replace(candidates, outdated=moment is not self._moment)

    def _candidates(self, moment: _Moment, n: int, beams: int | None = None) -> Candidates:
        """Read a moment's state and note what is handed out. Raises Stopped where something is edited meanwhile."""
        return self._give(moment, self._read(moment, n, beams))

    def _read(self, moment: _Moment, n: int, beams: int | None = None) -> Candidates:
        """Read a moment's state, once. Raises Stopped where something is edited meanwhile."""
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
        """How many hypotheses a reading takes: where one is refused only a beam has others than longer ones."""
        widest = self.recognizer.backend.beam_sizes[-1]
        return widest if state.refused_here() else max(n, beams or self.recognizer.beams)

    def _decode(self, moment: _Moment, n: int, width: int) -> tuple[list[Candidate], bool]:
        """Read a state: its candidates, and whether its pin could not be held."""
        recognizer, state = self.recognizer, moment.state
        if not state.strokes:
            return [], False
        recognizer.check_strokes(len(state.strokes))
        encoded, strokes = self._encode(state)
        refused = [tuple(recognizer.vocabulary.encode(tokens)) for tokens in state.refused_here()]
        rules = {"restrict": moment.restriction, "refused": refused, "stop": moment.over.is_set}
        accepted = state.accepted
        if accepted and self._allows(moment, accepted.candidate):
            pin, accepted_for_all, widest = (
                self._pin(state, accepted),
                state.accepted_for_all,
                recognizer.backend.beam_sizes[-1],
            )
            for tried in dict.fromkeys([width, widest]):  # where greedy search loses the pin, a beam may still hold it
                with contextlib.suppress(NoReadingError):
                    found = recognizer.decode(encoded, strokes, n, beams=tried, pin=pin, **rules)
                    return _first(accepted_for_all, found)[:n], False
            if accepted_for_all:
                return [accepted_for_all], False
        return recognizer.decode(encoded, strokes, n, beams=width, **rules), accepted is not None

    def _allows(self, moment: _Moment, candidate: Candidate) -> bool:
        """Whether a reading is within the restriction."""
        ids = self.recognizer.vocabulary.encode(candidate.tokens)
        return moment.restriction is None or bool(moment.restriction[ids].all())

    def _accepted_for_all(self, moment: _Moment) -> Candidate | None:
        """What is accepted for all of the strokes, where the restriction allows it."""
        reading = moment.state.accepted_for_all
        return reading if reading is not None and self._allows(moment, reading) else None

    def _committed(self, moment: _Moment) -> Candidate:
        """Return the reading that an expression is handed over as; the recogniser learns it."""
        reading = self._accepted_for_all(moment) or self._read(moment, 1)[0]
        self.recognizer.learn([stroke.points for stroke in moment.state.strokes], reading, moment.restriction)
        return reading

    def _encode(self, state: SessionState) -> tuple[Any, Strokes]:
        """Encode a state's strokes, computing what is not known of them yet."""
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
        """The readings with another token at one place, scored as a whole; under the recogniser's lock."""
        recognizer, stop = self.recognizer, moment.over.is_set
        encoded, _ = self._encode(moment.state)
        ids = recognizer.vocabulary.encode(reading.tokens)
        scores_V = following(recognizer.backend, encoded, ids[:token_index], stop)
        sequences = self._replacements(moment, ids, token_index, scores_V)
        if not sequences:
            return []
        together = [  # with what they replace, so that what the readings have is shared out among all
            *force(recognizer.backend, encoded, [ids], recognizer.calibration, stop),
            *force(recognizer.backend, encoded, sequences, recognizer.calibration, stop),
        ]
        symbols_N = [different_symbols(each, recognizer.visible) for each in (ids, *sequences)]
        scores = recognizer.calibration.weigh([float(scores_L.sum()) for scores_L in together], symbols_N)[1:]
        found = []
        for sequence, score in sorted(zip(sequences, scores, strict=True), key=lambda pair: -pair[1]):
            tokens = recognizer.vocabulary.decode(sequence)
            strokes, complete = reading.strokes_of_token, reading.complete
            found.append(Candidate(join(tokens), tokens, math.exp(score), score, strokes, complete))
        return found

    def _replacements(self, moment: _Moment, ids: list[int], index: int, scores_V: np.ndarray) -> list[list[int]]:
        """The likeliest sequences with another id at one place that the rules admit, as many as are scored at once."""
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
    """Raise Stopped where something was edited since."""
    if moment.over.is_set():
        raise Stopped


def _check_points(strokes: Sequence[Stroke], more: int) -> None:
    """Raise InkError where strokes have too many points with `more` of them."""
    total = sum(len(stroke.points) for stroke in strokes) + more
    if total > MAX_POINTS:
        raise InkError(f"{total} points, the limit is {MAX_POINTS}: thin the strokes, or commit and go on")


def _first(accepted_for_all: Candidate | None, found: list[Candidate]) -> list[Candidate]:
    """Put what is accepted for just these strokes before all else that would hold it."""
    return (
        [accepted_for_all, *(other for other in found if other.tokens != accepted_for_all.tokens)]
        if accepted_for_all
        else found
    )


def _label(state: SessionState, latex: str | None) -> str:
    """What a saved ink says: its accepted reading, or the LaTeX given. Raises RecognizerError where there is none."""
    if latex is None:
        if state.accepted_for_all is None:
            reason = f"no reading of all {len(state.strokes)} strokes is accepted"
            raise RecognizerError(f"{reason}: accept a candidate, or give the LaTeX")
        return state.accepted_for_all.latex
    try:
        label = join(normalize(latex))
    except LatexError as error:
        raise RecognizerError(f"the LaTeX {latex!r} does not parse: {error}") from error
    if not label:
        raise RecognizerError(f"the LaTeX {latex!r} says nothing: leave it out to save what is accepted")
    return label
