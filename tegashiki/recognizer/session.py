r"""An expression that is read while it is being written: the heart of an input method.

    session = Recognizer.load().session()
    session.add_stroke(points)  # (N, 2), any unit, y downwards; from the thread that has the pen
    for candidates in session.stream(5):  # from another one: the first reading at once, then five
        show(candidates)

Every edit (a stroke, undo, an acceptance ...) takes effect at once and supersedes a decode that is running in another
thread, which ends before its next step. A stroke's stem is computed once, when it is first read; encoder and decoder
run again on the stems. What is read is what `Recognizer.recognize` reads in the same strokes, until something is
accepted, rejected or restricted. docs/input-method.md has the state machine.
"""

from __future__ import annotations

import contextlib
import math
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from tegashiki.decoding.forced import following, force
from tegashiki.decoding.pin import Pin
from tegashiki.decoding.search import NoReadingError, Stopped
from tegashiki.ink.ink import MAX_POINTS, Ink, InkError
from tegashiki.ink.inkml import write_inkml
from tegashiki.ink.preprocess import Strokes, frame_stroke, normalize_boxes
from tegashiki.latex.normalize import normalize
from tegashiki.latex.parser import LatexError
from tegashiki.latex.tokenizer import join
from tegashiki.latex.vocabulary import EOS_ID
from tegashiki.recognizer.page import Marks, Page, Stroke
from tegashiki.recognizer.recognizer import Candidate, RecognizerError, different_symbols, restriction_mask

if TYPE_CHECKING:
    from tegashiki.recognizer.recognizer import Recognizer

ALTERNATIVES_TRIED = 50  # likeliest tokens that are tried in place of one; the rest have next to no probability


@dataclass(frozen=True)
class Candidates(Sequence[Candidate]):
    """Distinct readings of what is written, the likeliest first; none where nothing is.

    pin_released: what was accepted could not be held, and is no longer asked for. partial: better ones are coming.
    """

    readings: tuple[Candidate, ...] = ()
    pin_released: bool = False
    partial: bool = False

    @overload
    def __getitem__(self, index: int) -> Candidate: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Candidate, ...]: ...
    def __getitem__(self, index: int | slice) -> Candidate | tuple[Candidate, ...]:
        return self.readings[index]

    def __len__(self) -> int:
        return len(self.readings)


