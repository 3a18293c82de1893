"""The context of an InkML <trace>: its format, the resolution of its device and its mapping onto the canvas.

docs/inkml.md is the specification. web/src/page/context.ts implements it too.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from xml.etree.ElementTree import Element

from tegashiki.ink.trace import XY, TraceFormat, decode_trace

Point = tuple[float, float]
Affine = tuple[float, float, float, float, float, float]  # x' = a x + b y + c, y' = d x + e y + f
IDENTITY: Affine = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
LONG_STEP = 0.01  # metres; longer than the step of any pen device
MAX_RESOLUTION = 1e12  # resolutions above this or below its inverse are ignored
MAX_UNIT = 100  # characters of a resolution's unit that are read

_METRES = {
    **dict.fromkeys(("m", "meter", "meters", "metre", "metres"), 1.0),
    **dict.fromkeys(("dm", "decimeter", "decimeters", "decimetre", "decimetres"), 0.1),
    **dict.fromkeys(("cm", "centimeter", "centimeters", "centimetre", "centimetres"), 1e-2),
    **dict.fromkeys(("mm", "millimeter", "millimeters", "millimetre", "millimetres"), 1e-3),
    **dict.fromkeys(("um", "micrometer", "micrometers", "micrometre", "micrometres", "micron", "microns"), 1e-6),
    **dict.fromkeys(("in", "inch", "inches"), 0.0254),
    **dict.fromkeys(("pt", "point", "points"), 0.0254 / 72),
    **dict.fromkeys(("pc", "pica", "picas"), 0.0254 / 6),
    **dict.fromkeys(("px", "pixel", "pixels"), 0.0254 / 96),
    "himetric": 1e-5,
}
_COUNTED = frozenset({"pt", "point", "points", "px", "pixel", "pixels"})  # lengths that are also names of a step
_RATIO = re.compile(r"(.*?)(?:[/\\]|\bper\b)(.*)", re.IGNORECASE | re.DOTALL)  # 1/in, points per inch, and 1\in
# A unit such as in^-1, in-1 or in with superscripts.
_INVERSE = re.compile(r"(?:.*\s)?(\S+?)\s*(?:(?:\^|\*\*)?\s*\(?\s*[-\u2212]\s*1\s*\)?|\u207b\u00b9)", re.DOTALL)
_PER_LENGTH = re.compile(r"[cdlps]p(i|in|cm|mm)", re.IGNORECASE)  # dpi, ppcm, lpmm
_NUMBER = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
DEFAULTS = frozenset({"DefaultContext", "DefaultTraceFormat", "DefaultInkSource"})  # defined in every file


class ContextError(ValueError):
    """An invalid context. The reader adds the file and the place."""


@dataclass(frozen=True)
class Step:
    """The length of one step of a channel.

    Attributes:
        size: The length in units of `unit`.
        unit: "m" for any unit of length that is known, otherwise the unit as the file writes it.
    """

    size: float
    unit: str


@dataclass(frozen=True)
class Context:
    """The settings of a context. None means that a setting is inherited from another context.

    Attributes:
        format: The format of the traces.
        steps: The steps of X and Y, from the resolution of the device.
        transform: The mapping from the numbers of a trace to those of the canvas.
        canvas: The format of the canvas.
    """

    format: TraceFormat | None = None
    steps: tuple[Step, Step] | None = None
    transform: Affine | None = None
    canvas: TraceFormat | None = None

    def over(self, base: Context) -> Context:
        """Return this context with its missing settings taken from `base`."""
        return Context(
            self.format or base.format,
            self.steps or base.steps,
            self.transform or base.transform,
            self.canvas or base.canvas,
        )

    @property
    def is_drawn(self) -> bool:
        """Whether traces are mapped onto the canvas."""
        return self.transform not in (None, IDENTITY)

    def points(self, text: str) -> list[Point]:
        """Decode the text of a trace into points as they are drawn, in the unit of `step`.

        Raises:
            TraceFormatError: The text does not match the format.
        """
        trace_format, ratio = self.format or XY, self._ratio()
        if not self.is_drawn:
            points = decode_trace(text, trace_format)
            return points if ratio == 1.0 else [(x, y * ratio) for x, y in points]
        a, b, c, d, e, f = self.transform or IDENTITY
        canvas = self.canvas or XY
        points = decode_trace(text, replace(trace_format, x_sign=1.0, y_sign=1.0))
        x_sign, y_sign = canvas.x_sign, canvas.y_sign * ratio
        return [(x_sign * (a * x + b * y + c), y_sign * (d * x + e * y + f)) for x, y in points]

    def step(self) -> Step | None:
        """Return the length of 1.0 in the coordinates of `points`, or None if the file does not state it."""
        steps = self._steps()
        return steps[0] if steps else None

    def _ratio(self) -> float:
        """Return the length of one step of y in steps of x, 1.0 if the file does not state it."""
        steps = self._steps()
        return relative(steps[1], steps[0]) if steps else 1.0

    def _steps(self) -> tuple[Step, Step] | None:
        if self.is_drawn:
            return _unit_steps(self.canvas or XY)
        return self.steps or _unit_steps(self.format or XY)


def relative(step: Step, other: Step) -> float:
    """Return the length of `step` in units of `other`, 1.0 if their units cannot be compared."""
    if step.unit != other.unit:
        return 1.0
    # Rounded to twelve digits, more than any resolution has, so that 10 per mm equals 100 per cm exactly.
    return float(f"{step.size / other.size:.11e}")


def _unit_steps(trace_format: TraceFormat) -> tuple[Step, Step] | None:
    """Return the steps of numbers that are in the units of their channels, None if a channel has no unit."""
    if not trace_format.x_unit or not trace_format.y_unit:
        return None
    return _length(1.0, trace_format.x_unit), _length(1.0, trace_format.y_unit)


def _length(size: float, unit: str) -> Step:
    metres = _METRES.get(_unit_name(unit))
    return Step(size, unit) if metres is None else Step(size * metres, "m")


@dataclass(frozen=True)
class Resolution:
    """The resolution of one channel.

    Attributes:
        value: The number in the file.
        unit: Its unit: a length, or anything in which steps are counted.
        per_unit: True for a number of steps per unit, False for the length of a step, which may have lost its "1/".
    """

    value: float
    unit: str
    per_unit: bool

    @property
    def step(self) -> Step:
        """The step as the file states it."""
        return _length(1 / self.value if self.per_unit else self.value, self.unit)

    def as_step(self, inverted: bool) -> Step:
        """Return the step; lengths count as numbers of steps per unit if they are `inverted`."""
        return _length(1 / self.value, self.unit) if inverted else self.step


def read_steps(source: Element, trace_format: TraceFormat | None) -> tuple[Step, Step] | None:
    """Return the steps from the resolutions of X and Y in an <inkSource>, None unless it states both."""
    units = {"X": trace_format.x_unit, "Y": trace_format.y_unit} if trace_format else {}
    found: dict[str, Resolution] = {}
    for element in _channel_properties(source):
        channel = element.get("channel", "").strip().upper()
        if channel in ("X", "Y") and element.get("name", "").strip().lower() == "resolution":
            unit = element.get("units", "").strip()[:MAX_UNIT]
            resolution = _resolution(element.get("value", ""), unit, units.get(channel, ""))
            if resolution:
                found.setdefault(channel, resolution)
    if len(found) < 2:
        return None
    lengths = [resolution.step for resolution in found.values() if not resolution.per_unit]
    # The file left out the "1/", for both channels: 10 mm is too long for a step, so 5 mm is not the length of one.
    inverted = any(length.size >= LONG_STEP for length in lengths)
    return found["X"].as_step(inverted), found["Y"].as_step(inverted)


def _channel_properties(source: Element) -> Iterator[Element]:
    for child in source:
        if child.tag == "channelProperty":
            yield child
        elif child.tag == "channelProperties":
            yield from child.iterfind("channelProperty")


def _resolution(value: str, unit: str, channel_unit: str) -> Resolution | None:
    """Return a resolution such as 1000 1/cm or 0.1 mm, None if it is not a positive number or its unit is unknown."""
    parts = [part.strip() for part in value.split("/")]
    if len(parts) > 2 or not all(map(_NUMBER.fullmatch, parts)):
        return None
    numbers = [float(part) for part in parts]
    if not all(1 / MAX_RESOLUTION <= number <= MAX_RESOLUTION for number in numbers):
        return None
    size = numbers[0] / numbers[1] if len(numbers) == 2 else numbers[0]
    if not unit:
        return Resolution(size, channel_unit, per_unit=True)
    if match := _PER_LENGTH.fullmatch(unit):
        return Resolution(size, "in" if match[1].lower() == "i" else match[1], per_unit=True)
    if match := _RATIO.fullmatch(unit):
        return _of_ratio(size, match[1].strip(), match[2].strip())
    if match := _INVERSE.fullmatch(unit):
        return Resolution(size, match[1].strip(), per_unit=True)
    return Resolution(size, unit, per_unit=False) if _unit_name(unit) in _METRES else None


def _of_ratio(size: float, unit: str, other: str) -> Resolution:
    """Return a resolution in `unit` per `other`: steps per length, as in dots/in, or length per step, as in mm/dot."""
    lengths = _METRES.keys() - _COUNTED
    if _unit_name(unit) in lengths and _unit_name(other) not in lengths:
        return Resolution(size, unit, per_unit=False)
    return Resolution(size, other, per_unit=True)


def _unit_name(unit: str) -> str:
    """Return the unit in small letters, without a final dot and with u for the micro sign or the Greek letter."""
    return unit.lower().replace("\u00b5", "u").replace("\u03bc", "u").removesuffix(".")


def read_mapping(mapping: Element) -> Affine | None:
    """Return the matrix of a <mapping>, None if the mapping is of an unsupported type.

    Raises:
        ContextError: The matrix has no inverse.
    """
    if mapping.get("type", "").strip() == "identity":
        return IDENTITY
    matrix = next((element for element in mapping if element.tag == "affine"), None)
    numbers = re.split(r"[ \t\r\n,]+", (matrix.text or "").strip(" \t\r\n,")) if matrix is not None else []
    if len(numbers) != 6 or not all(map(_NUMBER.fullmatch, numbers)):
        return None
    a, b, c, d, e, f = map(float, numbers)
    area = a * e - b * d
    if area == 0 or not math.isfinite(area):
        raise ContextError(f"the mapping {' '.join(numbers)[:80]} leaves nothing of the ink: give one with an inverse")
    return a, b, c, d, e, f


class ContextReader:
    """Reads the contexts of one document.

    Attributes:
        initial: The context of traces that name none.
    """

    def __init__(
        self,
        root: Element,
        target: Callable[[str | None], Element | None],
        visit: Callable[[Element | None], Iterator[Element]],
        read_format: Callable[[Element], TraceFormat],
    ):
        """Create a reader.

        Args:
            root: The root element of the document.
            target: Returns the element that a reference names, None if there is none.
            visit: Yields an element and its descendants, and counts them.
            read_format: Reads a <traceFormat>.
        """
        self._target, self._visit, self._read_format = target, visit, read_format
        self._known: dict[Element, Context] = {}
        self.initial = self._agreed(root)

    def read(self, reference: str | None) -> Context:
        """Return the context that a contextRef names, an empty one if it names nothing.

        Raises:
            ContextError: Contexts inherit from each other in a circle.
        """
        element = self._target(reference)
        if element is not None:
            return self.of(element)
        return Context(format=XY) if _is_default(reference) else Context()

    def of(self, element: Element) -> Context:
        """Return the context of an element together with the settings that it inherits.

        Args:
            element: A <context>, or another element that a contextRef names.

        Raises:
            ContextError: Contexts inherit from each other in a circle.
        """
        chain: dict[Element, None] = {}
        current: Element | None = element
        while current is not None and current.tag == "context" and current not in self._known:
            if current in chain:
                raise ContextError("contexts refer to each other in a circle, expected one that refers to none")
            chain[current] = None
            reference = current.get("contextRef")
            current = self._target(reference)
        if current is None:
            base = Context(format=XY) if _is_default(reference) else Context()
        else:
            base = self._known[current] if current in self._known else self._source(current)
        for context in reversed(chain):
            base = self._known[context] = self._own(context).over(base)
        return base

    def _agreed(self, root: Element) -> Context:
        """Return the settings that all formats and all sources of a document share.

        They apply to traces without a context.
        """
        on_canvas = {inner for canvas in root.iter("canvas") for inner in canvas.iter("traceFormat")}
        elements = [element for element in root.iter("traceFormat") if element not in on_canvas]
        formats = set()
        for element in elements:
            try:
                formats.add(self._read_format(element))
            except ValueError:
                if len(elements) == 1:  # an invalid format among several may belong to no trace
                    raise
        only = formats.pop() if len(formats) == 1 else None
        steps = {read_steps(element, only) for element in root.iter("inkSource")}
        return Context(only, steps.pop() if len(steps) == 1 else None)

    def _own(self, context: Element) -> Context:
        """Return the settings of a <context> itself, from its children or its references."""
        children = {child.tag: child for child in reversed(context)}

        def part(tag: str) -> Element | None:
            return children[tag] if tag in children else self._target(context.get(f"{tag}Ref"))

        trace_format = self._format(part("traceFormat"))
        if trace_format is None and _is_default(context.get("traceFormatRef")):
            trace_format = XY
        own = Context(trace_format, None, self._transform(part("canvasTransform")), self._format(part("canvas")))
        source = part("inkSource")
        return own if source is None else own.over(self._source(source))

    def _source(self, element: Element) -> Context:
        """Return the settings of an <inkSource>, or of another element that is named in its place."""
        if element not in self._known:
            trace_format = self._format(element)
            self._known[element] = Context(trace_format, read_steps(element, trace_format))
        return self._known[element]

    def _transform(self, element: Element | None) -> Affine | None:
        """Return the mapping of a <canvasTransform>; a second mapping is the inverse and is not needed."""
        mapping = next((inner for inner in self._visit(element) if inner.tag == "mapping"), None)
        if mapping is None:
            return None
        referred = self._target(mapping.get("mappingRef"))
        return read_mapping(mapping if referred is None else referred)

    def _format(self, holder: Element | None) -> TraceFormat | None:
        """Return the format that an element is or holds."""
        found = next((element for element in self._visit(holder) if element.tag == "traceFormat"), None)
        return None if found is None else self._read_format(found)


def _is_default(reference: str | None) -> bool:
    return (reference or "").strip().removeprefix("#") in DEFAULTS
