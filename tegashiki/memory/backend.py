"""A decoding backend that mixes a writer's memory into a model's probabilities of the next token.

It replaces the model's own backend. Greedy and beam search, forced sequences, pins, restrictions and the grammar work
on it unchanged, because the memory changes the logits before any mask and before calibration.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import numpy as np

from tegashiki.decoding.backend import Backend, Cache, Hidden, HiddenBackend, encode_padded
from tegashiki.ink.preprocess import preprocess
from tegashiki.latex.vocabulary import BOS_ID, EOS_ID, Vocabulary
from tegashiki.memory.formula import Formula, Keys, LearningError
from tegashiki.memory.memory import WriterMemory
from tegashiki.memory.neighbours import KeySet, quantize


class RememberingBackend:
    """Implements `tegashiki.decoding.backend.Backend` with another backend and a memory."""

    def __init__(self, backend: Backend, vocabulary: Vocabulary, memory: WriterMemory) -> None:
        """Combine a model and a memory. Keys are computed by `refresh`, at the latest when the next ink is read.

        Args:
            backend: The model, a `HiddenBackend`.
            vocabulary: The tokens of the model.
            memory: The memory; it may change at any time.

        Raises:
            LearningError: The model file has no facts about its hidden vectors.
        """
        hidden = getattr(backend, "hidden", None)
        if hidden is None:
            raise LearningError(
                "this model cannot learn: only files of format 2 and newer show the decoder's hidden vectors, so "
                "export it again with `tegashiki export`, or give no memory"
            )
        self.backend = cast(HiddenBackend, backend)
        self.vocabulary, self.memory = vocabulary, memory
        self._hidden: Hidden = hidden
        self._changes = -1  # `memory.changes` when the keys were stacked
        self._keys = KeySet.stack([], [], [])

    def __getattr__(self, name: str) -> Any:
        if name == "backend":  # `copy` asks before the attribute is set
            raise AttributeError(name)
        return getattr(self.backend, name)

    def init_cache(self, encoded: Any, beams: int) -> Cache:
        """Return the state before the first token, after an update of the keys."""
        self.refresh()
        return self.backend.init_cache(encoded, beams)

    def decode_step(
        self, encoded: Any, cache: Cache, tokens_W: np.ndarray, position: int
    ) -> tuple[np.ndarray, np.ndarray, Cache]:
        """Decode one token for each row as the model does, and mix the memory into the logits."""
        logits_WV, attention_WS, hidden_WD, cache = self.backend.decode_hidden(encoded, cache, tokens_W, position)
        if len(self._keys.ids_N) and hidden_WD is not None:
            logits_WV = self._keys.mix(logits_WV, hidden_WD - self._hidden.mean_D)
        return logits_WV, attention_WS, cache

    def refresh(self) -> None:
        """Compute the keys that are missing or belong to another model. Call this under the recogniser's lock."""
        changes = self.memory.changes
        if changes == self._changes:
            return
        formulas = self.memory.formulas
        for formula in formulas:
            if formula.keys is None or not self._fits(formula.keys):
                formula.keys = self.make_keys(formula)
        known = [formula for formula in formulas if formula.keys is not None and len(formula.keys.vectors_ND)]
        self._keys = KeySet.stack(
            [formula.keys.vectors_ND for formula in known if formula.keys is not None],
            [self._ids(formula) for formula in known],
            [self._allowed(formula) for formula in known],
            self._keys.outlines.axes_DA if self._keys.outlines else None,
        )
        self._changes = changes

    def make_keys(self, formula: Formula) -> Keys:
        """Return the keys of a formula, from one forced pass of the model over its tokens.

        A formula that the model cannot read or write has no keys.
        """
        backend, fingerprint = self.backend, self._hidden.fingerprint
        fits = len(formula.strokes) <= backend.stroke_sizes[-1] and formula.size <= backend.max_tokens
        if not fits or self.vocabulary.missing(formula.tokens):
            return Keys(fingerprint, np.zeros((0, len(self._hidden.mean_D)), np.int8), 0)
        strokes = preprocess(formula.strokes)
        stems = [backend.stem(points_P2) for points_P2 in strokes.points_SP2]
        encoded, rows = encode_padded(backend, stems, strokes.boxes_S3), backend.beam_sizes[0]
        cache = backend.init_cache(encoded, rows)
        vectors, missed, ids = [], 0, self._ids(formula)
        for position, (given, wanted) in enumerate(zip([BOS_ID, *ids], ids, strict=False)):
            tokens_W = np.full(rows, given, np.int32)
            logits_WV, _, hidden_WD, cache = backend.decode_hidden(encoded, cache, tokens_W, position)
            assert hidden_WD is not None  # a model file with facts about the vectors also returns them
            vectors.append(hidden_WD[0] - self._hidden.mean_D)
            missed += int(logits_WV[0].argmax()) != wanted
        return Keys(fingerprint, quantize(np.array(vectors)), missed)

    def _fits(self, keys: Keys) -> bool:
        """Whether the model made these keys. Those of an edited file may have another width."""
        return keys.model == self._hidden.fingerprint and keys.vectors_ND.shape[1] == len(self._hidden.mean_D)

    def _ids(self, formula: Formula) -> Sequence[int]:
        return [*self.vocabulary.encode(formula.tokens), EOS_ID]

    def _allowed(self, formula: Formula) -> np.ndarray | None:
        """Return the mask, bool (V,), of the ids that were allowed when a formula was accepted; None for all."""
        if formula.allowed is None:
            return None
        mask_V = np.zeros(len(self.vocabulary), bool)
        mask_V[EOS_ID] = True
        mask_V[[self.vocabulary.index(token) for token in formula.allowed if token in self.vocabulary]] = True
        return mask_V
