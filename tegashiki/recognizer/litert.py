"""An exported file as a decoding backend: numpy and the LiteRT interpreter, nothing else."""

import os
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from ai_edge_litert.interpreter import Interpreter

from tegashiki.decoding.backend import Cache, Hidden
from tegashiki.decoding.calibration import Calibration
from tegashiki.ink.preprocess import POINTS_PER_STROKE, RDP_EPSILON
from tegashiki.latex.vocabulary import Vocabulary
from tegashiki.recognizer.candidate import RecognizerError
from tegashiki.recognizer.metadata import read_metadata
from tegashiki.recognizer.notice import take_notice_away

Arrays = dict[str, np.ndarray]


@dataclass(frozen=True, eq=False)
class Encoded:
    """One encoded ink."""

    strokes: int  # the padded size
    memory: Arrays  # what each step reads
    first: Arrays  # the cache before the first token, one row; row caches are not in it, they begin with zeros


@dataclass(frozen=True)
class Description:
    """What a model file says of itself, as far as the backend needs it."""

    metadata: dict[str, Any]  # all of it
    vocabulary_size: int  # tokens, the three special ones included
    max_tokens: int
    stroke_sizes: tuple[int, ...]  # strokes that an ink can be padded to, ascending
    beam_sizes: tuple[int, ...]  # ascending
    row_axes: dict[str, int]  # a cache's name -> the axis along which a step adds to it
    calibration: Calibration
    hidden: Hidden | None  # None in files of format 1


def read_description(path: str | Path) -> Description:
    """Read and check what a model file says of itself; the graph is not looked at.

    Raises:
      RecognizerError: not a model file, damaged, of a newer format, or for ink that is prepared otherwise.
    """
    metadata = read_metadata(path)
    try:
        prepared = metadata["points_per_stroke"], metadata["rdp_epsilon"]
        if prepared != (POINTS_PER_STROKE, RDP_EPSILON):
            wanted = f"{POINTS_PER_STROKE} points a stroke and RDP's epsilon {RDP_EPSILON}"
            raise RecognizerError(f"{path} is for {prepared[0]} and {prepared[1]}, not {wanted}: export it again")
        return Description(
            metadata,
            len(Vocabulary(_typed(metadata["vocabulary"], list, str))),
            _sizes([metadata["max_tokens"]])[0],
            _sizes(metadata["stroke_sizes"]),
            _sizes(metadata["beam_sizes"]),
            dict(_typed(metadata["row_axes"], dict, int)),
            _calibration(metadata.get("calibration", {})),
            _hidden(metadata["hidden"]) if "hidden" in metadata else None,
        )
    except RecognizerError:
        raise
    except (KeyError, TypeError, ValueError) as error:
        raise RecognizerError(f"{path} is damaged: {str(error).splitlines()[0]}") from error


def open_interpreter(path: str | Path) -> Interpreter:
    """Open a model file with LiteRT's interpreter, on one thread.

    Raises:
      ValueError, RuntimeError: LiteRT cannot take what the file holds.
      OSError: the file cannot be read.
    """
    take_notice_away()
    if os.fsencode(path).decode("utf-8", "replace") == str(path):
        return Interpreter(model_path=str(path), num_threads=1)
    return Interpreter(model_content=Path(path).read_bytes(), num_threads=1)  # LiteRT takes names in UTF-8 alone


