"""Read whole inks with a loaded model: preprocess, encode, search, and return candidates."""

from __future__ import annotations

import copy
import math
import threading
import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np

from tegashiki.decoding.backend import Backend, encode_padded
from tegashiki.decoding.calibration import UNCALIBRATED, Calibration
from tegashiki.decoding.search import Hypothesis, search
from tegashiki.errors import UserError
from tegashiki.ink.ink import Ink
from tegashiki.ink.preprocess import Strokes, preprocess
from tegashiki.latex.environments import to_latex
from tegashiki.latex.grammar import Grammar
from tegashiki.latex.visible import different_symbols, visible_mask
from tegashiki.latex.vocabulary import CLOSERS, EOS_ID, RESTRICTIONS, Vocabulary
from tegashiki.memory.backend import RememberingBackend
from tegashiki.memory.file import MemoryFileError
from tegashiki.memory.memory import WriterMemory
from tegashiki.recognizer.assignment import drawn_tokens, strokes_of_token
from tegashiki.recognizer.candidate import Candidate, RecognizerError, is_within
from tegashiki.recognizer.doubt import doubtful_tokens


class Reader:
    """Reads inks with one model. Threads and sessions can share it; they take turns by `lock`."""

    def __init__(
        self,
        backend: Backend,
        vocabulary: Vocabulary,
        *,
        beams: int | None = None,
        restrict: str | Iterable[str] | None = None,
        grammar: bool = True,
        calibration: Calibration = UNCALIBRATED,
        memory: WriterMemory | str | Path | None = None,
        learning: bool = True,
    ):
        """Make a reader for a loaded model.

        Args:
            backend: The model. `Recognizer.load` opens a .tflite file.
            vocabulary: The tokens that the model was trained with.
            beams: The number of hypotheses kept while decoding, from 1 (greedy) to the model's widest beam; None for
                the widest.
            restrict: A name in `tegashiki.latex.vocabulary.RESTRICTIONS`, or the tokens that may be written; see
                `restriction_mask`.
            grammar: Whether to write only LaTeX that parses.
            calibration: The calibration of the model's log probabilities. A .tflite file contains it.
            memory: The writer's memory, or its file. If the file is damaged, a warning says so and the reader has no
                memory.
            learning: Whether the memory learns the expressions that sessions commit.

        Raises:
            RecognizerError: The vocabulary belongs to another model, or `beams` is out of range.
            LearningError: There is a memory, but the model cannot learn.
        """
        if len(vocabulary) != backend.vocabulary_size:
            raise RecognizerError(
                f"the vocabulary has {len(vocabulary)} tokens and the model {backend.vocabulary_size}: "
                "they do not belong together"
            )
        self.model = backend
        self.backend = backend  # the model, or the model with a memory
        self.vocabulary = vocabulary
        self.memory: WriterMemory | None = None
        self.learning = learning
        self.beams = backend.beam_sizes[-1] if beams is None else beams
        if not 1 <= self.beams <= backend.beam_sizes[-1]:
            raise RecognizerError(f"a beam of {beams} is outside 1 to {backend.beam_sizes[-1]}, this model's widest")
        self.calibration = calibration
        self.lock = threading.RLock()  # only one thread at a time may use the backend
        self.restriction = None if restrict is None else restriction_mask(vocabulary, restrict)
        ids = range(EOS_ID + 1, len(vocabulary)) if self.restriction is None else np.flatnonzero(self.restriction)
        self.writable = frozenset(vocabulary.decode([int(i) for i in ids if i > EOS_ID]))  # tokens that it can write
        self.grammar = Grammar(vocabulary) if grammar else None
        self.visible = visible_mask(vocabulary)
        self._remember(open_memory(memory))

    def remembering(self, memory: WriterMemory | None) -> Self:
        """Return a recogniser with the same model and settings, and another memory or none.

        Raises:
            LearningError: The model cannot learn.
        """
        other = copy.copy(self)
        other._remember(memory)
        return other

    def _remember(self, memory: WriterMemory | None) -> None:
        self.memory = memory
        self.backend = self.model if memory is None else RememberingBackend(self.model, self.vocabulary, memory)

    def learn(self, strokes: Sequence[Any], candidate: Candidate, restriction: np.ndarray | None = None) -> None:
        """Learn a committed expression, and save the memory if it has a file.

        Does nothing without a memory. If the memory cannot learn the expression or cannot be saved, a warning says so.

        Args:
            strokes: The ink.
            candidate: Its accepted reading. A reading that is not complete is not learnt.
            restriction: bool (V,), the ids that could be written, None for all.
        """
        if self.memory is None or not self.learning or not candidate.complete:
            return
        allowed = None
        if restriction is not None and not restriction.all():
            allowed = self.vocabulary.decode([int(i) for i in np.flatnonzero(restriction) if i > EOS_ID])
        try:
            self.memory.learn(strokes, candidate.tokens, allowed=allowed)
            self.make_keys()
            if self.memory.path is not None:
                self.memory.save()
        except (UserError, OSError) as error:
            warnings.warn(f"{candidate.latex!r} is not remembered: {error}", stacklevel=3)

    def make_keys(self) -> None:
        """Compute the keys of newly learnt formulas now. Otherwise the next reading computes them first."""
        if isinstance(self.backend, RememberingBackend):
            with self.lock:
                self.backend.refresh()

    def recognize(self, ink: Ink, n: int = 1) -> list[Candidate]:
        """Read one ink.

        Args:
            ink: The ink.
            n: The number of candidates wanted. A narrower beam is widened to `n`.

        Returns:
            Up to `n` candidates, the likeliest first.

        Raises:
            RecognizerError: The ink has no strokes or too many for the model, or `n` is out of range.
        """
        self.check_candidates(n)
        with self.lock:
            return self.decode(*self.encode_ink(ink), n)

    def encode_ink(self, ink: Ink) -> tuple[Any, Strokes]:
        """Return a whole ink in encoded form, and its strokes, for `decode`. Call this under `lock`.

        Raises:
            RecognizerError: The ink has no strokes or too many for the model.
        """
        self.check_strokes(len(ink.strokes))
        strokes = preprocess(ink)
        return self.encode([self.backend.stem(points_P2) for points_P2 in strokes.points_SP2], strokes), strokes

    def check_candidates(self, n: int) -> None:
        """Raise RecognizerError if the model cannot return `n` candidates."""
        if n == 0 or not is_within(n, self.backend.beam_sizes[-1] + 1):
            raise RecognizerError(f"{n} candidates asked for: this model gives 1 to {self.backend.beam_sizes[-1]}")

    def check_strokes(self, count: int) -> None:
        """Raise RecognizerError if the model cannot read an ink of `count` strokes."""
        limit = self.backend.stroke_sizes[-1]
        if count == 0:
            raise RecognizerError("the ink has no strokes: there is nothing to read")
        if count > limit:
            raise RecognizerError(f"the ink has {count} strokes, this model reads at most {limit}: read it in parts")

    def encode(self, stems: Sequence[np.ndarray], strokes: Strokes) -> Any:
        """Encode an ink. Call this under `lock`.

        Args:
            stems: The stem (E,) of each stroke.
            strokes: The ink as `preprocess` returns it.
        """
        return encode_padded(self.backend, stems, strokes.boxes_S3)

    def decode(
        self, encoded: Any, strokes: Strokes, n: int = 1, *, beams: int | None = None, **rules: Any
    ) -> list[Candidate]:
        """Read an encoded ink. Call this under `lock`.

        Args:
            encoded: The ink as `encode` returned it.
            strokes: The same ink as `preprocess` returned it.
            n: The number of candidates wanted.
            beams: The number of hypotheses to keep, by default that of the recogniser.
            **rules: `restrict`, `pin`, `refused` and `stop` of `tegashiki.decoding.search.search`; `restrict` is by
                default that of the recogniser.

        Raises:
            NoReadingError: No reading obeys the rules.
        """
        width = max(n, beams or self.beams)
        hypotheses = search(
            self.backend,
            encoded,
            beams=width,
            results=width if self.calibration.symbol_cost else n,  # the symbol cost compares a reading with the others
            grammar=self.grammar,
            calibration=self.calibration,
            **{"restrict": self.restriction, **rules},
        )
        logs_N = [hypothesis.log_probability for hypothesis in hypotheses]
        weighed = self.weigh(logs_N, [hypothesis.ids for hypothesis in hypotheses])
        best = sorted(zip(weighed, hypotheses, strict=True), key=lambda pair: -pair[0])[:n]
        pin = rules.get("pin")
        accepted = set() if pin is None else set(np.flatnonzero(pin.stroke_tokens_S >= 0).tolist())
        return [self._candidate(hypothesis, log_probability, strokes, accepted) for log_probability, hypothesis in best]

    def weigh(self, logs_N: Sequence[float], ids_N: Sequence[Sequence[int]]) -> list[float]:
        """Weigh the readings of one ink against each other, and doubt all of them alike if there is a memory.

        Args:
            logs_N: The calibrated log probability of each reading.
            ids_N: The ids of each reading.

        Returns:
            The log probabilities that candidates show.
        """
        doubt = 0.0 if self.memory is None else self.memory.doubt
        weighed = self.calibration.weigh(logs_N, [different_symbols(ids, self.visible) for ids in ids_N])
        return [log - doubt for log in weighed]

    def _candidate(
        self, hypothesis: Hypothesis, log_probability: float, strokes: Strokes, accepted: set[int]
    ) -> Candidate:
        """Make a candidate. `accepted` are the strokes whose tokens the writer has accepted."""
        tokens = self.vocabulary.decode(hypothesis.ids)
        attention_LS = hypothesis.attention[:, : len(strokes)]
        drawn_by = strokes_of_token(tokens, attention_LS, strokes)
        doubtful = doubtful_tokens(drawn_tokens(tokens), hypothesis.token_log_probabilities.tolist())
        return Candidate(
            latex=to_latex(tokens),
            tokens=tokens,
            probability=math.exp(log_probability),
            log_probability=log_probability,
            strokes_of_token=drawn_by,
            complete=len(hypothesis.ids) + 1 < self.backend.max_tokens,
            doubtful=tuple(index for index in doubtful if not drawn_by[index] or set(drawn_by[index]) - accepted),
            attention_LS=attention_LS,
        )


