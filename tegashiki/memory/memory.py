r"""The memory of a writer: a limited number of inks with their LaTeX, oldest first.

    memory = WriterMemory.open("me.json")  # an empty memory if there is no such file
    recognizer = Recognizer.load(memory=memory)
    memory.learn(ink, r"\frac{a}{b}")
    memory.save()

docs/memory.md describes the file format and how a memory changes the readings.
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
    """The formulas of one writer. It can be used from several threads."""

    def __init__(self, path: str | Path | None = None, most_tokens: int = MOST_TOKENS) -> None:
        """Make an empty memory.

        Args:
            path: The file that `save` writes, None for no file.
            most_tokens: The maximum number of tokens, including end tokens.
        """
        self.path = None if path is None else Path(path)
        self.most_tokens = most_tokens
        self.changes = 0  # number of changes of the formulas
        self._formulas: tuple[Formula, ...] = ()
        self._lock = threading.RLock()

    @classmethod
    def open(cls, path: str | Path) -> WriterMemory:
        """Read a memory from its file. If the file does not exist, the memory is empty.

        Raises:
            MemoryFileError: The file is damaged, not a memory, of a newer format, or cannot be read.
        """
        memory = cls(path)
        if memory.path is not None and memory.path.exists():
            memory._replace(read_formulas(memory.path))
        return memory

    def save(self, path: str | Path | None = None) -> None:
        """Write the memory to a file, replacing an older file atomically.

        Args:
            path: The file; by default the one that the memory was opened from.

        Raises:
            LearningError: `path` is None and the memory has no file.
            OSError: The file cannot be written. An older file stays unchanged.
        """
        target = Path(path) if path is not None else self.path
        if target is None:
            raise LearningError("this memory has no file: say where to save it")
        # Under the lock, because threads would share the temporary file, and the last one has to write everything.
        with self._lock, atomic_write(target) as unfinished:
            unfinished.write_text(write_formulas(self.formulas), "utf-8")

    @property
    def formulas(self) -> tuple[Formula, ...]:
        """The formulas, in the order in which they were learnt."""
        return self._formulas

    @property
    def tokens(self) -> int:
        """The number of tokens of all formulas, including end tokens."""
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
        """Remember an ink with its LaTeX. A formula with the same strokes is replaced.

        Args:
            ink: An ink or its strokes, in any unit.
            latex: The LaTeX of the ink, or its tokens.
            allowed: The tokens that could be written when the formula was accepted, None for all. The formula then
                counts only as a choice among these tokens.
            learnt: The time of learning in seconds since 1970, None for now.

        Raises:
            LearningError: There are no strokes, the LaTeX is empty, or it has more tokens than the memory can hold.
            LatexError: The LaTeX does not parse.
            InkError: A stroke is not valid.
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
        """Remove formulas and return how many were removed.

        Args:
            which: The index of a formula, the LaTeX of one or several formulas, or the formula itself.

        Raises:
            LearningError: There is no such formula.
            LatexError: The LaTeX does not parse.
        """
        with self._lock:
            gone = self.find(which)
            self._replace([formula for formula in self._formulas if formula not in gone])
        return len(gone)

    def clear(self) -> None:
        """Remove all formulas."""
        with self._lock:
            self._replace([])

    def merge(self, other: WriterMemory) -> int:
        """Add the formulas of another memory, ordered by age. For the same strokes, the label learnt last is kept.

        Returns:
            The increase in the number of formulas, which may be smaller than the number in the other memory.
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
        """Write each formula as InkML into a folder, for `tegashiki prepare ink_folder`.

        Args:
            folder: The folder; it is created if necessary.
            writer: The writer's name in the InkML files.

        Returns:
            The number of files.

        Raises:
            OSError: A file cannot be written.
        """
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        formulas = self.formulas
        for number, formula in enumerate(formulas):
            with atomic_write(folder / f"{number:04d}.inkml") as unfinished:
                unfinished.write_text(write_inkml(formula.ink(writer)), "utf-8")
        return len(formulas)

    def find(self, which: int | str | Formula) -> list[Formula]:
        """Return the formulas that `forget` would remove; it also tells what `which` can be and what is raised."""
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
        """Replace the formulas, dropping some if they have too many tokens."""
        with self._lock:
            self._formulas = make_room(formulas, self.most_tokens)
            self.changes += 1


def make_room(formulas: Sequence[Formula], most_tokens: int) -> tuple[Formula, ...]:
    """Drop formulas until the others have at most `most_tokens` tokens in total.

    The oldest redundant formula of the older half is dropped first. A formula is redundant if the model reads it
    correctly without a memory. If there is none, the oldest formula is dropped.
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
