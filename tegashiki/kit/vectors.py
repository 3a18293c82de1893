"""Test vectors for recognisers in other languages: TypeScript in `web/` and Java in the mobile kit.

The vectors need no model file. They cover the preprocessing of embedded inks and of dots, random walks through the
grammar, searches with a model that is a formula (so that every language can compute it), weighing its readings, and
assigning strokes to tokens.
"""

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import astuple
from typing import Any

import numpy as np

from tegashiki.decoding.backend import Hidden
from tegashiki.decoding.calibration import Calibration
from tegashiki.decoding.pin import Pin
from tegashiki.decoding.search import NoReadingError, search
from tegashiki.ink.gestures import struck
from tegashiki.ink.ink import Ink
from tegashiki.ink.preprocess import preprocess
from tegashiki.latex.environments import to_latex
from tegashiki.latex.grammar import Grammar
from tegashiki.latex.normalize import normalize, visible_tokens
from tegashiki.latex.visible import INVISIBLE, different_symbols, visible_mask
from tegashiki.latex.vocabulary import CROHME_TOKENS, EOS_ID, Vocabulary
from tegashiki.recognizer.assignment import assign
from tegashiki.recognizer.doubt import doubtful_tokens
from tegashiki.recognizer.reader import restriction_mask
from tegashiki.synthesis.embedded import Drawn
from tegashiki.synthesis.tables import write_table

PRIME = 1_000_003
STROKES = 8
WIDTH = 16  # of the hidden vectors of the formula
PIN = ("a", "^", "{", "2", "}")
# A restriction with tokens that open groups, without the tokens needed to close some of them, such as `]`.
UNCLOSED = (r"\sqrt", "[", r"\frac", r"\begin{matrix}", "&", r"\widehat", *"xy1")

Entry = dict[str, Any]


def inks() -> dict[str, Ink]:
    """Return short and long embedded inks by name."""
    drawn = [*Drawn("test", range(3)), *Drawn("test", range(3), dialect="wide")]
    return {example.ink.source: example.ink for example in drawn}


def dots() -> dict[str, Ink]:
    """Return inks that consist of dots only, by name. Their unit is the distance of the dots."""
    strokes: dict[str, list] = {
        "one dot": [[(3, 4)]],
        "two dots": [[(0, 0)], [(0, 100_000)]],
        "two dots, held": [[(1, 1), (1, 1)], [(1, 2), (1, 2), (1, 2)]],
        "three dots, far from the origin": [[(1000, 7.5)], [(1000.25, 7.5)], [(1000.5, 7.5)]],
        "four dots, two at one place": [[(0, 0)], [(4, -8)], [(8, 0)], [(8, 0)]],
    }
    return {name: Ink(tuple(dots)) for name, dots in strokes.items()}


def tables() -> list[tuple[str, ...]]:
    """Return formulas whose tables come out in every environment, and some that stay matrices."""
    random_ = random.Random(1)
    nested = r"\begin{pmatrix}\begin{bmatrix}1\end{bmatrix}&\begin{cases}1\\2\end{cases}\end{pmatrix}"
    beside = r"\begin{vmatrix}a\end{vmatrix}\begin{vmatrix} [b]\end{vmatrix}+\begin{gathered}x=1\\y=2\end{gathered}"
    half = r"(\begin{matrix}x=1\\y=2\end{matrix}"
    root = r"\sqrt[\begin{matrix}1\\2\end{matrix}]{x}"
    return [*(normalize(latex) for latex in (nested, beside, half, root)), *(write_table(random_) for _ in range(24))]


def vectors(vocabulary: Vocabulary) -> dict[str, list[Entry]]:
    """Return all vectors for a vocabulary as JSON values, without pins if it lacks tokens of PIN."""
    cases = [case for case in _cases() if not vocabulary.missing(case.get("pin", ()))]
    return {
        "preprocessing": [_preprocessed(name, ink) for name, ink in (inks() | dots()).items()],
        "walks": [walk(vocabulary, seed) for seed in range(12)],
        "tables": [{"tokens": tokens, "latex": to_latex(tokens)} for tokens in tables()],
        "searches": [_searched(vocabulary, **case) for case in cases],
        "weighed": [_weighed(vocabulary, seed) for seed in range(4)],
        "doubts": [_doubted(seed) for seed in range(12)],
        "assignments": [_assigned(seed, index, ink) for seed in range(12) for index, ink in enumerate(inks().values())],
        "gestures": [_gesture(seed, index, ink) for seed in range(9) for index, ink in enumerate(inks().values())],
    }


def as_text(content: dict[str, list[Entry]]) -> str:
    """Format vectors as JSON with one line per entry, so that differences are readable."""
    parts = []
    for name, entries in content.items():
        lines = ",\n".join(json.dumps(entry, separators=(",", ":")) for entry in entries)
        parts.append(f'"{name}": [\n{lines}\n]')
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _preprocessed(name: str, ink: Ink) -> Entry:
    strokes = preprocess(ink)
    return {
        "name": name,
        "strokes": [stroke.tolist() for stroke in ink.strokes],
        "points": np.round(strokes.points_SP2.reshape(len(strokes), -1), 6).astype(float).tolist(),
        "boxes": np.round(strokes.boxes_S3.astype(float), 5).tolist(),
    }