def open_memory(memory: WriterMemory | str | Path | None) -> WriterMemory | None:
    """Return a memory, reading it if a path is given. If the file cannot be read, warn and return None."""
    if memory is None or isinstance(memory, WriterMemory):
        return memory
    try:
        return WriterMemory.open(memory)
    except MemoryFileError as error:
        warnings.warn(f"{error}; reading goes on without it", stacklevel=3)
        return None


def restriction_mask(vocabulary: Vocabulary, restrict: str | Iterable[str]) -> np.ndarray:
    """Return the mask, bool (V,), of the ids that a restriction allows.

    Args:
        vocabulary: The tokens of the model.
        restrict: The name of a preset, or tokens. Braces and the end of a table are always allowed too.

    Raises:
        RecognizerError: The preset is unknown, a given token is not in the vocabulary, or no token is left. Tokens of
            a preset that the vocabulary lacks are ignored.
    """
    if isinstance(restrict, str):
        if restrict not in RESTRICTIONS:
            raise RecognizerError(f"no restriction {restrict!r}: choose from {', '.join(sorted(RESTRICTIONS))}")
        kept = RESTRICTIONS[restrict].intersection(vocabulary)
    else:
        kept = frozenset(restrict)
        if missing := [token for token in kept if token not in vocabulary]:
            named = ", ".join(f"'{token}'" for token in sorted(missing)[:5])
            raise RecognizerError(
                f"{len(missing)} tokens to restrict to are not in the vocabulary ({named}): leave them out"
            )
    if not kept:
        raise RecognizerError(
            "none of the tokens to restrict to is in the vocabulary: name some, or lift the restriction"
        )
    kept |= CLOSERS
    ids = range(EOS_ID + 1, len(vocabulary))  # the special ids come first
    mask = np.ones(len(vocabulary), bool)
    mask[EOS_ID + 1 :] = [token in kept for token in vocabulary.decode(ids)]
    return mask
