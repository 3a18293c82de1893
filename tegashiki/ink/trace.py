"""Decode and encode the text of an InkML <trace>, whose numbers are described by a <traceFormat>."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

MAX_NUMBERS = 7  # per point without a trace format: x, y, time, pressure, a button and two angles

_PLAIN = re.compile(r"[-+0-9.,eE \t\r\n]*")
_VALUE = re.compile(r"([!'\"]?)\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|-?#[0-9A-Fa-f]+|[TF*?])", re.ASCII)


class TraceFormatError(ValueError):
    """An invalid trace or trace format. The reader adds the file and the place."""


@dataclass(frozen=True)
class TraceFormat:
    """The meaning of the numbers of a point.

    A point may lack the numbers after its x and y: files of MfrDB declare X Y T and write x y.

    Attributes:
        x: The column of x.
        y: The column of y.
        x_sign: -1.0 if the orientation of the channel is "-ve".
        y_sign: -1.0 if the orientation of the channel is "-ve". Positive y is down, in InkML as here.
        allowed: The maximum number of numbers of a point.
        x_unit: The unit of the channel as the file writes it, "" for none.
        y_unit: The unit of the channel as the file writes it, "" for none.
    """

    x: int = 0
    y: int = 1
    x_sign: float = 1.0
    y_sign: float = 1.0
    allowed: int = MAX_NUMBERS
    x_unit: str = ""
    y_unit: str = ""

    @property
    def required(self) -> int:
        """The minimum number of numbers of a point."""
        return max(self.x, self.y) + 1

    @classmethod
    def from_channels(cls, regular: Sequence[Mapping], intermittent: Sequence[Mapping] = ()) -> TraceFormat:
        """Return the format with the given channels; without any channel, the default format.

        Args:
            regular: The attributes of the regular channels, in order.
            intermittent: The attributes of the intermittent channels, which come last in a point.

        Raises:
            TraceFormatError: X or Y is not exactly one of the regular channels.
        """
        channels = [*regular, *intermittent]
        if not channels:
            return XY
        names = [channel.get("name", "").strip().upper() for channel in channels]
        for name in "XY":
            if names[: len(regular)].count(name) != 1:
                raise TraceFormatError(f"the channels are {names}, expected X and Y once each")
        x, y = names.index("X"), names.index("Y")
        x_sign, y_sign = (
            -1.0 if channels[column].get("orientation", "").strip() == "-ve" else 1.0 for column in (x, y)
        )
        x_unit, y_unit = (channels[column].get("units", "").strip() for column in (x, y))
        return cls(x, y, x_sign, y_sign, len(channels), x_unit, y_unit)


XY = TraceFormat()  # the default of the standard; without a declared format, points may have further numbers


def decode_trace(text: str, trace_format: TraceFormat) -> list[tuple[float, float]]:
    """Decode the text of a trace.

    Args:
        text: The text of a <trace>.
        trace_format: The meaning of its numbers.

    Returns:
        The (x, y) of each point; an empty list for a blank trace.

    Raises:
        TraceFormatError: The text does not match the format; the error names the point.
    """
    points = text.split(",")
    if not points[-1].strip():
        points.pop()  # a comma after the last point
    rows = _plain_rows(points) if _PLAIN.fullmatch(text) else None
    if rows is None:
        rows = _coded_rows(points)
    x, y, least, most = trace_format.x, trace_format.y, trace_format.required, trace_format.allowed
    for index, row in enumerate(rows):
        if not least <= len(row) <= most:
            wanted = f"{least} to {most}; points are parted by commas"
            raise TraceFormatError(f"point {index} has {len(row)} numbers, expected {wanted}: {points[index][:40]!r}")
        if row[x] is None or row[y] is None:
            raise TraceFormatError(f"point {index} has no x or no y: {points[index][:40]!r}")
    if len(rows) == 1 and most == MAX_NUMBERS and _has_lines_of_points(points[0], len(rows[0])):
        wanted = "if these are several points, part them by commas; if it is one, write it in one line"
        raise TraceFormatError(f"point 0 has {len(rows[0])} numbers in several lines; {wanted}: {points[0][:40]!r}")
    x_sign, y_sign = trace_format.x_sign, trace_format.y_sign
    return [(x_sign * row[x], y_sign * row[y]) for row in rows]


def _has_lines_of_points(point: str, numbers: int) -> bool:
    """Return whether a point may be several points x y whose lines have no commas."""
    return numbers > 3 and numbers % 2 == 0 and "\n" in point.strip()


def _plain_rows(points: list[str]) -> list[list[float]] | None:
    """Return the points if all values are plain numbers, otherwise None (`3-5` holds two values)."""
    try:
        return [[*map(float, point.split())] for point in points]
    except ValueError:
        return None


def _coded_rows(points: list[str]) -> list[list]:
    """Return points with prefixes: `!` for values, `'` for first and `"` for second differences (InkML 3.2.1).

    A prefix applies to its channel until the next one. `*` repeats the last value. `?`, T and F are returned as None;
    x and y cannot have these values.
    """
    orders: dict[int, str] = {}
    values: dict[int, float] = {}
    speeds: dict[int, float] = {}
    rows = []
    for index, point in enumerate(points):
        row: list[float | None] = []
        for column, (prefix, value) in enumerate(_values(point, index)):
            order = orders[column] = prefix or orders.get(column, "!")
            last = values.get(column)
            if value in "TF?":
                row.append(None)
                continue
            if last is None and (order != "!" or value == "*"):
                raise TraceFormatError(f"point {index} refers to a point before it that does not exist: {point[:40]!r}")
            new = _decoded(order, value, last or 0.0, speeds.get(column, 0.0))
            speeds[column] = new - last if last is not None else 0.0
            values[column] = new
            row.append(new)
        rows.append(row)
    return rows


def _decoded(order: str, value: str, last: float, speed: float) -> float:
    if value == "*":
        return last
    number = _number(value)
    return {"!": number, "'": last + number, '"': last + speed + number}[order]


def _values(point: str, index: int) -> list[tuple[str, str]]:
    found, position = [], 0
    text = point.strip()
    while position < len(text):
        match = _VALUE.match(text, position)
        if not match:
            raise TraceFormatError(f"point {index} is not a list of numbers: {text[position : position + 40]!r}")
        found.append((match.group(1), match.group(2)))
        position = match.end()
        while position < len(text) and text[position].isspace():
            position += 1
    return found


def _number(text: str) -> float:
    sign, digits = (-1.0, text[1:]) if text.startswith("-") else (1.0, text)
    return sign * (float(int(digits[1:][:64], 16)) if digits.startswith("#") else float(digits))


def encode_trace(stroke_N2: np.ndarray) -> str:
    """Return the text of a trace with the channels X Y, from which `decode_trace` restores the same numbers."""
    return ", ".join(f"{_decimal(x)} {_decimal(y)}" for x, y in stroke_N2.tolist())


def _decimal(value: float) -> str:
    text = repr(int(value)) if value.is_integer() else repr(value)
    return np.format_float_positional(value, trim="-") if "e" in text else text  # InkML has no exponents