def walk(vocabulary: Vocabulary, seed: int) -> Entry:
    """Record a random sequence of tokens with the allowed tokens and the closing length before each of them."""
    chooser, grammar = random.Random(seed), Grammar(vocabulary)
    ids: list[int] = []
    state, allowed, closing = grammar.start(), [], []
    deep, opening = seed % 3 == 0, 130 if seed % 3 == 0 else 40
    while len(ids) < opening or not grammar.allowed(state)[EOS_ID]:
        admitted = np.flatnonzero(grammar.allowed(state)).tolist()
        allowed.append(checksum(admitted))
        closing.append(grammar.closing_length(state))
        structure = [i for i in admitted if vocabulary.token(i) in INVISIBLE | {"\\frac", "\\sqrt", "]"}]
        pool = structure if structure and (deep or chooser.random() < 0.6) else admitted
        if len(ids) >= opening:  # finish in the fewest steps
            lengths = grammar.closing_lengths(state)
            pool = [min(admitted, key=lambda token_id: lengths[token_id])]
        ids.append(chooser.choice([i for i in pool if i != EOS_ID]))
        state = grammar.advance(state, ids[-1])
    tokens = vocabulary.decode(ids)
    return {
        "ids": ids,
        "allowed": allowed,
        "closing": closing,
        "visible": visible_tokens(tokens),
        "latex": to_latex(tokens),
    }


def checksum(numbers: Sequence[int]) -> int:
    """Return the checksum of a sequence of integers."""
    total = 7
    for number in numbers:
        total = (31 * total + number) % PRIME
    return total


class FormulaModel:
    """A decoding backend that computes its outputs by a formula, which is also implemented in the other languages.

    It sees only the end point of a stroke, in quarters of its frame. An encoded ink of None stands for no strokes.
    Hidden vectors after the same token are similar, whatever came before it.
    """

    stroke_sizes = (STROKES,)
    beam_sizes = (1, 5)

    def __init__(self, vocabulary_size: int, seed: int, max_tokens: int) -> None:
        """Make a model. Different seeds give different outputs."""
        self.vocabulary_size, self.seed, self.max_tokens = vocabulary_size, seed, max_tokens
        self.hidden = Hidden(np.full(WIDTH, 0.75, np.float32), f"formula {seed}")

    def stem(self, points_P2: np.ndarray) -> np.ndarray:
        """Return a number from 0 to 24 for the end point of the stroke."""
        right, down = np.floor(4 * points_P2[-1].astype(np.float64) + 2.5)
        return np.array([right + 5 * down], np.float32)

    def encode(self, strokes_SE: np.ndarray, boxes_S3: np.ndarray, mask_S: np.ndarray) -> int:
        """Return a checksum of all strokes in their order."""
        total = 0
        for stem in strokes_SE[mask_S, 0]:
            total = (31 * total + int(stem) + 1) % PRIME
        return total

    def init_cache(self, encoded: int | None, beams: int) -> dict[str, np.ndarray]:
        """Return the checksum of each row."""
        return {"written": np.full(beams, (self.seed + (encoded or 0)) % PRIME, np.int64)}

    def decode_step(
        self, encoded: Any, cache: dict[str, np.ndarray], tokens_W: np.ndarray, position: int
    ) -> tuple[np.ndarray, np.ndarray, dict[str, np.ndarray]]:
        """Return logits and attention by `formula`. The longer a row is, the likelier is its end token."""
        logits_WV, attention_WS, _, cache = self.decode_hidden(encoded, cache, tokens_W, position)
        return logits_WV, attention_WS, cache

    def decode_hidden(
        self, encoded: Any, cache: dict[str, np.ndarray], tokens_W: np.ndarray, position: int
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, dict[str, np.ndarray]]:
        """Return also the hidden vectors, of which half depends on the last token only."""
        written_W = (31 * cache["written"] + tokens_W) % PRIME
        ids = np.arange(self.vocabulary_size)
        logits_WV = formula(written_W[:, None], ids) * 9
        logits_WV[:, EOS_ID] += min(position, 20) / 2
        attention_WS = formula(written_W[:, None] + 1, np.arange(STROKES))
        components = np.arange(WIDTH)
        hidden_WD = formula(tokens_W.astype(np.int64)[:, None] + 7, components)
        hidden_WD += 0.5 * formula(written_W[:, None] + 2, components)
        single = np.float32
        return logits_WV.astype(single), attention_WS.astype(single), hidden_WD.astype(single), {"written": written_W}


def formula(state: np.ndarray, index: np.ndarray) -> np.ndarray:
    """Return pseudo-random numbers in [0, 1), computed exactly in integers below 2**53."""
    return (state * 7919 + index * 104729 + (state % 1009) * (index % 97) * 31) % PRIME / PRIME


