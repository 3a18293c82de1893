"""What the TypeScript recogniser is held to: `python -m tests.web.golden` writes web/test/golden.json.

Preprocessing of embedded inks; random walks through the grammar; searches of a model that is a formula, so
that both sides can compute it, and what their tokens could be instead; strokes given to tokens. What a real model reads
is compared in a browser instead, as it changes with the model.
"""

import json
import random
from pathlib import Path

import numpy as np

from tegashiki.decoding.calibration import Calibration
from tegashiki.decoding.pin import Pin
from tegashiki.decoding.search import NoReadingError, search
from tegashiki.ink.preprocess import preprocess
from tegashiki.latex.grammar import Grammar
from tegashiki.latex.normalize import visible_tokens
from tegashiki.latex.tokenizer import join
from tegashiki.latex.vocabulary import CROHME_TOKENS, DEFAULT_VOCABULARY, EOS_ID
from tegashiki.recognizer.assignment import assign
from tegashiki.recognizer.recognizer import NOT_DRAWN, Recognizer, restriction_mask
from tegashiki.synthesis.embedded import Drawn

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "web" / "test" / "golden.json"
PRIME = 1_000_003
STROKES = 8
STRUCTURED = [*"{}^_[]", "\\frac", "\\sqrt", "\\binom", "\\hat", "\\vec", "\\sum"]


def inks():
    """Embedded inks, short ones and longer ones, by name."""
    drawn = [*Drawn("test", range(3)), *Drawn("test", range(3), dialect="wide")]
    return {example.ink.source: example.ink for example in drawn}


def golden():
    """All of the file's content."""
    return {
        "preprocessing": [_preprocessed(name, ink) for name, ink in inks().items()],
        "walks": [_walk(seed) for seed in range(12)],
        "searches": [_searched(**case) for case in _cases()],
        "alternatives": [_replaced(seed, calibration) for seed in range(4) for calibration in (None, [0.76, 0.105])],
        "assignments": [_assigned(seed, index, ink) for seed in range(12) for index, ink in enumerate(inks().values())],
    }


def _preprocessed(name, ink):
    strokes = preprocess(ink)
    return {
        "name": name,
        "strokes": [stroke.tolist() for stroke in ink.strokes],
        "points": np.round(strokes.points_SP2.reshape(len(strokes), -1), 6).astype(float).tolist(),
        "boxes": np.round(strokes.boxes_S3.astype(float), 5).tolist(),
    }


def _walk(seed):
    """Random tokens, what was allowed before each, and how many tokens each state is from its end."""
    chooser, grammar = random.Random(seed), Grammar(DEFAULT_VOCABULARY)
    state, ids, allowed, closing = grammar.start(), [], [], []
    deep, opening = seed % 3 == 0, 130 if seed % 3 == 0 else 40
    while len(ids) < opening or not grammar.allowed(state)[EOS_ID]:
        admitted = np.flatnonzero(grammar.allowed(state)).tolist()
        allowed.append(checksum(admitted))
        closing.append(grammar.closing_length(state))
        structure = [i for i in admitted if DEFAULT_VOCABULARY.token(i) in NOT_DRAWN | {"\\frac", "\\sqrt", "]"}]
        pool = structure if structure and (deep or chooser.random() < 0.6) else admitted
        if len(ids) >= opening:  # the shortest way out
            pool = [min(admitted, key=lambda token_id: grammar.closing_lengths(state)[token_id])]
        ids.append(chooser.choice([i for i in pool if i != EOS_ID]))
        state = grammar.advance(state, ids[-1])
    tokens = DEFAULT_VOCABULARY.decode(ids)
    return {"ids": ids, "allowed": allowed, "closing": closing, "drawn": visible_tokens(tokens), "latex": join(tokens)}


def checksum(numbers):
    """One number for a sequence."""
    total = 7
    for number in numbers:
        total = (31 * total + number) % PRIME
    return total


class FormulaModel:
    """A model whose numbers follow from what was written: web/test/formula-model.ts has the same formula."""

    vocabulary_size = len(DEFAULT_VOCABULARY)
    stroke_sizes = (STROKES,)
    beam_sizes = (1, 5)

    def __init__(self, seed, max_tokens):
        self.seed, self.max_tokens = seed, max_tokens

    def stem(self, points_P2):
        return np.zeros(1, np.float32)

    def encode(self, strokes_SE, boxes_S3, mask_S):
        return None

    def init_cache(self, encoded, beams):
        return {"written": np.full(beams, self.seed, np.int64)}

    def decode_step(self, encoded, cache, tokens_W, position):
        written_W = (31 * cache["written"] + tokens_W) % PRIME
        ids = np.arange(self.vocabulary_size)
        logits_WV = formula(written_W[:, None], ids) * 9
        logits_WV[:, EOS_ID] += min(position, 20) / 2
        attention_WS = formula(written_W[:, None] + 1, np.arange(STROKES))
        return logits_WV.astype(np.float32), attention_WS.astype(np.float32), {"written": written_W}


