"""Read and write Ink Markup Language (W3C Recommendation, 2011), as CROHME, MathWriting and other collections use it.

The reader supports traces with any trace format, units and resolution, trace groups and trace views as symbols, and
the MathML truth whose nodes those symbols name. It ignores time and other channels, brushes and time stamps.
docs/inkml.md is the specification. The reader of the web page implements it too, and the files in tests/fixtures/inkml
test both.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError, SubElement, indent, tostring

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from tegashiki.ink.context import Context, ContextError, ContextReader, Point, Step, relative
from tegashiki.ink.encoding import BLANKS, MARK, decode_xml
from tegashiki.ink.ink import MAX_STROKES, Ink, InkError, MathNode, SymbolGroup
from tegashiki.ink.trace import TraceFormat, TraceFormatError, encode_trace

MAX_BYTES = 8 * 2**20  # size of one file: MAX_POINTS with several channels
MAX_ELEMENTS = 100_000  # elements in one file
MAX_DEPTH = 200  # depth of nested elements; CROHME's deepest truth has 51
MAX_VISITS = 1_000_000  # elements visited while following references, which may name one group many times

_INK = "http://www.w3.org/2003/InkML"
_MATHML = "http://www.w3.org/1998/Math/MathML"
_XML_ID = "{http://www.w3.org/XML/1998/namespace}id"
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # not allowed in XML 1.0


def read_inkml(path_or_bytes: str | Path | bytes, source: str = "") -> Ink:
    """Read one InkML document.

    Empty traces, pen-up traces and references to strokes that do not exist are ignored.

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
    root = _parse(data, source)
    return _Document(root, source).ink()


def read_limited(path: Path, source: str, limit: int = MAX_BYTES) -> bytes:
    """Read the bytes of a file.

    Args:
        path: The file.
        source: Name of the file in errors.
        limit: Maximum size in bytes.

    Raises:
        InkError: The file cannot be read, or is larger than `limit`.
    """
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except (OSError, ValueError) as error:
        raise InkError(f"cannot be read ({getattr(error, 'strerror', None) or error})", source=source) from None
    if len(data) > limit:
        raise InkError(f"more than {limit} bytes, the limit", source=source)
    return data


def _parse(data: bytes, source: str) -> Element:
    text = decode_xml(data, source)
    if not text.strip(MARK + BLANKS + "\0"):
        raise InkError("the file is empty", source=source)
    try:
        root = fromstring(text)
    except DefusedXmlException as error:
        reason = f"declares an entity or refers to another file, which is not allowed ({type(error).__name__})"
        raise InkError(reason, source=source) from None
    except ParseError as error:
        line, column = error.position
        place = f"line {line}, column {column + 1}"
        raise InkError(f"not well-formed XML ({error})", place=place, source=source) from None
    for element in root.iter():
        element.tag = element.tag.rsplit("}", 1)[-1]  # files with and without namespaces are read alike
    if root.tag != "ink":
        raise InkError(f"the root element is <{root.tag[:40]}>, expected <ink>", source=source)
    _check_size(root, source)
    return root


def _check_size(root: Element, source: str) -> None:
    level, depth, count = [root], 0, 0
    while level:
        depth, count = depth + 1, count + len(level)
        if depth > MAX_DEPTH:
            raise InkError(f"elements nested deeper than {MAX_DEPTH}", place=f"<{level[0].tag}>", source=source)
        if count > MAX_ELEMENTS:
            raise InkError(f"more than {MAX_ELEMENTS} elements, the limit", source=source)
        level = [child for element in level for child in element]


def _id(element: Element) -> str:
    return element.get(_XML_ID) or element.get("id") or ""


def _text(element: Element) -> str:
    return (element.text or "").strip()


def _annotations(element: Element) -> dict[str, str]:
    """Return the annotations of an element by type, the first of each type; one without a type is under ""."""
    found: dict[str, str] = {}
    for child in element:
        if child.tag == "annotation":
            found.setdefault(child.get("type", ""), _text(child))
    return found


