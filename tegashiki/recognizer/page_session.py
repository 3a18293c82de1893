r"""Read a page of several lines while it is being written: one session for each line.

    page = Recognizer.load().page_session()
    page.add_stroke(points)  # in the thread that handles the pen: the stroke finds its line, or begins one
    for candidates in page.line.stream(5):  # in another thread: readings of the line that was written last
        show(candidates)
    page.read().latex  # all lines as one formula, such as \begin{aligned} ... \end{aligned}

A reading of a line is kept until the line changes, so a long page costs what its last line costs. The model's limit of
strokes is one of a line. `tegashiki.recognizer.lines` tells the lines apart, and `begin_line` begins one in any case.

docs/runtime.md describes every method, also for TypeScript and Java.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tegashiki.ink.gestures import struck
from tegashiki.ink.ink import checked_stroke
from tegashiki.latex.rows import rows_to_latex
from tegashiki.recognizer.candidate import Candidate, RecognizerError, check_stroke_indices, is_within
from tegashiki.recognizer.lines import Place, box_of, place
from tegashiki.recognizer.reader import Reader
from tegashiki.recognizer.session import Session


@dataclass(frozen=True)
class PageReading:
    """The reading of a page.

    Attributes:
        latex: All lines as one formula.
        lines: The reading of each line from the top.
    """

    latex: str
    lines: tuple[Candidate, ...]


@dataclass(frozen=True)
class _Layout:
    """The lines from the top, and the index of the one that was written last."""

    lines: tuple[Session, ...] = ()
    current: int | None = None


@dataclass(frozen=True)
class _Edit:
    """An edit: the layouts before and after it, and the sessions that it edited, in this order."""

    before: _Layout
    after: _Layout
    edited: tuple[Session, ...]


class PageSession:
    """Reads pages of lines, one after the other, each from its first stroke to `commit`.

    The edits of this class go through it and not through the sessions of its lines: only then can they be undone in
    their order. All methods can be called from any thread.
    """

    def __init__(self, recognizer: Reader, *, automatic: bool = True) -> None:
        """Begin a page.

        Args:
            recognizer: Reads all lines.
            automatic: Whether strokes begin lines by where they are; otherwise only `begin_line` does.
        """
        self.recognizer = recognizer
        self.automatic = automatic
        self._lock = threading.RLock()  # guards everything below; never held while decoding
        self._layout = _Layout()
        self._begins = False  # the next stroke begins a line
        self._restriction: str | tuple[str, ...] | None = None
        self._empty = Session(recognizer)
        self._edited: list[Session] = []  # by the edit that is being made
        self._single: tuple[Sequence[np.ndarray], np.ndarray] | None = (
            None  # the strokes before the last edit's only one
        )
        self._undo: list[_Edit] = []
        self._redo: list[_Edit] = []

    # --- what is there

    @property
    def lines(self) -> tuple[Session, ...]:
        """The sessions of the lines from the top. They can be read; only the page edits them."""
        return self._layout.lines

    @property
    def current(self) -> int | None:
        """The index of the line that was written or chosen last, None on an empty page."""
        return self._layout.current

    @property
    def line(self) -> Session:
        """The session of the current line, an empty one on an empty page."""
        lines, current = self._layout.lines, self._layout.current
        return self._empty if current is None else lines[current]

    @property
    def strokes(self) -> tuple[np.ndarray, ...]:
        """The strokes of all lines, line by line from the top."""
        return tuple(stroke for line in self._layout.lines for stroke in line.strokes)

    @property
    def can_undo(self) -> bool:
        """Whether there is an edit to undo."""
        return bool(self._undo)

    @property
    def can_redo(self) -> bool:
        """Whether there is an edit to redo."""
        return bool(self._redo)

    # --- strokes

    def add_stroke(self, points: Any) -> None:
        """Add a stroke that is complete: where it belongs is known only then.

        Args:
            points: Array-like (N, 2) with N >= 1, x to the right and y downwards, in the same unit for all strokes.

        Raises:
            RecognizerError: The model cannot read another stroke in this line. The page stays unchanged.
            InkError: The points are not a stroke, or there are too many. The page stays unchanged.
        """
        self.add_strokes([points])

    def add_strokes(self, strokes: Iterable[Any]) -> None:
        """Add several strokes in the order of writing, as one edit. Without strokes, this is not an edit.

        Raises:
            RecognizerError, InkError: As for `add_stroke`. The page stays unchanged.
        """
        checked = [checked_stroke(points, index) for index, points in enumerate(strokes)]

        def add() -> None:
            for points in checked:
                self._add(points)

        with self._lock:
            written = self.strokes
            if checked:
                self._edit(add)
                self._single = (written, checked[0]) if len(checked) == 1 else None

    def replace_strokes(self, strokes: Iterable[Any]) -> None:
        """Replace everything by strokes in the order of writing, such as those of a file, as one edit.

        This is not an edit if there are no strokes before and after.

        Raises:
            RecognizerError, InkError: As for `add_stroke`. The page stays unchanged.
        """
        checked = [checked_stroke(points, index) for index, points in enumerate(strokes)]

        def replace() -> None:
            self._layout = _Layout()
            for points in checked:
                self._add(points)

        if checked or self._layout.lines:
            self._edit(replace)

    def replace_lines(self, lines: Iterable[Iterable[Any]]) -> None:
        """Replace everything by lines, from the top, each given by its strokes, as one edit. Empty lines are left out.

        This is not an edit if there are no strokes before and after.

        Raises:
            RecognizerError, InkError: As for `add_stroke`. The page stays unchanged.
        """
        checked = [[checked_stroke(points, index) for index, points in enumerate(line)] for line in lines]

        def replace() -> None:
            begun = [(self._begun(), line) for line in checked if line]
            for session, line in begun:
                self._write(session, line)
            self._layout = _Layout(tuple(session for session, _ in begun), len(begun) - 1 if begun else None)

        if any(checked) or self._layout.lines:
            self._edit(replace)

    def erase(self, *stroke_indices: int) -> None:
        """Erase strokes as one edit. A line without strokes is gone.

        Args:
            *stroke_indices: Indices in `strokes`. Without indices, this is not an edit.

        Raises:
            RecognizerError: A stroke does not exist. The page stays unchanged.
        """
        with self._lock:
            check_stroke_indices(stroke_indices, len(self.strokes))
            if stroke_indices:
                self._edit(lambda: self._erase(set(stroke_indices)))

    def apply_gesture(self) -> tuple[int, ...]:
        """Let the last stroke take away others, in whichever line, if it is a gesture. As of `Session.apply_gesture`.

        Returns:
            The indices in `strokes` that they had; none if the last stroke is ink.
        """
        with self._lock:
            taken = struck(*self._single) if self._single else ()
            if taken:
                self.undo()
                self.erase(*taken)
            return taken

    def move_strokes(self, stroke_indices: Iterable[int], dx: float, dy: float) -> None:
        """Move strokes as one edit. They stay in their lines. As of `Session.move_strokes`. Raises as it does."""
        indices = set(stroke_indices)
        with self._lock:
            check_stroke_indices(indices, len(self.strokes))
            for index in indices:
                checked_stroke(self.strokes[index] + np.array([dx, dy], np.float64), index)
            if indices and (dx or dy):
                self._edit(lambda: self._in_lines(indices, lambda line, here: line.move_strokes(here, dx, dy)))

    def clear(self) -> None:
        """Erase all strokes; `undo` restores them. Without strokes, this is not an edit."""
        self.erase(*range(len(self.strokes)))

    def begin_line(self) -> None:
        """Let the next stroke begin a new line below the current one. This is not an edit."""
        with self._lock:
            self._begins = self._layout.current is not None

    def go_to(self, line: int) -> None:
        """Make a line the current one. This is not an edit.

        Raises:
            RecognizerError: There is no such line.
        """
        with self._lock:
            if not is_within(line, len(self._layout.lines)):
                raise RecognizerError(f"no line {line}: there are {len(self._layout.lines)}, counted from 0")
            self._layout, self._begins = _Layout(self._layout.lines, line), False

    def join_line(self) -> None:
        """Make the current line one with the line above it, as one edit.

        Raises:
            RecognizerError: There is no line above, or both have more strokes than the model reads.
        """
        with self._lock:
            current = self._layout.current
            if not current:
                raise RecognizerError("there is no line above the current one to join it to")
            self._edit(lambda: self._join(current - 1, [current], []))

    def undo(self) -> bool:
        """Undo the last edit, in whichever line it was; return whether there was one."""
        with self._lock:
            if not self._undo:
                return False
            edit = self._undo.pop()
            for session in reversed(edit.edited):
                session.undo()
            self._redo.append(edit)
            self._layout, self._begins, self._single = edit.before, False, None
            return True

    def redo(self) -> bool:
        """Redo the edit that was undone last; return whether there was one."""
        with self._lock:
            if not self._redo:
                return False
            edit = self._redo.pop()
            for session in edit.edited:
                session.redo()
            self._undo.append(edit)
            self._layout, self._begins, self._single = edit.after, False, None
            return True

    # --- decisions

    def accept(self, candidate: Candidate) -> None:
        """Accept a reading of the current line, as `Session.accept` does. Raises as it does."""
        self._decide(lambda line: line.accept(candidate))

    def reject(self, candidate: Candidate) -> None:
        """Reject a reading of the current line, as `Session.reject` does. Raises as it does."""
        self._decide(lambda line: line.reject(candidate))

    def restrict(self, tokens: str | Iterable[str] | None) -> None:
        """Restrict the tokens of all lines, those to come included, as `Session.restrict` does. Raises as it does."""
        tokens = tokens if isinstance(tokens, str) or tokens is None else tuple(tokens)
        with self._lock:
            self._empty.restrict(tokens)
            self._restriction = tokens
            layouts = [
                self._layout,
                *(each for edit in (*self._undo, *self._redo) for each in (edit.before, edit.after)),
            ]
            for line in {line for layout in layouts for line in layout.lines}:
                line.restrict(tokens)

    # --- readings

    def read(self) -> PageReading:
        """Return the likeliest reading of every line, the accepted one where there is one, and their formula.

        Only lines that have changed since their last reading are read.

        Raises:
            NoReadingError: The restriction allows no reading of a line.
        """
        return _read(self._layout.lines)

    def commit(self) -> PageReading:
        """Finish the page: return what `read` returns, and let the recogniser learn it. Edits cannot be undone then.

        The page is empty from the call on. Strokes that are added meanwhile belong to the next page.

        Raises:
            RecognizerError: There are no strokes.
            NoReadingError: As `read`. The page is then restored, above any lines written meanwhile.
        """
        with self._lock:
            taken = self._layout
            if not taken.lines:
                raise RecognizerError("nothing is written: there is nothing to commit")
            undo, redo = self._undo, self._redo
            self._layout, self._begins, self._single, self._undo, self._redo = _Layout(), False, None, [], []
        try:
            reading = _read(taken.lines)
        except Exception:
            self._put_back(taken, undo, redo)
            raise
        for line in taken.lines:
            line.commit()
        return reading

    # --- edits

    def _edit(self, change: Callable[[], object]) -> None:
        """Make an edit. If it raises, what it has done is undone, and the steps to redo are gone if it had begun."""
        with self._lock:
            before, begins = self._layout, self._begins
            self._edited = []
            try:
                change()
            except Exception:
                for session in reversed(self._edited):
                    session.undo()
                if self._edited:
                    self._redo.clear()
                self._layout, self._begins = before, begins
                raise
            self._undo.append(_Edit(before, self._layout, tuple(self._edited)))
            self._redo.clear()
            self._begins, self._single = False, None

    def _decide(self, decide: Callable[[Session], None]) -> None:
        def change() -> None:
            decide(self.line)
            self._edited.append(self.line)

        self._edit(change)

    def _add(self, points: np.ndarray) -> None:
        """Add a stroke where it belongs."""
        lines = list(self._layout.lines)
        where = self._place(points)
        self._begins = False
        if where.joined:
            self._join(where.line, where.joined, [points])
            return
        if where.new:
            moved = self._cut_off(lines[where.line - 1], where.moved) if where.moved else []
            lines.insert(where.line, self._begun())
            self._write(lines[where.line], [*moved, points])
        else:
            self._write(lines[where.line], [points])
        self._layout = _Layout(tuple(lines), where.line)

    def _place(self, points: np.ndarray) -> Place:
        lines, current = self._layout.lines, self._layout.current
        if current is None:
            return Place(0, new=True)
        if self._begins:
            return Place(current + 1, new=True)
        if not self.automatic:
            return Place(current)
        return place([[box_of(stroke) for stroke in line.strokes] for line in lines], box_of(points), current)

    def _begun(self) -> Session:
        """Return a session for a new line."""
        session = Session(self.recognizer)
        if self._restriction is not None:
            session.restrict(self._restriction)
        return session

    def _write(self, session: Session, strokes: Sequence[np.ndarray]) -> None:
        session.add_strokes(strokes)
        self._edited.append(session)

    def _cut_off(self, session: Session, count: int) -> list[np.ndarray]:
        """Take the last strokes out of a line and return them."""
        strokes = session.strokes
        session.erase(*range(len(strokes) - count, len(strokes)))
        self._edited.append(session)
        return list(strokes[-count:])

    def _join(self, line: int, others: Sequence[int], strokes: Sequence[np.ndarray]) -> None:
        """Add the strokes of other lines, and further ones, to a line."""
        lines = self._layout.lines
        self._write(lines[line], [*(stroke for other in others for stroke in lines[other].strokes), *strokes])
        self._layout = _Layout(tuple(each for index, each in enumerate(lines) if index not in others), line)

    def _in_lines(self, indices: Collection[int], edit: Callable[[Session, list[int]], None]) -> None:
        """Edit the lines that have some of the strokes, each with the indices of its own."""
        start = 0
        for line in self._layout.lines:
            count = len(line.strokes)
            here = [index - start for index in sorted(indices) if start <= index < start + count]
            start += count
            if here:
                edit(line, here)
                self._edited.append(line)

    def _erase(self, indices: Collection[int]) -> None:
        lines = self._layout.lines
        self._in_lines(indices, lambda line, here: line.erase(*here))
        left = tuple(line for line in lines if line.strokes)
        current = sum(bool(line.strokes) for line in lines[: self._layout.current])
        self._layout = _Layout(left, min(current, len(left) - 1) if left else None)

    def _put_back(self, taken: _Layout, undo: list[_Edit], redo: list[_Edit]) -> None:
        """Put a page back, above the lines that were written since it was taken out."""
        with self._lock:
            edited = bool(self._undo or self._redo)
            self._undo = [*undo, *(_moved_down(edit, taken) for edit in self._undo)]
            self._redo = [_moved_down(edit, taken) for edit in self._redo] if edited else redo
            self._layout = _below(self._layout, taken)


def _below(layout: _Layout, first: _Layout) -> _Layout:
    """Return a layout below the lines of another one."""
    current = first.current if layout.current is None else layout.current + len(first.lines)
    return _Layout(first.lines + layout.lines, current)


def _moved_down(edit: _Edit, first: _Layout) -> _Edit:
    return _Edit(_below(edit.before, first), _below(edit.after, first), edit.edited)


def _read(lines: Sequence[Session]) -> PageReading:
    readings = tuple(line.accepted_for_all or line.candidates(1)[0] for line in lines)
    return PageReading(rows_to_latex([reading.tokens for reading in readings]), readings)
