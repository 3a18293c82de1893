"""One labelled ink as the rest of the system sees it, and its flat form as a dataset stores it."""

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
        stroke_tokens: int32 (S,), for each stroke the index into `tokens` of the visible token it belongs
            to, -1 where that is not known.
        framed: The strokes as a model takes them, where they were made in that form (recombined ink): preprocessing
            their points again would simplify them twice. None for ink that was written.
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
    """Return the flat features that are stored: strokes end to end beside their lengths, text as text.

    An example that is `framed` has the feature "boxes" too.
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
    """Return the example that `to_features` flattened; text may be bytes, as TFDS gives it.

    Args:
        features: The stored features of one example.
        structure: Whether to bring back the symbol groups and the MathML tree too; it takes longer than all else.
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
    """Return the lines of framed strokes on their page, float64 (P, 2) each, in median stroke sizes."""
    return tuple(place_points(framed.points_SP2, framed.boxes_S3.astype(np.float64)))


def framed_strokes(points_N2: np.ndarray, boxes_S3: np.ndarray) -> Strokes:
    """Undo `place_strokes`, given all lines end to end and the boxes.

    Lines that were stored as float32 come back within a float32 step of their place on the page, 1e-7 of it, divided by
    the stroke's size: about 1e-5 for a stroke of median size far to the right.
    """
    boxes = boxes_S3.astype(np.float64)
    lines = np.asarray(points_N2, np.float64).reshape(len(boxes), POINTS_PER_STROKE, 2) - boxes[:, None, :2]
    sizes = np.where(boxes[:, 2] > 0, boxes[:, 2], 1.0)[:, None, None]
    return Strokes((lines / sizes).astype(np.float32), boxes_S3)


def storable(text: str) -> str:
    r"""Return a text as UTF-8 can hold it: a byte of a file's name that is no UTF-8 is spelled out, as `\xe9`.

    Half a surrogate pair, which JSON may hold, is spelled out too.
    """
    try:
        return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    except UnicodeEncodeError:
        return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _as_text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value


def _structure_to_json(ink: Ink) -> str:
    """Symbol groups as [label, strokes, href], tree nodes as [tag, text, id, strokes, children]."""
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
