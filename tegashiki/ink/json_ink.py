"""Read and write ink as plain JSON: `{"strokes": [[[x, y], ...], ...], "label": "..."}`.

Only `strokes` is required. A point may have up to MAX_NUMBERS numbers; those after y are ignored. `label`, `writer`,
`symbols`, `truth` and `annotations` are the fields of `Ink` with these names. Other keys are ignored.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NoReturn

from tegashiki.ink.encoding import BLANKS, MARK
from tegashiki.ink.ink import Ink, InkError, MathNode, SymbolGroup
from tegashiki.ink.inkml import MAX_BYTES, MAX_DEPTH, read_limited
from tegashiki.ink.trace import MAX_NUMBERS


def read_json(path_or_bytes: str | Path | bytes, source: str = "") -> Ink:
    """Read one ink from a JSON file.

    Args:
        path_or_bytes: The path of a file, or its content.
        source: Name of the file in `Ink.source` and in errors, by default the path.

    Raises:
        InkError: The file cannot be opened or read; the error gives the file, the place and the reason.
    """
    if isinstance(path_or_bytes, bytes):
        data = path_or_bytes
    else:
        source = source or str(path_or_bytes)
        data = read_limited(Path(path_or_bytes), source)
    if len(data) > MAX_BYTES:
        raise InkError(f"{len(data)} bytes, the limit is {MAX_BYTES}", source=source)
    try:
        return ink_of_json(json.loads(_decoded(data), parse_constant=_refuse_constant), source)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise InkError(f"not JSON ({error.msg})", place=place, source=source) from None
    except RecursionError:
        raise InkError("lists nested too deeply", source=source) from None
    except InkError as error:
        raise InkError(error.reason, place=error.place, source=source) from None
    except ValueError as error:  # bytes that are not text, or numbers of thousands of digits
        raise InkError(f"not JSON ({error})", source=source) from None


def _decoded(data: bytes) -> str:
    """Return the text of a JSON file without byte order marks before its first character."""
    text = data.decode(json.detect_encoding(data))
    start = len(text) - len(text.lstrip(MARK + BLANKS))
    return text[:start].replace(MARK, "") + text[start:]  # keeps the line breaks, for the lines in errors


def _refuse_constant(name: str) -> NoReturn:
    raise InkError(f"holds {name}, expected finite numbers")


def ink_of_json(value: Any, source: str = "") -> Ink:
    """Return the ink of a parsed JSON value.

    Args:
        value: The parsed JSON.
        source: Name of the file in `Ink.source` and in errors.

    Raises:
        InkError: The value is not an ink; the error gives the place and the reason.
    """
    value = _typed(value, dict, "the file", source)
    strokes = _typed(value.get("strokes"), list, "strokes", source)
    if not strokes:
        raise InkError("no strokes", place="strokes", source=source)
    read = [_points(stroke, f"stroke {index}", source) for index, stroke in enumerate(strokes)]
    if _are_rows(strokes):
        raise InkError(f"each holds all of its x, then all of its y; {_POINT}", place="strokes", source=source)
    symbols = _typed(value.get("symbols", []), list, "symbols", source)
    annotations = _typed(value.get("annotations", {}), dict, "annotations", source)
    if any(map(_is_torn, annotations)):
        raise InkError("a name holds a lone surrogate, half of a character", place="annotations", source=source)
    return Ink(
        read,  # type: ignore[arg-type]
        label=_text(value, "label", "label", source),
        writer=_text(value, "writer", "writer", source),
        source=source,
        symbols=tuple(_symbol(group, f"symbol {index}", source) for index, group in enumerate(symbols)),
        truth=_node(value["truth"], 0, source) if value.get("truth") is not None else None,
        annotations={name: _text(annotations, name, f"annotations {name[:40]!r}", source) for name in annotations},
    )


def _points(stroke: Any, place: str, source: str) -> list[tuple[float, float]]:
    points = []
    for index, point in enumerate(_typed(stroke, list, place, source)):
        numbers = point[:2] if isinstance(point, list) else []
        # type() and not isinstance(), for which JSON's true and false are ints
        if len(numbers) != 2 or any(type(number) not in (int, float) for number in numbers):
            reason = f"{_shown(point)} is not [x, y]"
            raise InkError(reason, place=f"{place}, point {index}", source=source)
        if len(point) > MAX_NUMBERS:
            reason = f"{len(point)} numbers, the limit is {MAX_NUMBERS}; {_POINT}, not all x and then all y"
            raise InkError(reason, place=f"{place}, point {index}", source=source)
        points.append((numbers[0], numbers[1]))
    return points


def _are_rows(strokes: list[list[list]]) -> bool:
    """Return whether the strokes must be rows, as in Quick, Draw!: all x, then all y and perhaps all times.

    Rows are as long as their stroke, whereas points have the same number of numbers in all strokes. Rows of a single
    stroke, or of strokes with equally many points, cannot be told from points.
    """
    widths = [{len(point) for point in stroke} for stroke in strokes]
    lengths = {len(stroke) for stroke in strokes}
    return lengths in ({2}, {3}) and all(len(width) == 1 for width in widths) and len(set().union(*widths)) > 1


def _symbol(value: Any, place: str, source: str) -> SymbolGroup:
    group = _typed(value, dict, place, source)
    strokes = _indices(group.get("strokes"), place, source)
    return SymbolGroup(_text(group, "label", place, source), strokes, _text(group, "href", place, source))


def _node(value: Any, depth: int, source: str) -> MathNode:
    if depth > MAX_DEPTH:
        raise InkError(f"nodes nested deeper than {MAX_DEPTH}", place="truth", source=source)
    node = _typed(value, dict, "truth", source)
    tag, text, name = (_text(node, key, "truth", source) for key in ("tag", "text", "id"))
    children = _typed(node.get("children", []), list, "truth", source)
    strokes = _indices(node.get("strokes", []), "truth", source)
    return MathNode(tag, text, name, strokes, tuple(_node(child, depth + 1, source) for child in children))


def _indices(value: Any, place: str, source: str) -> tuple[int, ...]:
    indices = _typed(value, list, place, source)
    for index in indices:
        if type(index) is not int:
            raise InkError(f"strokes hold {_shown(index)}, expected indices", place=place, source=source)
    return tuple(sorted(set(indices)))


def _text(holder: dict, key: str, place: str, source: str) -> str:
    text = _typed(holder.get(key, ""), str, place, source)
    if _is_torn(text):
        raise InkError(f"{_shown(text)} holds a lone surrogate, half of a character", place=place, source=source)
    return text


def _typed(value: Any, kind: type[dict] | type[list] | type[str], place: str, source: str) -> Any:
    if not isinstance(value, kind):
        reason = f"{_shown(value)} is not a JSON {_JSON_NAMES[kind]}"
        raise InkError(reason, place=place, source=source)
    return value


def _is_torn(text: str) -> bool:
    """Return whether a text holds a lone surrogate, which JSON can express and UTF-8 cannot."""
    return not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text)


def _shown(value: Any) -> str:
    """Return the beginning of a value as printable text for an error."""
    return str(value)[:40].encode("utf-8", "backslashreplace").decode()


_POINT = "a point is [x, y], and perhaps time and pressure"
_JSON_NAMES: dict[type, str] = {dict: "object", list: "array", str: "string"}


def write_json(ink: Ink) -> str:
    """Return one line of JSON that `read_json` reads as the same ink; empty fields are left out."""
    value: dict[str, Any] = {"strokes": [[[_number(x), _number(y)] for x, y in stroke] for stroke in _lists(ink)]}
    value |= {"label": ink.label}
    if ink.writer:
        value["writer"] = ink.writer
    if ink.symbols:
        value["symbols"] = [
            {"label": group.label, "strokes": list(group.strokes), "href": group.href} for group in ink.symbols
        ]
    if ink.truth:
        value["truth"] = _json_of_node(ink.truth)
    if ink.annotations:
        value["annotations"] = ink.annotations
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _lists(ink: Ink) -> list[list[list[float]]]:
    return [stroke.tolist() for stroke in ink.strokes]


def _number(value: float) -> int | float:
    """Return a whole number as an int: without ".0", ink from a digitiser takes half the bytes."""
    return int(value) if value.is_integer() else value


def _json_of_node(node: MathNode) -> dict[str, Any]:
    value: dict[str, Any] = {"tag": node.tag}
    value |= {key: found for key, found in (("text", node.text), ("id", node.id)) if found}
    if node.strokes:
        value["strokes"] = list(node.strokes)
    if node.children:
        value["children"] = [_json_of_node(child) for child in node.children]
    return value
