"""A decoding backend that runs an exported file with the LiteRT interpreter. It needs only numpy and LiteRT."""

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
from tegashiki.recognizer.litert_notice import take_notice_away
from tegashiki.recognizer.metadata import read_metadata

Arrays = dict[str, np.ndarray]


@dataclass(frozen=True, eq=False)
class Encoded:
    """One encoded ink.

    Attributes:
        strokes: The padded number of strokes.
        memory: The inputs of every decoding step.
        first: The cache before the first token, with one row. It does not contain the row caches, which start as zeros.
    """

    strokes: int
    memory: Arrays
    first: Arrays


@dataclass(frozen=True)
class Description:
    """The metadata of a model file that the backend needs.

    Attributes:
        metadata: The complete metadata.
        vocabulary_size: The number of tokens, including the three special ones.
        max_tokens: The maximum length of an output, including the end token.
        stroke_sizes: The numbers of strokes that an ink can be padded to, in ascending order.
        beam_sizes: The numbers of rows of a decoding step, in ascending order.
        row_axes: For the name of each cache that grows by one entry in every step, the axis along which it grows.
        calibration: The calibration of the model.
        hidden: The facts about the hidden vectors, None in files of format 1.
    """

    metadata: dict[str, Any]
    vocabulary_size: int
    max_tokens: int
    stroke_sizes: tuple[int, ...]
    beam_sizes: tuple[int, ...]
    row_axes: dict[str, int]
    calibration: Calibration
    hidden: Hidden | None


def read_description(path: str | Path) -> Description:
    """Read and check the metadata of a model file, without its graph.

    Raises:
        RecognizerError: The file is not a model file, is damaged, has a newer format, or expects ink with another
            preprocessing.
    """
    metadata = read_metadata(path)
    try:
        prepared = metadata["points_per_stroke"], metadata["rdp_epsilon"]
        if prepared != (POINTS_PER_STROKE, RDP_EPSILON):
            wanted = f"{POINTS_PER_STROKE} points a stroke and RDP's epsilon {RDP_EPSILON}"
            raise RecognizerError(f"{path} expects {prepared[0]} and {prepared[1]}, not {wanted}: export it again")
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
        ValueError, RuntimeError: LiteRT does not accept the content of the file.
        OSError: The file cannot be read.
    """
    take_notice_away()
    if os.fsencode(path).decode("utf-8", "replace") == str(path):
        return Interpreter(model_path=str(path), num_threads=1)
    return Interpreter(model_content=Path(path).read_bytes(), num_threads=1)  # LiteRT only accepts file names in UTF-8


class LiteRTBackend:
    """Implements `tegashiki.decoding.backend.Backend` with the signatures of `tegashiki/export/signatures.py`.

    It computes on one thread, because a second one makes such small steps slower. It is not thread-safe.
    """

    def __init__(self, path: str | Path) -> None:
        """Open a model file. The memory of a signature is allocated when it is first used.

        Raises:
            RecognizerError: The file is not a model file, is damaged, or has a newer format.
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
        """Return the vector (E,) of one stroke's points (P, 2)."""
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
        """Decode one token for each row. This modifies the arrays of `cache`."""
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
        """Raise RecognizerError if a signature does not match the metadata."""
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
                given[axis] = self.max_tokens  # a step returns one entry, and the cache holds all
            if not taken or list(taken) != given:
                raise RecognizerError(f"{self._path} is damaged: {cache} of {name} contradicts row_axes or max_tokens")


class _Signature:
    """One signature of an interpreter."""

    def __init__(self, interpreter: Interpreter, name: str) -> None:
        self._runner = interpreter.get_signature_runner(name)
        self.shapes = {name: tuple(detail["shape"]) for name, detail in self._runner.get_input_details().items()}
        self.outputs = {name: tuple(detail["shape"]) for name, detail in self._runner.get_output_details().items()}

    def run(self, inputs: Arrays) -> Arrays:
        return self._runner(**inputs)


def _typed(value: Any, kind: type, inner: type | None = None) -> Any:
    """Return the value; raise TypeError unless it has the type `kind`, and its entries have the type `inner`."""
    held = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    if type(value) is not kind or not all(type(each) is inner for each in held):
        raise TypeError(f"{str(value)[:40]} is not of type {kind.__name__}{f' of {inner.__name__}' if inner else ''}")
    return value


def _calibration(value: Any) -> Calibration:
    """Return the calibration in a file, ignoring unknown fields of newer files.

    Raises:
        TypeError, ValueError: The value is not a calibration.
    """
    if not isinstance(value, dict):
        raise TypeError(f"{str(value)[:40]} is not a calibration")
    return Calibration(**{field.name: value[field.name] for field in fields(Calibration) if field.name in value})


def _hidden(value: Any) -> Hidden:
    """Return the facts about the hidden vectors in a file.

    Raises:
        KeyError, TypeError, ValueError: The value does not have them.
    """
    if not isinstance(value, dict):
        raise TypeError(f"{str(value)[:40]} does not describe hidden vectors")
    mean_D = np.array(_typed(value["mean"], list, float), np.float32)
    if not np.isfinite(mean_D).all():
        raise ValueError("the mean hidden vector is not finite")
    return Hidden(mean_D, _typed(value["fingerprint"], str))


def _sizes(value: Any) -> tuple[int, ...]:
    """Return sizes; raise TypeError or ValueError unless they are ascending integers of at least 1."""
    sizes = tuple(_typed(value, list, int))
    if not sizes or list(sizes) != sorted(set(sizes)) or sizes[0] < 1:
        raise ValueError(f"{str(value)[:40]} are not sizes in ascending order")
    return sizes