def _cases() -> Iterator[Entry]:
    for seed in range(4):
        for beams in (1, 3, 5):
            yield {"seed": seed, "beams": beams}
            yield {"seed": seed, "beams": beams, "restrict": sorted(CROHME_TOKENS), "max_tokens": 14}
            yield {"seed": seed, "beams": beams, "restrict": UNCLOSED}
            yield {"seed": seed, "beams": beams, "pin": PIN, "stroke_tokens": [0, 3, 0, -1, 3, 0, 3, 0]}
            yield {"seed": seed, "beams": beams, "calibration": [0.76, 0.105], "refused": True}


def _searched(
    vocabulary: Vocabulary,
    seed: int,
    beams: int,
    max_tokens: int = 30,
    restrict: Sequence[str] | None = None,
    pin: Sequence[str] | None = None,
    stroke_tokens: Sequence[int] | None = None,
    refused: bool = False,
    calibration: Sequence[float] | None = None,
) -> Entry:
    model = FormulaModel(len(vocabulary), seed, max_tokens)
    rules: Entry = {"grammar": Grammar(vocabulary), "calibration": Calibration(*calibration or (1.0, 0.0))}
    if restrict:
        restrict = [token for token in restrict if token in vocabulary]
        rules["restrict"] = restriction_mask(vocabulary, restrict)
    if pin:
        rules["pin"] = Pin(tuple(vocabulary.encode(pin)), np.array(stroke_tokens), visible_mask(vocabulary))
    if refused:
        rules["refused"] = [found.ids for found in search(model, None, beams=5, results=2, grammar=rules["grammar"])]
    try:
        found = search(model, None, beams=beams, results=beams, **rules)
    except NoReadingError:
        found = []
    return {
        "seed": seed,
        "beams": beams,
        "max_tokens": max_tokens,
        "restrict": restrict,
        "pin": {"tokens": list(pin), "stroke_tokens": stroke_tokens} if pin else None,
        "refused": [list(ids) for ids in rules.get("refused", [])],
        "calibration": calibration,
        "results": [
            {
                "ids": list(one.ids),
                "log_probability": round(one.log_probability, 9),
                "token_log_probabilities": np.round(one.token_log_probabilities, 9).tolist(),
            }
            for one in found
        ],
    }


def _weighed(vocabulary: Vocabulary, seed: int) -> Entry:
    """Record how a recogniser weighs the readings of a search by their distinct symbols."""
    model, calibration = FormulaModel(len(vocabulary), seed, 30), Calibration(0.76, 0.105, 0.5 + seed)
    rules: Entry = {"beams": 5, "results": 5, "grammar": Grammar(vocabulary), "calibration": calibration}
    found, visible = search(model, None, **rules), visible_mask(vocabulary)
    symbols_N = [different_symbols(one.ids, visible) for one in found]
    weighed = calibration.weigh([one.log_probability for one in found], symbols_N)
    return {
        "calibration": list(astuple(calibration)),
        "readings": [{"ids": list(one.ids), "log_probability": round(one.log_probability, 9)} for one in found],
        "log_probabilities": [round(log, 9) for log in weighed],
    }


def _doubted(seed: int) -> Entry:
    """Record which tokens of a sequence are in doubt. The first sequence has no visible token."""
    count = 3 * seed + 1
    visible = [index for index in range(count) if seed and formula(np.array(seed), np.array(index)) < 0.6]
    logs = np.round(-0.3 * formula(np.array(1000 + seed), np.arange(count + 1)), 6).tolist()
    return {"visible": visible, "log_probabilities": logs, "doubtful": list(doubtful_tokens(visible, logs))}


def _gesture(seed: int, index: int, ink: Ink) -> Entry:
    """Record what a zigzag over a stroke takes away: few or many sweeps, upright or slanted, flat or open."""
    rng = np.random.default_rng([seed, index])
    over = ink.strokes[int(rng.integers(len(ink.strokes)))]
    half = np.maximum(np.ptp(over, axis=0).max() * rng.uniform(0.5, 1.5, 2), 1) / 2 * [1, rng.choice([0.1, 1])]
    sweeps, angle = int(rng.integers(2, 9)), rng.uniform(0, np.pi)
    ends = np.stack([np.resize([-1, 1], sweeps + 1), np.linspace(-1, 1, sweeps + 1)], axis=1) * half
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    stroke = np.round((ends + rng.normal(0, 0.08, ends.shape) * half) @ turn + over.mean(axis=0), 3)
    return {"ink": index, "stroke": stroke.tolist(), "struck": struck(ink.strokes, stroke)}


def _assigned(seed: int, index: int, ink: Ink) -> Entry:
    """Record an assignment of strokes to tokens by `formula` attention. `index` is the ink's preprocessing entry."""
    strokes = preprocess(ink)
    tokens = max(2, len(strokes) // 3)
    attention_TS = formula(seed * 1000 + np.arange(tokens)[:, None], np.arange(len(strokes))).astype(np.float32)
    return {"ink": index, "seed": seed, "tokens": tokens, "stroke_tokens": assign(attention_TS, strokes)}