class Session:
    """One expression, from its first stroke to `commit`. Its methods may be called from any thread."""

    def __init__(self, recognizer: Recognizer) -> None:
        self.recognizer = recognizer
        self._lock = threading.RLock()  # guards everything below; held for moments only, never while decoding
        self._page = Page()
        self._undo: list[Page] = []
        self._redo: list[Page] = []
        self._growing = False  # the last edit added the last stroke, or grew it
        self._version = 0  # counts the changes after which another reading is asked for
        self._restriction = recognizer.restriction
        self._given: dict[Candidate, Marks] = {}  # what `accept` and `reject` know, and the strokes it was read from
        self._read: dict[int, Candidates] = {}  # of this version, by the number asked for
        self._encoded: tuple[Marks, Any, Strokes] | None = None  # the last one; under the recogniser's lock

    # --- strokes

    @property
    def strokes(self) -> tuple[np.ndarray, ...]:
        """The strokes as they were given, float64 (N, 2) each."""
        return tuple(stroke.points for stroke in self._page.strokes)

    @property
    def accepted(self) -> Candidate | None:
        """The accepted reading, as long as it is held."""
        accepted = self._page.accepted
        return accepted.candidate if accepted else None

    def add_stroke(self, points: Any) -> None:
        """Add a stroke.

        Args:
            points: array-like (N, 2) with N >= 1, x to the right and y downwards, in one unit for all strokes.

        Raises RecognizerError for one more than the model reads and InkError for what is no stroke or has too many
        points; the session then stays as it was.
        """
        stroke = Stroke(_checked(points))
        limit = self.recognizer.backend.stroke_sizes[-1]
        with self._lock:
            if len(self._page.strokes) == limit:
                raise RecognizerError(
                    f"this model reads at most {limit} strokes at once: commit what is written, go on"
                )
            self._check_points(len(stroke.points))
            self._edit(self._page.added(stroke))
            self._growing = True

    def extend_stroke(self, points: Any) -> None:
        """Put more points behind the last stroke's: the pen has moved on. `undo` still takes the stroke as a whole.

        Raises RecognizerError without a stroke, InkError as `add_stroke`; the session then stays as it was.
        """
        more = _checked(points)
        with self._lock:
            if not self._page.strokes:
                raise RecognizerError("there is no stroke to extend: add_stroke begins one")
            self._check_points(len(more))
            last = self._page.strokes[-1]
            page = self._page.grown(Stroke(_checked(np.concatenate([last.points, more])), last.number))
            if self._growing:
                self._change(page)
            else:
                self._edit(page)
            self._growing = True

    def erase(self, stroke_index: int) -> None:
        """Take one stroke away, by its index in `strokes`; what was accepted of it is released.

        Raises RecognizerError where there is no such stroke.
        """
        with self._lock:
            count = len(self._page.strokes)
            if not 0 <= stroke_index < count:
                raise RecognizerError(f"no stroke {stroke_index}: there are {count}, counted from 0")
            self._edit(self._page.erased(stroke_index))

    def clear(self) -> None:
        """Take everything away; `undo` brings it back."""
        with self._lock:
            self._edit(Page())

    def undo(self) -> bool:
        """Take the last edit back (a stroke, erasing, clearing, accepting, rejecting); False where there is none."""
        return self._step(self._undo, self._redo)

    def redo(self) -> bool:
        """Do again what `undo` took back; False where there is nothing, or something was edited since."""
        return self._step(self._redo, self._undo)

    # --- readings

    def candidates(self, n: int = 1) -> Candidates:
        """Read what is written now; where it changes meanwhile, what is written then.

        Args:
            n: readings wanted, 1 to the model's widest beam; fewer come back only where the rules admit fewer.

        Raises RecognizerError for an impossible `n`, SearchError where a restriction leaves nothing to write.
        """
        self.recognizer.check_candidates(n)
        while True:
            with self._lock:
                version = self._version
            candidates = self._candidates(version, n)
            if candidates is not None:
                return candidates

    def stream(self, n: int = 1) -> Iterator[Candidates]:
        """Read what is written now, best effort first: one greedy reading (`partial`), then the `n` asked for.

        Ends early, without the last one, where what is written changes meanwhile. Raises as `candidates`.
        """
        self.recognizer.check_candidates(n)
        with self._lock:
            version = self._version
        if max(n, self.recognizer.beams) > 1:
            first = self._candidates(version, 1, beams=1)
            if first is None:
                return
            if first:
                yield replace(first, partial=True)
        last = self._candidates(version, n)
        if last is not None:
            yield last

    def alternatives(self, token_index: int, candidate: Candidate | None = None) -> Candidates:
        """List what a token could be instead: whole readings that differ in it alone, the likeliest first.

        Args:
            token_index: into `candidate.tokens`.
            candidate: one that this session gave for the strokes that are there now; the first one if not given.

        Raises RecognizerError where there is no such token, or no such candidate.
        """
        while True:
            with self._lock:
                version, page, restriction = self._version, self._page, self._restriction
            reading = candidate or next(iter(self.candidates(1)), None)
            with self._lock:
                if version != self._version:  # the reading may be of another page
                    continue
                if candidate is not None and self._given.get(candidate) != page.marks:
                    raise RecognizerError(
                        "the candidate is no reading of what is written now: ask for candidates again"
                    )
            length = len(reading.tokens) if reading else 0
            if reading is None or not 0 <= token_index < length:
                raise RecognizerError(f"no token {token_index}: the reading has {length}")
            with self.recognizer.lock:
                found = self._replaced(page, restriction, reading, token_index)
            with self._lock:
                if version == self._version:
                    self._given |= dict.fromkeys(found, page.marks)
                    return Candidates(tuple(found))

    def restrict(self, tokens: str | Iterable[str] | None) -> None:
        """Write these tokens only: a preset's name, the tokens themselves, or None for the whole vocabulary.

        Braces and the end of a table come along; what cannot be closed with these tokens is not opened.

        Raises RecognizerError for an unknown preset, for tokens that the vocabulary lacks, and where none is named.
        """
        mask = None if tokens is None else restriction_mask(self.recognizer.vocabulary, tokens)
        with self._lock:
            self._restriction = mask
            self._change(self._page)

    # --- decisions

    def accept(self, candidate: Candidate) -> None:
        """Pin a reading: from now on all readings hold its tokens in their order, as far as the ink lets them.

        A later acceptance takes its place. Raises RecognizerError for a candidate that this session did not give for
        strokes that are still there.
        """
        with self._lock:
            self._edit(self._page.pinned(candidate, self._marks_of(candidate)))

    def reject(self, candidate: Candidate) -> None:
        """Keep a reading from coming back for the same strokes; a pin of the same reading goes.

        Raises RecognizerError as `accept`.
        """
        with self._lock:
            self._edit(self._page.without(candidate, self._marks_of(candidate)))

    def commit(self) -> Candidate:
        """End the expression and hand it over: what was accepted for all of its strokes, else the likeliest reading.

        The session is empty then and begins the next expression; nothing of this one can be undone.

        Raises RecognizerError where nothing is written.
        """
        while True:
            with self._lock:
                version, page = self._version, self._page
            reading = page.settled or next(iter(self.candidates(1)), None)
            if reading is None:
                raise RecognizerError("nothing is written: there is nothing to commit")
            with self._lock:
                if version == self._version:
                    self._undo.clear()
                    self._redo.clear()
                    self._given.clear()
                    self._growing = False
                    self._change(Page())
                    return reading

    def save(self, path: str | Path, latex: str | None = None) -> None:
        """Write the ink with its accepted LaTeX as InkML, which `read_ink` and the dataset `ink_folder` read.

        Args:
            path: ends with .inkml; an older file is replaced.
            latex: what the ink says, where no candidate does.

        Raises RecognizerError where nothing was accepted for all of the strokes and no `latex` is given, where that
        does not parse, and for a path that cannot be written.
        """
        path, page = Path(path), self._page
        if path.suffix != ".inkml" or not path.absolute().parent.is_dir():
            raise RecognizerError(f"{path}: give a name ending with .inkml in a folder that exists")
        if not page.strokes:
            raise RecognizerError("nothing is written: there is no ink to save")
        if latex is None and page.settled is None:
            raise RecognizerError(
                f"no reading of all {len(page.strokes)} strokes is accepted: accept a candidate, or give the LaTeX"
            )
        try:
            label = page.settled.latex if latex is None and page.settled else join(normalize(latex or ""))
        except LatexError as error:
            raise RecognizerError(f"the LaTeX {latex!r} does not parse: {error}") from error
        path.write_text(write_inkml(Ink(tuple(stroke.points for stroke in page.strokes), label)), "utf-8")

    # --- edits

    def _edit(self, page: Page) -> None:
        self._undo.append(self._page)
        self._redo.clear()
        self._growing = False
        self._change(page)

    def _step(self, source: list[Page], other: list[Page]) -> bool:
        with self._lock:
            if not source:
                return False
            other.append(self._page)
            self._growing = False
            self._change(source.pop())
            return True

    def _change(self, page: Page) -> None:
        self._page = page
        self._version += 1
        self._read.clear()

    def _check_points(self, more: int) -> None:
        total = sum(len(stroke.points) for stroke in self._page.strokes) + more
        if total > MAX_POINTS:
            raise InkError(f"{total} points, the limit is {MAX_POINTS}: thin the strokes, or commit and go on")

    def _marks_of(self, candidate: Candidate) -> Marks:
        """The strokes that a candidate was read from."""
        marks = self._given.get(candidate)
        if marks is None:
            raise RecognizerError(f"{candidate.latex!r} is no candidate of this session: ask for candidates first")
        there = {stroke.number for stroke in self._page.strokes}
        if not all(number in there for number, _ in marks):
            raise RecognizerError(f"{candidate.latex!r} was read from strokes that are gone: ask for candidates again")
        return marks

    # --- reading

    def _candidates(self, version: int, n: int, beams: int | None = None) -> Candidates | None:
        """Read one version of the page; None where it is another one by now."""
        with self.recognizer.lock:
            with self._lock:
                if version != self._version:
                    return None
                page, restriction = self._page, self._restriction
                if beams is None and n in self._read:
                    return self._read[n]
            try:
                found, released = self._decode(page, restriction, n, beams, lambda: self._version != version)
            except Stopped:
                return None
        with self._lock:
            if version != self._version:
                return None
            self._given |= dict.fromkeys(found, page.marks)
            if released:  # no edit: undo has nothing to bring back that could be held
                self._page = replace(page, accepted=None, released=True)
            candidates = Candidates(tuple(found), page.released or released)
            if beams is None:
                self._read[n] = candidates
            return candidates

    def _decode(
        self, page: Page, restriction: np.ndarray | None, n: int, beams: int | None, stop: Callable[[], bool]
    ) -> tuple[list[Candidate], bool]:
        """Read a page: its candidates, and whether its pin had to be released."""
        if not page.strokes:
            return [], False
        recognizer = self.recognizer
        encoded, strokes = self._encode(page)
        refused = [tuple(recognizer.vocabulary.encode(tokens)) for tokens in page.refused_here()]
        rules = {"restrict": restriction, "refused": refused, "stop": stop}
        # Behind a refused reading there is nothing but a longer one: only a beam has others.
        widest = recognizer.backend.beam_sizes[-1]
        width = widest if refused else (beams or recognizer.beams)
        pin = self._pin(page)
        if pin is not None:
            settled = page.settled if restriction is None or restriction[list(pin.ids)].all() else None
            for tried in dict.fromkeys([width, widest]):  # where greedy search loses the pin, a beam may still hold it
                with contextlib.suppress(NoReadingError):
                    found = recognizer.decode(encoded, strokes, n, beams=tried, pin=pin, **rules)
                    return _first(settled, found)[:n], False
            if settled:
                return [settled], False
        return recognizer.decode(encoded, strokes, n, beams=width, **rules), pin is not None

    def _encode(self, page: Page) -> tuple[Any, Strokes]:
        """Encode a page's strokes, computing what is not known of them yet."""
        marks = page.marks
        if self._encoded is None or self._encoded[0] != marks:
            for stroke in page.strokes:
                if stroke.framed is None or stroke.stem is None:
                    stroke.framed = frame_stroke(stroke.points)
                    stroke.stem = self.recognizer.backend.stem(stroke.framed[0])
            framed = [stroke.framed for stroke in page.strokes if stroke.framed is not None]
            boxes = normalize_boxes(np.array([box for _, box in framed]))
            strokes = Strokes(np.array([points for points, _ in framed]), boxes)
            stems = [stroke.stem for stroke in page.strokes if stroke.stem is not None]
            self._encoded = marks, self.recognizer.encode(stems, strokes), strokes
        return self._encoded[1:]

    def _pin(self, page: Page) -> Pin | None:
        if page.accepted is None:
            return None
        candidate, marks = page.accepted.candidate, page.accepted.marks
        token_of = {
            marks[stroke][0]: token for token, strokes in enumerate(candidate.strokes_of_token) for stroke in strokes
        }
        owner_S = np.array([token_of.get(stroke.number, -1) for stroke in page.strokes])
        ids = tuple(self.recognizer.vocabulary.encode(candidate.tokens))
        return Pin(ids, owner_S, self.recognizer.drawn)

    def _replaced(
        self, page: Page, restriction: np.ndarray | None, reading: Candidate, token_index: int
    ) -> list[Candidate]:
        """The readings with another token at one place, scored as a whole; under the recogniser's lock."""
        recognizer = self.recognizer
        encoded, _ = self._encode(page)
        ids = recognizer.vocabulary.encode(reading.tokens)
        scores_V = following(recognizer.backend, encoded, ids[:token_index])
        if restriction is not None:
            scores_V = np.where(restriction, scores_V, -np.inf)
        refused = page.refused_here()
        sequences = []
        for other in np.argsort(-scores_V)[:ALTERNATIVES_TRIED].tolist():
            sequence = [*ids[:token_index], other, *ids[token_index + 1 :]]
            fits = other > EOS_ID and other != ids[token_index] and scores_V[other] > -np.inf
            fits = fits and (recognizer.grammar is None or recognizer.grammar.accepts(sequence))
            if fits and recognizer.vocabulary.decode(sequence) not in refused:
                sequences.append(sequence)
        sequences = sequences[: recognizer.backend.beam_sizes[-1]]
        if not sequences:
            return []
        calibration = recognizer.calibration
        totals = [float(scores_L.sum()) for scores_L in force(recognizer.backend, encoded, sequences, calibration)]
        scores = calibration.weigh(totals, [different_symbols(ids, recognizer.drawn) for ids in sequences])
        found = []
        for sequence, score in sorted(zip(sequences, scores, strict=True), key=lambda pair: -pair[1]):
            tokens = recognizer.vocabulary.decode(sequence)
            strokes, complete = reading.strokes_of_token, reading.complete
            found.append(Candidate(join(tokens), tokens, math.exp(score), score, strokes, complete))
        return found


def _first(settled: Candidate | None, found: list[Candidate]) -> list[Candidate]:
    """Put what is accepted for just these strokes before all else that would hold it."""
    return [settled, *(other for other in found if other.tokens != settled.tokens)] if settled else found


def _checked(points: Any) -> np.ndarray:
    """One stroke's points as an ink holds them; InkError where they are no stroke."""
    return Ink((points,)).strokes[0]