class LiteRTBackend:
    """Implements `tegashiki.decoding.backend.Backend` with the signatures of `tegashiki/export/signatures.py`.

    One thread: for steps this small a second one costs more than it gives. Not for several threads at once.
    """

    def __init__(self, path: str | Path) -> None:
        """Open a model file; memory for a signature is taken when it is first used.

        Raises:
          RecognizerError: not a model file, damaged, or of a newer format.
        """
        description = read_description(path)
        self.metadata: dict[str, Any] = description.metadata
        self.vocabulary_size = description.vocabulary_size
        self.max_tokens = description.max_tokens
        self.stroke_sizes, self.beam_sizes = description.stroke_sizes, description.beam_sizes
        self.calibration = description.calibration
        self.hidden = description.hidden
        self._row_axes = description.row_axes
        try:
            self._interpreter = open_interpreter(path)
        except (ValueError, RuntimeError) as error:
            raise RecognizerError(f"{path} is damaged: {str(error).splitlines()[0]}") from error
        self._path = path
        self._signatures: dict[str, _Signature] = {}

    def stem(self, points_P2: np.ndarray) -> np.ndarray:
        """Map one stroke's points (P, 2) to its vector (E,)."""
        return self._signature("stem").run({"points": points_P2[None]})["stem"][0]

    def encode(self, strokes_SE: np.ndarray, boxes_S3: np.ndarray, mask_S: np.ndarray) -> Encoded:
        """Encode an ink padded to one of `stroke_sizes`."""
        strokes = len(mask_S)
        mask_1S = mask_S[None].astype(np.float32)
        inputs = {"strokes": strokes_SE[None], "boxes": boxes_S3[None], "mask": mask_1S}
        outputs = self._signature(f"encode_{strokes}").run(inputs)
        memory = {name: array for name, array in outputs.items() if name.startswith("encoded_")}
        first = {name: array for name, array in outputs.items() if name.startswith("cache_")}
        return Encoded(strokes, {"mask": mask_1S, **memory}, first)

    def init_cache(self, encoded: Encoded, beams: int) -> Cache:
        """Return the cache before the first token."""
        shapes = self._signature(f"decode_{encoded.strokes}x{beams}").shapes
        rows = {name: np.zeros(shapes[name], np.float32) for name in self._row_axes}
        return rows | {name: np.repeat(array, beams, axis=0) for name, array in encoded.first.items()}

    def decode_step(
        self, encoded: Encoded, cache: Cache, tokens_W: np.ndarray, position: int
    ) -> tuple[np.ndarray, np.ndarray, Cache]:
        """Decode one token for each row; the arrays of `cache` are written to."""
        logits_WV, attention_WS, _, cache = self.decode_hidden(encoded, cache, tokens_W, position)
        return logits_WV, attention_WS, cache

    def decode_hidden(
        self, encoded: Encoded, cache: Cache, tokens_W: np.ndarray, position: int
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray | None, Cache]:
        """Decode one token as `decode_step`; also return the hidden vectors (W, D), None in files of format 1."""
        signature = self._signature(f"decode_{encoded.strokes}x{len(tokens_W)}")
        last = {"tokens": tokens_W.astype(np.int32, copy=False), "position": np.array([position], np.int32)}
        outputs = signature.run({**encoded.memory, **cache, **last})
        for name, axis in self._row_axes.items():
            place = (slice(None),) * axis + (slice(position, position + 1),)
            cache[name][place] = outputs[name]
            outputs[name] = cache[name]
        return outputs.pop("logits"), outputs.pop("attention"), outputs.pop("hidden", None), outputs

    def _signature(self, name: str) -> "_Signature":
        if name not in self._signatures:
            try:
                self._signatures[name] = _Signature(self._interpreter, name)
            except (ValueError, RuntimeError) as error:
                reason = str(error).splitlines()[0]
                raise RecognizerError(f"{self._path} is damaged: {name}: {reason}") from error
            self._check(name, self._signatures[name])
        return self._signatures[name]

    def _check(self, name: str, signature: "_Signature") -> None:
        """Raise RecognizerError where a signature is not what the metadata says of it."""
        logits = signature.outputs.get("logits")
        if logits is not None and logits[-1] != self.vocabulary_size:
            raise RecognizerError(
                f"{self._path}: the vocabulary has {self.vocabulary_size} tokens, {name} gives {logits[-1]}: "
                "they do not belong together"
            )
        caches = {each for each in signature.shapes if each.startswith("cache_")}
        for cache in sorted(caches | self._row_axes.keys()) if logits is not None else ():
            taken, given = signature.shapes.get(cache, ()), list(signature.outputs.get(cache, ()))
            axis = self._row_axes.get(cache)
            if axis is not None and 0 <= axis < len(given):
                given[axis] = self.max_tokens  # a step adds one row
            if not taken or list(taken) != given:
                raise RecognizerError(f"{self._path} is damaged: {name}: {cache} is not as row_axes and max_tokens say")


class _Signature:
    """One signature of an interpreter."""

    def __init__(self, interpreter: Interpreter, name: str) -> None:
        self._runner = interpreter.get_signature_runner(name)
        self.shapes = {name: tuple(detail["shape"]) for name, detail in self._runner.get_input_details().items()}
        self.outputs = {name: tuple(detail["shape"]) for name, detail in self._runner.get_output_details().items()}

    def run(self, inputs: Arrays) -> Arrays:
        return self._runner(**inputs)


def _typed(value: Any, kind: type, inner: type | None = None) -> Any:
    """Return the value if it is of a kind, and so is what it holds; TypeError otherwise."""
    held = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    if type(value) is not kind or not all(type(each) is inner for each in held):
        raise TypeError(f"{str(value)[:40]} is not of type {kind.__name__}{f' of {inner.__name__}' if inner else ''}")
    return value


def _calibration(value: Any) -> Calibration:
    """Return what is known of a calibration: a newer file may say more. TypeError or ValueError for what is none."""
    if not isinstance(value, dict):
        raise TypeError(f"{str(value)[:40]} is no calibration")
    return Calibration(**{field.name: value[field.name] for field in fields(Calibration) if field.name in value})


def _hidden(value: Any) -> Hidden:
    """Return what is known of the hidden vectors; KeyError, TypeError or ValueError for what says nothing of them."""
    if not isinstance(value, dict):
        raise TypeError(f"{str(value)[:40]} says nothing of hidden vectors")
    mean_D = np.array(_typed(value["mean"], list, float), np.float32)
    if not np.isfinite(mean_D).all():
        raise ValueError("the mean hidden vector is not finite")
    return Hidden(mean_D, _typed(value["fingerprint"], str))


def _sizes(value: Any) -> tuple[int, ...]:
    """Return sizes in ascending order, 1 and more each; ValueError for what is none."""
    sizes = tuple(_typed(value, list, int))
    if not sizes or list(sizes) != sorted(set(sizes)) or sizes[0] < 1:
        raise ValueError(f"{str(value)[:40]} are no sizes in ascending order")
    return sizes
