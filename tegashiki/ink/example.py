"""A labelled ink, and the flat features in which datasets store it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tegashiki.ink.ink import Ink, MathNode, SymbolGroup
from tegashiki.ink.preprocess import POINTS_PER_STROKE, Strokes, place_points


@dataclass(frozen=True, eq=False)
class Example:
    """An ink with its canonical tokens and, where known, the token that each stroke draws.

    Attributes:
        ink: The strokes, with raw label, writer and source.
        tokens: Canonical LaTeX tokens (`tegashiki.latex.normalize`).
        stroke_tokens: int32 (S,), for each stroke the index into `tokens` of the visible token that it draws, -1 if
            that is unknown.
        framed: The preprocessed strokes of recombined ink, which is made in that form: preprocessing its points again
            would simplify them twice. None for written ink.

    Raises:
        ValueError: `stroke_tokens` does not match the strokes or the tokens.
    """

    ink: Ink
    tokens: tuple[str, ...]
    stroke_tokens: np.ndarray
    framed: Strokes | None = None

    def __post_init__(self) -> None:
        strokes = len(self.ink.strokes)
        if self.stroke_tokens.shape != (strokes,):
            raise ValueError(f"stroke_tokens has shape {self.stroke_tokens.shape}, the ink has {strokes} strokes")
        if strokes and not -1 <= int(self.stroke_tokens.min()) <= int(self.stroke_tokens.max()) < len(self.tokens):
            raise ValueError(f"stroke_tokens {self.stroke_tokens} point outside the {len(self.tokens)} tokens")


def to_features(example: Example) -> dict[str, Any]:
    """Return the features of an example as a dataset stores them.

    Returns:
        "points": float32 (N, 2), all strokes one after the other; "stroke_lengths": int32 (S,); "stroke_tokens":
        int32 (S,); "tokens", "label", "writer", "source" and "structure": text. An example with `framed` strokes also
        has "boxes", float32 (S, 3).
    """
    ink = example.ink
    points = np.concatenate(ink.strokes) if ink.strokes else np.zeros((0, 2))
    boxes = {} if example.framed is None else {"boxes": example.framed.boxes_S3}
    return {
        "points": points.astype(np.float32),
        "stroke_lengths": np.array([len(stroke) for stroke in ink.strokes], np.int32),
        "stroke_tokens": example.stroke_tokens.astype(np.int32),
        "tokens": " ".join(example.tokens),
        "label": storable(ink.label),
        "writer": storable(ink.writer),
        "source": storable(ink.source),
        "structure": storable(_structure_to_json(ink)),
        **boxes,
    }


def from_features(features: Mapping[str, Any], structure: bool = False) -> Example:
    """Return the example of features that `to_features` made.

    Args:
        features: The stored features of one example. Text may be bytes, as TFDS returns it.
        structure: Whether to restore the symbol groups and the MathML tree too, which takes longer than all the rest.
    """
    points = np.asarray(features["points"], np.float64)
    ends = np.cumsum(features["stroke_lengths"])
    text = {name: _as_text(features[name]) for name in ("tokens", "label", "writer", "source", "structure")}
    symbols, truth = _structure_from_json(text["structure"]) if structure else ((), None)
    ink = Ink(
        strokes=tuple(np.split(points, ends[:-1])) if len(ends) else (),
        label=text["label"],
        writer=text["writer"],
        source=text["source"],
        symbols=symbols,
        truth=truth,
    )
    boxes = features.get("boxes", ())
    framed = framed_strokes(points, np.asarray(boxes, np.float32)) if len(boxes) else None
    return Example(ink, tuple(text["tokens"].split()), np.asarray(features["stroke_tokens"], np.int32), framed)


def place_strokes(framed: Strokes) -> tuple[np.ndarray, ...]:
    """Return the points of framed strokes on their page, float64 (P, 2) each, in units of the median stroke size."""
    return tuple(place_points(framed.points_SP2, framed.boxes_S3.astype(np.float64)))


def framed_strokes(points_N2: np.ndarray, boxes_S3: np.ndarray) -> Strokes:
    """Invert `place_strokes`.

    Points that were stored as float32 are restored with an error of one float32 step of their position on the page
    (1e-7 of it) divided by the size of the stroke: about 1e-5 for a stroke of median size far to the right.

    Args:
        points_N2: The points of all strokes, one stroke after the other, (S * POINTS_PER_STROKE, 2).
        boxes_S3: The boxes of the strokes, as in `Strokes`.
    """
    boxes = boxes_S3.astype(np.float64)
    lines = np.asarray(points_N2, np.float64).reshape(len(boxes), POINTS_PER_STROKE, 2) - boxes[:, None, :2]
    sizes = np.where(boxes[:, 2] > 0, boxes[:, 2], 1.0)[:, None, None]
    return Strokes((lines / sizes).astype(np.float32), boxes_S3)


def storable(text: str) -> str:
    r"""Return a text that can be encoded as UTF-8.

    Bytes of a file name that are not UTF-8, and lone surrogates from JSON, are escaped: `\xe9`, `\ud800`.
    """
    try:
        return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    except UnicodeEncodeError:
        return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _as_text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value


def _structure_to_json(ink: Ink) -> str:
    """Encode symbol groups as [label, strokes, href] and tree nodes as [tag, text, id, strokes, children]."""
    if not ink.symbols and ink.truth is None:
        return ""
    symbols = [[group.label, list(group.strokes), group.href] for group in ink.symbols]
    truth = None if ink.truth is None else _node_to_list(ink.truth)
    return json.dumps([symbols, truth], ensure_ascii=False, separators=(",", ":"))


def _structure_from_json(text: str) -> tuple[tuple[SymbolGroup, ...], MathNode | None]:
    if not text:
        return (), None
    symbols, truth = json.loads(text)
    groups = tuple(SymbolGroup(label=label, strokes=tuple(strokes), href=href) for label, strokes, href in symbols)
    return groups, None if truth is None else _node_from_list(truth)


def _node_to_list(node: MathNode) -> list[Any]:
    return [node.tag, node.text, node.id, list(node.strokes), [_node_to_list(child) for child in node.children]]


def _node_from_list(values: list[Any]) -> MathNode:
    tag, text, id_, strokes, children = values
    return MathNode(
        tag=tag, text=text, id=id_, strokes=tuple(strokes), children=tuple(_node_from_list(child) for child in children)
    )