class _Document:
    """Reads one document and holds its state meanwhile."""

    def __init__(self, root: Element, source: str):
        self.root, self.source = root, source
        self.by_id = {_id(element): element for element in reversed(list(root.iter())) if _id(element)}
        self.visits = 0
        self.contexts = ContextReader(root, self._target, self._visit, self._read_format)
        self.context = self.contexts.initial  # for traces that name none; changes while the file is read
        self.step: Step | None = None  # the unit of all strokes
        self.strokes: list[list[tuple[float, float]]] = []
        self.index: dict[Element, int] = {}  # trace -> index of its stroke
        self.traces = 0

    def ink(self) -> Ink:
        self._read_traces(self.root, Context())
        if not self.strokes:
            raise InkError("no strokes: there is no <trace> with a point", source=self.source)
        symbols = tuple(self._symbols(self.root))
        annotations = _annotations(self.root)
        # In three files of CROHME 2013 the attribute `type` of the truth is misspelled.
        untyped = annotations.pop("", "")
        label = annotations.pop("truth", "") or annotations.pop("label", "") or untyped
        writer = annotations.pop("writer", "")
        truth = self._truth(symbols)
        strokes = tuple(self.strokes)
        return Ink(strokes, label, writer, self.source, symbols, truth, annotations)  # type: ignore[arg-type]

    def _read_format(self, element: Element) -> TraceFormat:
        try:
            return TraceFormat.from_channels(
                [dict(channel.attrib) for channel in _regular_channels(element)],
                [dict(channel.attrib) for child in element if child.tag == "intermittentChannels" for channel in child],
            )
        except TraceFormatError as error:
            place = f"traceFormat {_id(element)}".strip()
            raise InkError(str(error), place=place, source=self.source) from None

    def _visit(self, element: Element | None) -> Iterator[Element]:
        """Yield an element that a reference names and its descendants, and count them against MAX_VISITS."""
        for inner in element.iter() if element is not None else ():
            self.visits += 1
            if self.visits > MAX_VISITS:
                raise InkError(f"references lead to more than {MAX_VISITS} elements, the limit", source=self.source)
            yield inner

    def _target(self, reference: str | None) -> Element | None:
        """Return the element that a reference "#id", or "id" as in CROHME, names, or None."""
        return self.by_id.get(reference.strip().removeprefix("#")) if reference else None

    def _read_traces(self, parent: Element, inherited: Context) -> None:
        for element in parent:
            name = element.tag
            if name == "traceFormat" and parent is self.root:
                self.context = Context(self._read_format(element)).over(self.context)
            elif name == "context" and parent is self.root:
                self.context = self._context(element).over(self.context)
            elif name in ("trace", "traceGroup", "definitions"):
                own = self._context(element).over(inherited)
                if name == "trace":
                    self._read_trace(element, own.over(self.context))
                else:
                    self._read_traces(element, own)

    def _context(self, element: Element) -> Context:
        """Return the context that an element is or names."""
        try:
            if element.tag == "context":
                return self.contexts.of(element)
            return self.contexts.read(element.get("contextRef"))
        except ContextError as error:
            place = f"{element.tag} {_id(element)[:40]}".strip()
            raise InkError(str(error), place=place, source=self.source) from None

    def _read_trace(self, element: Element, context: Context) -> None:
        place = f"trace {self.traces}" + (f" (id {_id(element)[:40]!r})" if _id(element) else "")
        self.traces += 1
        if element.get("type") == "penUp":
            return
        if len(element):  # `element.text` would end at the first child
            reason = f"holds <{element[0].tag[:40]}>, expected only points: remove it"
            raise InkError(reason, place=place, source=self.source)
        try:
            points = self._in_one_unit(context.points(element.text or ""), context.step())
        except TraceFormatError as error:
            raise InkError(str(error), place=place, source=self.source) from None
        if not points:
            return
        before = self._target(element.get("priorRef"))
        if element.get("continuation") in ("middle", "end") and before in self.index:
            self.index[element] = self.index[before]
            self.strokes[self.index[before]].extend(points)
        else:
            if len(self.strokes) == MAX_STROKES:
                raise InkError(f"more than {MAX_STROKES} strokes, the limit: split the ink", source=self.source)
            self.index[element] = len(self.strokes)
            self.strokes.append(points)

    def _in_one_unit(self, points: list[Point], step: Step | None) -> list[Point]:
        """Convert points in units of `step` to the unit of the first stroke that has one."""
        if not points or step is None:
            return points
        self.step = self.step or step
        factor = relative(step, self.step)
        return points if factor == 1.0 else [(x * factor, y * factor) for x, y in points]

    def _symbols(self, parent: Element) -> Iterator[SymbolGroup]:
        for element in parent:
            if element.tag not in ("traceGroup", "traceView"):
                continue
            label, href = self._symbol_name(element)
            strokes = self._own_strokes(element) if label or href else None
            if strokes:
                yield SymbolGroup(label, tuple(sorted(strokes)), href)
            yield from self._symbols(element)

    def _symbol_name(self, element: Element) -> tuple[str, str]:
        hrefs = [child.get("href", "") for child in element if child.tag == "annotationXML"]
        return _annotations(element).get("truth", ""), next(filter(None, hrefs), "").removeprefix("#")

    def _own_strokes(self, element: Element) -> set[int]:
        """Return the strokes of a group or view that belong to none of the named groups inside it."""
        found = self._referred(element) if element.tag == "traceView" else set()
        for child in element:
            if child.tag == "trace" and child in self.index:
                found.add(self.index[child])
            elif child.tag == "traceView" and not any(self._symbol_name(child)):
                found |= self._own_strokes(child)
        return found

    def _referred(self, view: Element) -> set[int]:
        """Return the strokes that a view names, also by other views; a part of a trace counts as its whole stroke."""
        strokes: set[int] = set()
        seen, waiting = {view}, [view]
        for current in waiting:  # grows during the loop
            for element in (inner for part in self._parts(current) for inner in self._visit(part)):
                if element in self.index:
                    strokes.add(self.index[element])
                elif element.tag == "traceView" and element not in seen:  # circles end
                    seen.add(element)
                    waiting.append(element)
        return strokes

    def _parts(self, view: Element) -> list[Element]:
        """Return the elements that the traceDataRef of a view names: one, or some members of a group."""
        target = self._target(view.get("traceDataRef"))
        if target is None:
            return []
        if target.tag == "traceGroup" and ("from" in view.attrib or "to" in view.attrib):
            members = [child for child in target if child.tag in ("trace", "traceGroup")]
            self.visits += len(target)
            return members[self._bound(view, "from", 1) - 1 : self._bound(view, "to", len(members))]
        return [target]

    def _bound(self, view: Element, name: str, default: int) -> int:
        """Return the first number of a view's from or to, such as 2 of "2:1": the member of a group, counted from 1."""
        value = view.get(name, "").split(":")[0].strip()
        if not value:
            return default
        if not re.fullmatch("[0-9]{1,9}", value) or value == "0":
            place = f"traceView of {view.get('traceDataRef')!r}"
            raise InkError(f"{name}={value[:40]!r}, expected a number of 1 or more", place=place, source=self.source)
        return int(value)

    def _truth(self, symbols: tuple[SymbolGroup, ...]) -> MathNode | None:
        strokes: dict[str, set[int]] = {}
        for symbol in symbols:
            strokes.setdefault(symbol.href, set()).update(symbol.strokes)
        strokes.pop("", None)
        for annotation in self.root:
            if annotation.tag == "annotationXML":
                for element in annotation.iter():
                    if element.tag == "math":
                        return _math_node(element, strokes)
        return None


