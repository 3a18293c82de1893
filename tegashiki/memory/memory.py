r"""What a recogniser has learnt of one writer: inks with what they say, bounded, oldest first.

    memory = WriterMemory.open("me.json")  # new where there is no such file
    recognizer = Recognizer.load(memory=memory)
    memory.learn(ink, r"\frac{a}{b}")
    memory.save()

docs/memory.md has the file's format and how a memory changes what is read.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tegashiki.ink.ink import Ink
from tegashiki.ink.inkml import write_inkml
from tegashiki.memory.file import read_formulas, write_formulas
from tegashiki.memory.formula import Formula, LearningError, make_formula
from tegashiki.safe_files import atomic_write

MOST_TOKENS = 4000


class WriterMemory:
    """The formulas of one writer, for any number of threads."""

    def __init__(self, path: str | Path | None = None, most_tokens: int = MOST_TOKENS) -> None:
        """Make an empty memory.

        Args:
            path: the file that `save` writes, if there is to be one.
            most_tokens: how many tokens it holds, end tokens included.
        """
        self.path = None if path is None else Path(path)
        self.most_tokens = most_tokens
        self.changes = 0  # how often the formulas were others than before
        self._formulas: tuple[Formula, ...] = ()
        self._lock = threading.RLock()

    @classmethod
    def open(cls, path: str | Path) -> WriterMemory:
        """Read a memory's file; one that does not exist yet is an empty memory.

        Raises:
            MemoryFileError: the file is damaged, foreign, of a newer format, or cannot be read.
        """
        memory = cls(path)
        if memory.path is not None and memory.path.exists():
            memory._replace(read_formulas(memory.path))
        return memory

    def save(self, path: str | Path | None = None) -> None:
        """Write the memory in one move: to `path`, or to the file that it was opened from.

        Raises:
            LearningError: neither is known.
            OSError: the file cannot be written; an older one stays whole.
        """
        target = Path(path) if path is not None else self.path
        if target is None:
            raise LearningError("this memory has no file: say where to save it")
        with atomic_write(target) as unfinished:
            unfinished.write_text(write_formulas(self.formulas), "utf-8")

    @property
    def formulas(self) -> tuple[Formula, ...]:
        """The formulas, those learnt first before the others."""
        return self._formulas

    @property
    def tokens(self) -> int:
        """How many tokens the formulas have, end tokens included."""
        return sum(formula.size for formula in self._formulas)

    def __len__(self) -> int:
        return len(self._formulas)

    # --- changes

    def learn(
        self,
        ink: Ink | Sequence[Any],
        latex: str | Sequence[str],
        *,
        allowed: Iterable[str] | None = None,
        learnt: int | None = None,
    ) -> Formula:
        """Keep an ink with what it says; the same strokes again only change what they say.

        Args:
            ink: an ink or its strokes, any unit.
            latex: LaTeX, or its tokens.
            allowed: the tokens that could be written when this was accepted, None for all: it then says nothing of the
                others.
            learnt: when, in seconds since 1970; None is now.

        Raises:
            LearningError: no strokes, LaTeX that says nothing, more tokens than the memory holds.
            LatexError: the LaTeX does not parse.
            InkError: strokes that are none.
        """
        strokes = ink.strokes if isinstance(ink, Ink) else Ink(tuple(ink)).strokes
        when = int(time.time()) if learnt is None else learnt
        formula = make_formula(strokes, latex, when, allowed)
        if formula.size > self.most_tokens:
            raise LearningError(
                f"{formula.size} tokens are more than the {self.most_tokens} that this memory holds: learn it in parts"
            )
        with self._lock:
            self._replace([*(other for other in self._formulas if not formula.same_ink(other)), formula])
        return formula

    def forget(self, which: int | str | Formula) -> int:
        """Drop a formula by its number, by what it says (all that say so), or itself; returns how many went.

        Raises:
            LearningError: there is no such formula.
            LatexError: LaTeX that does not parse.
        """
        with self._lock:
            gone = self._find(which)
            self._replace([formula for formula in self._formulas if formula not in gone])
        return len(gone)

    def clear(self) -> None:
        """Drop all formulas."""
        with self._lock:
            self._replace([])

    def merge(self, other: WriterMemory) -> int:
        """Take in another memory's formulas, by age; of the same strokes the label learnt last counts.

        Returns how many formulas it holds more than before, which may be fewer than the other had.
        """
        with self._lock:
            before = len(self)
            merged: list[Formula] = []
            for formula in sorted((*self._formulas, *other.formulas), key=lambda formula: formula.learnt):
                merged = [each for each in merged if not formula.same_ink(each)]
                merged.append(formula)
            self._replace(merged)
            return len(self) - before

    def export(self, folder: str | Path, writer: str = "") -> int:
        """Write each formula as InkML into a folder, for `tegashiki prepare ink_folder`; returns how many.

        Raises OSError where that cannot be written.
        """
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        formulas = self.formulas
        for number, formula in enumerate(formulas):
            with atomic_write(folder / f"{number:04d}.inkml") as unfinished:
                unfinished.write_text(write_inkml(formula.ink(writer)), "utf-8")
        return len(formulas)

    def _find(self, which: int | str | Formula) -> list[Formula]:
        formulas = self._formulas
        if isinstance(which, str):
            tokens = make_formula([np.zeros((1, 2))], which, 0).tokens
            found = [formula for formula in formulas if formula.tokens == tokens]
        elif isinstance(which, Formula):
            found = [formula for formula in formulas if formula is which]
        else:
            found = [formulas[which]] if 0 <= which < len(formulas) else []
        if not found:
            named = which.latex if isinstance(which, Formula) else which
            raise LearningError(f"no formula {named!r}: the memory has {len(formulas)}, numbered from 0")
        return found

    def _replace(self, formulas: Sequence[Formula]) -> None:
        """Hold these formulas, but for what has to make room."""
        with self._lock:
            self._formulas = make_room(formulas, self.most_tokens)
            self.changes += 1


def make_room(formulas: Sequence[Formula], most_tokens: int) -> tuple[Formula, ...]:
    """Return formulas of at most `most_tokens` tokens together.

    Among the older half the oldest goes first that is redundant: the model reads it rightly without any memory. Where
    there is none such, the oldest of all goes.
    """
    kept = list(formulas)
    total = sum(formula.size for formula in kept)
    while total > most_tokens:
        older = kept[: (len(kept) + 1) // 2]
        redundant = (formula for formula in older if formula.keys is not None and not formula.keys.missed)
        gone = next(redundant, kept[0])
        kept.remove(gone)
        total -= gone.size
    return tuple(kept)