def formula(state, index):
    """A number in [0, 1) that looks random, exact in integers below 2**53."""
    return (state * 7919 + index * 104729 + (state % 1009) * (index % 97) * 31) % PRIME / PRIME


def _cases():
    for seed in range(4):
        for beams in (1, 3, 5):
            yield {"seed": seed, "beams": beams}
            yield {"seed": seed, "beams": beams, "restrict": True, "max_tokens": 14}
            yield {"seed": seed, "beams": beams, "pin": ["a", "^", "{", "2", "}"], "owner": [0, 3, 0, -1, 3, 0, 3, 0]}
            yield {"seed": seed, "beams": beams, "calibration": [0.76, 0.105], "refused": True}


def _searched(seed, beams, max_tokens=30, restrict=False, pin=None, owner=None, refused=False, calibration=None):
    model, vocabulary = FormulaModel(seed, max_tokens), DEFAULT_VOCABULARY
    rules = {"grammar": Grammar(vocabulary), "calibration": Calibration(*calibration or (1.0, 0.0))}
    if restrict:
        rules["restrict"] = restriction_mask(vocabulary, CROHME_TOKENS)
    if pin:
        drawn = np.array([i > EOS_ID and vocabulary.token(i) not in NOT_DRAWN for i in range(len(vocabulary))])
        rules["pin"] = Pin(tuple(vocabulary.encode(pin)), np.array(owner), drawn)
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
        "restrict": sorted(CROHME_TOKENS) if restrict else None,
        "pin": {"tokens": pin, "owner": owner} if pin else None,
        "refused": [list(ids) for ids in rules.get("refused", [])],
        "calibration": calibration,
        "results": [{"ids": list(one.ids), "log_probability": round(one.log_probability, 9)} for one in found],
    }


def _replaced(seed, calibration):
    """What each token of a reading could be instead; again with one of these rejected and under another restriction."""
    calibration_ = Calibration(*calibration or (1.0, 0.0))
    session = Recognizer(FormulaModel(seed, 24), DEFAULT_VOCABULARY, calibration=calibration_).session()
    session.add_stroke([[0, 0], [3, 10], [6, 2]])
    restrictions = [*STRUCTURED, *"xyz123"], [*STRUCTURED, *"abc456"]
    session.restrict(restrictions[0])
    reading = max(session.candidates(5), key=lambda candidate: len(candidate.tokens))
    found = [session.alternatives(index, reading) for index in range(len(reading.tokens))]
    rejected = next(others[0] for others in found if others)
    session.reject(rejected)
    session.restrict(restrictions[1])
    ruled = [session.alternatives(index, reading) for index in range(len(reading.tokens))]
    return {
        "seed": seed,
        "calibration": calibration,
        "tokens": reading.tokens,
        "complete": reading.complete,
        "restrict": restrictions,
        "rejected": rejected.tokens,
        "others": [_described(found), _described(ruled)],
    }


def _described(found):
    """Of each token the alternatives: the token in its place, and the whole reading's log probability."""
    return [[[other.tokens[i], round(other.log_probability, 9)] for other in others] for i, others in enumerate(found)]


def _assigned(seed, index, ink):
    """Strokes given to tokens, by an attention that is a formula; `ink` is the index of one of the preprocessing."""
    strokes = preprocess(ink)
    tokens = max(2, len(strokes) // 3)
    attention_TS = formula(seed * 1000 + np.arange(tokens)[:, None], np.arange(len(strokes))).astype(np.float32)
    return {"ink": index, "seed": seed, "tokens": tokens, "owners": assign(attention_TS, strokes)}


def as_text(content):
    """One line an entry, so that a difference can be read."""
    parts = []
    for name, entries in content.items():
        lines = ",\n".join(json.dumps(entry, separators=(",", ":")) for entry in entries)
        parts.append(f'"{name}": [\n{lines}\n]')
    return "{\n" + ",\n".join(parts) + "\n}\n"


if __name__ == "__main__":
    GOLDEN.write_text(as_text(golden()), "utf-8")