def _regular_channels(trace_format: Element) -> Iterator[Element]:
    for child in trace_format:
        if child.tag == "channel":
            yield child
        elif child.tag == "regularChannels":  # in drafts of the recommendation
            yield from child


def _math_node(element: Element, strokes: dict[str, set[int]]) -> MathNode:
    own = tuple(sorted(strokes.get(_id(element), ())))
    children = tuple(_math_node(child, strokes) for child in element)
    return MathNode(element.tag, _text(element), _id(element), own, children)


def write_inkml(ink: Ink) -> str:
    """Return an InkML document that `read_inkml` reads as the same ink, except for blanks around texts.

    Raises:
        InkError: A text holds a character that is not allowed in XML.
    """
    root = Element("ink", {"xmlns": _INK})
    trace_format = SubElement(root, "traceFormat")
    for name in ("X", "Y"):
        SubElement(trace_format, "channel", {"name": name, "type": "decimal"})
    for kind, text in {"truth": ink.label, "writer": ink.writer, **ink.annotations}.items():
        if text:
            SubElement(root, "annotation", {"type": _writable(kind)}).text = _writable(text)
    if ink.truth:
        truth = SubElement(root, "annotationXML", {"type": "truth", "encoding": "Presentation-MathML"})
        _write_math(truth, ink.truth).set("xmlns", _MATHML)
    for index, stroke in enumerate(ink.strokes):
        SubElement(root, "trace", {"id": str(index)}).text = encode_trace(stroke)
    if ink.symbols:
        _write_symbols(root, ink)
    indent(root)
    return tostring(root, encoding="unicode") + "\n"


def _write_math(parent: Element, node: MathNode) -> Element:
    element = SubElement(parent, node.tag, {"xml:id": _writable(node.id)} if node.id else {})
    element.text = _writable(node.text)
    for child in node.children:
        _write_math(element, child)
    return element


def _write_symbols(root: Element, ink: Ink) -> None:
    outer = SubElement(root, "traceGroup", {"xml:id": str(len(ink.strokes))})
    SubElement(outer, "annotation", {"type": "truth"}).text = "Segmentation"
    for index, symbol in enumerate(ink.symbols):
        group = SubElement(outer, "traceGroup", {"xml:id": str(len(ink.strokes) + 1 + index)})
        SubElement(group, "annotation", {"type": "truth"}).text = _writable(symbol.label)
        for stroke in symbol.strokes:
            SubElement(group, "traceView", {"traceDataRef": str(stroke)})
        if symbol.href:
            SubElement(group, "annotationXML", {"href": _writable(symbol.href)})


def _writable(text: str) -> str:
    found = _UNWRITABLE.search(text)
    if found:
        raise InkError(f"the character {found.group()!r} cannot be written in XML", place=f"text {text[:40]!r}")
    return text
