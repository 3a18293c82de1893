"""Record the outputs of a model file for comparison: shapes and calls of its signatures, and its readings."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tegashiki.decoding.backend import encode_padded
from tegashiki.ink.preprocess import preprocess
from tegashiki.kit.vectors import inks
from tegashiki.latex.vocabulary import BOS_ID
from tegashiki.recognizer.litert import LiteRTBackend, open_interpreter
from tegashiki.recognizer.recognizer import Recognizer

SAMPLES = 64  # largest number of recorded values per array
STEPS = 2  # decoding steps; the second one reads what the first one wrote to the caches

Entry = dict[str, Any]


def shapes(path: Path) -> dict[str, dict[str, dict[str, list[int]]]]:
    """Return the shapes of a file's arrays.

    Returns:
        For each signature the keys "inputs" and "outputs", and for each of them the shapes by name.
    """
    interpreter = open_interpreter(path)
    found = {}
    for key in interpreter.get_signature_list():
        runner = interpreter.get_signature_runner(key)
        sides = {"inputs": runner.get_input_details(), "outputs": runner.get_output_details()}
        found[key] = {
            side: {name: [int(size) for size in detail["shape"]] for name, detail in sorted(details.items())}
            for side, details in sides.items()
        }
    return found


def record_signatures(path: Path) -> Entry:
    """Record calls of every signature of a file, in the order of an app, for the first strokes of an ink.

    Arrays are recorded as {"shape", "every", "values"}, where "values" has every n-th number in row-major order and
    "every" is n.
    """
    backend = LiteRTBackend(path)
    ink = next(iter(inks().values()))
    strokes = preprocess(ink.strokes[: backend.stroke_sizes[0]])
    calls = []
    stems = [backend.stem(points_P2) for points_P2 in strokes.points_SP2]
    for points_P2, stem_E in zip(strokes.points_SP2, stems, strict=True):
        calls.append(_call("stem", {"points": _array(points_P2[None], whole=True)}, {"stem": stem_E[None]}))
    for size in backend.stroke_sizes:
        encoded = encode_padded(backend, stems, strokes.boxes_S3, size)
        memory = {name: array for name, array in encoded.memory.items() if name != "mask"}
        inputs = {"boxes": _array(strokes.boxes_S3[None], whole=True), "strokes_written": len(strokes)}
        calls.append(_call(f"encode_{size}", inputs, memory | encoded.first))
        for beams in backend.beam_sizes:
            calls += _decoded(backend, encoded, beams)
    return {"ink": [stroke.tolist() for stroke in ink.strokes[: len(strokes)]], "calls": calls}


def record_readings(path: Path) -> list[Entry]:
    """Read the embedded inks with a model file and its widest beam."""
    recognizer = Recognizer.load(path)
    most, beams = recognizer.backend.stroke_sizes[-1], recognizer.backend.beam_sizes[-1]
    readings = []
    for name, ink in inks().items():
        if len(ink.strokes) > most:
            continue
        candidates = [
            {
                "latex": one.latex,
                "log_probability": round(one.log_probability, 5),
                "strokes_of_token": one.strokes_of_token,
            }
            for one in recognizer.recognize(ink, beams)
        ]
        readings.append({"ink": name, "strokes": [stroke.tolist() for stroke in ink.strokes], "candidates": candidates})
    return readings


def _decoded(backend: LiteRTBackend, encoded: Any, beams: int) -> list[Entry]:
    """Record decoding steps: the start token in all rows, then the r-th likeliest next token in row r."""
    cache = backend.init_cache(encoded, beams)
    tokens_W = np.full(beams, BOS_ID, np.int32)
    calls = []
    for position in range(STEPS):
        logits_WV, attention_WS, cache = backend.decode_step(encoded, cache, tokens_W, position)
        outputs = {"logits": logits_WV, "attention": attention_WS}
        inputs = {"tokens": tokens_W.tolist(), "position": [position]}
        calls.append(_call(f"decode_{encoded.strokes}x{beams}", inputs, outputs))
        tokens_W = np.argsort(-logits_WV[0], kind="stable")[:beams].astype(np.int32)
    return calls


def _call(signature: str, inputs: Entry, outputs: Mapping[str, np.ndarray]) -> Entry:
    recorded = {name: _array(array) for name, array in sorted(outputs.items())}
    return {"signature": signature, "inputs": inputs, "outputs": recorded}


def _array(array: np.ndarray, whole: bool = False) -> Entry:
    # Use an odd step: it reaches all columns of arrays whose sides are powers of two.
    every = 1 if whole or array.size <= SAMPLES else -(-array.size // SAMPLES) | 1
    values = [float(f"{value:.7g}") for value in array.ravel()[::every].tolist()]
    return {"shape": list(array.shape), "every": every, "values": values}
