import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tegashiki.ink import inkml
from tegashiki.ink.ink import Ink, InkError, MathNode, SymbolGroup
from tegashiki.ink.inkml import read_inkml, write_inkml

from .inks import assert_same, inks

NAMESPACE = 'xmlns="http://www.w3.org/2003/InkML"'


def read(body: str) -> Ink:
    return read_inkml(f"<ink {NAMESPACE}>{body}</ink>".encode(), "test.inkml")


def strokes(body: str) -> list:
    return [stroke.tolist() for stroke in read(body).strokes]


def channels(*names: str) -> str:
    return "<traceFormat>" + "".join(f'<channel name="{name}"/>' for name in names) + "</traceFormat>"


CROHME = """<?xml version="1.0" encoding="UTF-8"?>
<ink xmlns="http://www.w3.org/2003/InkML">
<traceFormat><channel name="X" type="decimal"/><channel name="Y" type="decimal"/></traceFormat>
<annotation type="truth">$\\frac{a}{2}$</annotation><annotation type="writer">w1</annotation>
<annotation type="UI">id-7</annotation>
<annotationXML type="truth" encoding="Content-MathML"><math xmlns="http://www.w3.org/1998/Math/MathML">
 <mfrac xml:id="-_1"><mi xml:id="a_1">a</mi><mn xml:id="2_1">2</mn></mfrac></math></annotationXML>
<trace id="0">1 2, 3 4</trace><trace id="1">5.5 -6, 7e1 8</trace><trace id="2">9 9</trace><trace id="3">1 1,</trace>
<traceGroup xml:id="4"><annotation type="truth">Segmentation</annotation>
 <traceGroup xml:id="5"><annotation type="truth">-</annotation><traceView traceDataRef="1"/>
  <annotationXML href="-_1"/></traceGroup>
 <traceGroup xml:id="6"><annotation type="truth">a</annotation><traceView traceDataRef="#2"/>
  <traceView traceDataRef="0"/><traceView traceDataRef="17"/><annotationXML href="a_1"/></traceGroup>
 <traceGroup xml:id="7"><annotation type="truth">2</annotation><traceView traceDataRef="18"/>
  <annotationXML href="2_1"/></traceGroup>
</traceGroup></ink>"""


def test_crohme():
    ink = read_inkml(CROHME.encode(), "a.inkml")
    assert [stroke.tolist() for stroke in ink.strokes] == [[[1, 2], [3, 4]], [[5.5, -6], [70, 8]], [[9, 9]], [[1, 1]]]
    assert (ink.label, ink.writer, ink.source) == ("$\\frac{a}{2}$", "w1", "a.inkml")
    assert ink.annotations == {"UI": "id-7"}
    # References to strokes that do not exist are dropped, as are symbols without any other stroke.
    assert ink.symbols == (SymbolGroup("-", (1,), "-_1"), SymbolGroup("a", (0, 2), "a_1"))
    assert ink.truth == MathNode(
        "math",
        children=(
            MathNode(
                "mfrac",
                id="-_1",
                strokes=(1,),
                children=(MathNode("mi", "a", "a_1", (0, 2)), MathNode("mn", "2", "2_1")),
            ),
        ),
    )


def test_mathwriting():
    ink = read(
        '<annotation type="label">x ^2</annotation><annotation type="normalizedLabel">x^{2}</annotation>'
        + channels("X", "Y", "T")
        + "<trace>1 2 0.0,3 4 16.0</trace>"
    )
    assert ink.label == "x ^2" and ink.annotations == {"normalizedLabel": "x^{2}"}
    assert ink.strokes[0].tolist() == [[1, 2], [3, 4]]


def test_truth_without_a_type():
    assert read('<annotation typx="truth">$x$</annotation><trace>1 2</trace>').label == "$x$"
    both = '<annotation>note</annotation><annotation type="truth">$x$</annotation><trace>1 2</trace>'
    assert read(both).label == "$x$"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<trace>1 2,3 4</trace>", [[[1, 2], [3, 4]]]),
        ("<trace>1 2 9,3 4 9</trace>", [[[1, 2], [3, 4]]]),  # without a trace format, numbers after y are ignored
        ("<trace>1 2 9 9 9 9 9</trace>", [[[1, 2]]]),
        (channels("X", "Y", *"ABCDEF") + "<trace>1 2 3 4 5 6 7 8</trace>", [[[1, 2]]]),
        ("<trace>1 2<!-- a note -->,3 4</trace>", [[[1, 2], [3, 4]]]),
        (channels("Y", "X") + "<trace>1 2,3 4</trace>", [[[2, 1], [4, 3]]]),
        (channels("T", "F", "Y", "X") + "<trace>0 .5 1 2,1 .5 3 4</trace>", [[[2, 1], [4, 3]]]),
        (channels("X", "Y", "T") + "<trace>1 2,3 4 5</trace>", [[[1, 2], [3, 4]]]),  # as in MfrDB
        (channels("X", "Y", "B") + "<trace>1 2 T,3 4 F,5 6 ?</trace>", [[[1, 2], [3, 4], [5, 6]]]),
        (
            '<traceFormat><channel name="X"/><channel name="Y"/><intermittentChannels><channel name="P"/>'
            "</intermittentChannels></traceFormat><trace>1 2,3 4 .5</trace>",
            [[[1, 2], [3, 4]]],
        ),
        ("<trace>1.5-2,-.5+4</trace>", [[[1.5, -2], [-0.5, 4]]]),
        ("<trace>#1F -#a, !1 !2</trace>", [[[31, -10], [1, 2]]]),
        ("<trace> </trace><trace>1 2</trace><trace/>", [[[1, 2]]]),
        ('<trace type="penUp">0 0</trace><trace>1 2</trace>', [[[1, 2]]]),
        (
            '<traceFormat><channel name="X"/><channel name="Y" orientation="-ve"/></traceFormat><trace>1 2</trace>',
            [[[1, -2]]],
        ),
        ('<trace xml:id="a">1 2</trace><trace continuation="end" priorRef="#a">3 4</trace>', [[[1, 2], [3, 4]]]),
        (
            "<traceGroup><trace>1 2</trace><traceGroup><trace>3 4</trace></traceGroup></traceGroup>",
            [[[1, 2]], [[3, 4]]],
        ),
    ],
)
def test_traces(body, expected):
    assert strokes(body) == expected


def test_differences_are_decoded():
    """The example from the InkML recommendation, section 3.2.1."""
    trace = """<trace>1125 18432,'23'43,"7"-8,3-5,7 -3,6 2,6 8,3 6</trace>"""
    expected = [(1125, 18432), (1148, 18475), (1178, 18510), (1211, 18540), (1251, 18567), (1297, 18596), (1349, 18633)]
    assert strokes(trace) == [[list(point) for point in [*expected, (1404, 18676)]]]
    assert strokes("""<trace>1 1,'2'3,* *,1 1,!5!5</trace>""") == [[[1, 1], [3, 4], [3, 4], [4, 5], [5, 5]]]


def test_contexts():
    body = (
        '<definitions><traceFormat xml:id="swapped"><channel name="Y"/><channel name="X"/></traceFormat>'
        '<context xml:id="one" traceFormatRef="#swapped"/>'
        '<context xml:id="two"><inkSource><traceFormat><channel name="T"/><channel name="X"/><channel name="Y"/>'
        "</traceFormat></inkSource></context></definitions>"
        '<trace>1 2</trace><trace contextRef="#one">1 2</trace>'
        '<traceGroup contextRef="#two"><trace>1 2 3</trace></traceGroup>'
        '<context contextRef="#one" traceFormatRef="#swapped"/><trace>1 2</trace>'
    )
    assert strokes(body) == [[[1, 2]], [[2, 1]], [[2, 3]], [[2, 1]]]


def test_the_only_format_of_a_file_applies_wherever_it_is():
    body = "<context><inkSource>" + channels("Y", "X") + "</inkSource></context><trace>1 2</trace>"
    assert strokes(body) == strokes("<trace>1 2</trace>" + channels("Y", "X")) == [[[2, 1]]]


def named(label: str, inner: str, tag: str = "traceGroup") -> str:
    return f'<{tag}><annotation type="truth">{label}</annotation>{inner}</{tag}>'


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        (named("x", "<trace>1 1</trace><trace>2 2</trace>"), [("x", (2, 3))]),
        (named("x", '<traceView traceDataRef="#b"/><traceView traceDataRef="a"/>'), [("x", (0, 1))]),
        (named("x", '<traceView><traceView traceDataRef="#a" from="2" to="3"/></traceView>'), [("x", (0,))]),
        (named("x", '<traceView traceDataRef="#b"/>', "traceView"), [("x", (1,))]),
        (named("all", named("x", '<traceView traceDataRef="#b"/>')), [("x", (1,))]),
        (
            '<traceGroup xml:id="g"><trace>1 1</trace><trace>2 2</trace><trace>3 3</trace></traceGroup>'
            '<traceGroup xml:id="s"><annotation type="truth">x</annotation><traceView traceDataRef="#g" from="2"/>'
            "</traceGroup>"
            + named("y", '<traceView traceDataRef="#g" to="1:2"/>')
            + named("z", '<traceView traceDataRef="g"/>'),
            [("x", (3, 4)), ("y", (2,)), ("z", (2, 3, 4))],
        ),
        (  # views of views, also in a circle
            '<traceView xml:id="v" traceDataRef="#b"/><traceView xml:id="w" traceDataRef="#v"/>'
            '<traceView xml:id="u"><traceView traceDataRef="#a"/><traceView traceDataRef="#u"/></traceView>'
            + named("x", '<traceView traceDataRef="#w"/>')
            + named("y", '<traceView traceDataRef="#u"/><traceView traceDataRef="#v"/>'),
            [("x", (1,)), ("y", (0, 1))],
        ),
        ('<traceGroup><traceView traceDataRef="#a"/></traceGroup>', []),  # a group without a name is not a symbol
        (named("x", '<traceView traceDataRef="#missing"/><traceView traceDataRef="other.inkml#a"/>'), []),
    ],
)
def test_symbols(groups, expected):
    ink = read('<trace xml:id="a">0 0</trace><trace id="b">1 1</trace>' + groups)
    assert [(symbol.label, symbol.strokes) for symbol in ink.symbols] == expected


def test_reads_latin_1_declared_as_utf_8():
    text = '<?xml version="1.0" encoding="UTF-8"?>'
    text += '<ink><annotation type="writer">Jiří é</annotation><trace>1 2</trace></ink>'
    assert read_inkml(text.encode()).writer == "Jiří é"
    assert read_inkml(text.replace("ř", "r").encode("latin-1")).writer == "Jirí é"
    assert read_inkml(b"\xef\xbb\xbf" + text.encode()).writer == "Jiří é"
    assert read_inkml(text.replace("UTF-8", "UTF-16").encode("utf-16")).writer == "Jiří é"


BOMB = '<!DOCTYPE ink [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><ink><trace>&b;</trace></ink>'
EXTERNAL = '<!DOCTYPE ink [<!ENTITY a SYSTEM "file:///etc/hostname">]><ink><trace>&a;</trace></ink>'


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "the file is empty"),
        ("  \n", "the file is empty"),
        ("<ink><trace>1 2</ink>", "line 1, column 18: not well-formed"),
        ("<svg/>", "root element is <svg>"),
        ("<ink/>", "no strokes"),
        ("<ink><trace>1 2</trace><trace id='t'>1 2,3</trace></ink>", r"trace 1 \(id 't'\): point 1 has 1 numbers"),
        ("<ink><trace>1 2,,3 4</trace></ink>", "trace 0: point 1 has 0 numbers"),
        ("<ink><trace>1 2,x 4</trace></ink>", "trace 0: point 1 is not a list of numbers: 'x 4'"),
        ("<ink><trace>1 nan</trace></ink>", "point 0 is not a list of numbers: 'nan'"),
        ("<ink><trace>1 inf</trace></ink>", "point 0 is not a list of numbers: 'inf'"),
        ("<ink><trace>1 1_0</trace></ink>", "point 0 is not a list of numbers: '_0'"),
        ("<ink><trace>1 \u0661</trace></ink>", "point 0 is not a list of numbers"),
        ("<ink><trace>1 1e999</trace></ink>", "stroke 0, point 0: .* not finite"),
        ("<ink><trace>1 ?</trace></ink>", "point 0 has no x or no y"),
        ("<ink><trace>'1'1</trace></ink>", "point 0 refers to a point before it"),
        ("<ink><traceFormat><channel name='X'/></traceFormat></ink>", "traceFormat: .*expected X and Y"),
        ("<ink>" + channels("X", "Y", "T") + "<trace>1 2 3 4</trace></ink>", "point 0 has 4 numbers, expected 2 to 3"),
        ("<ink><trace>0 0 1 1 2 2 3 3</trace></ink>", "point 0 has 8 numbers, expected 2 to 7; points are parted by"),
        ("<ink><trace>0 0, 1 1<foo/>, 2 2</trace></ink>", "trace 0: holds <foo>, expected only points"),
        ("<ink><trace>1 1</trace><trace><foo/>2 2</trace></ink>", "trace 1: holds <foo>, expected only points"),
        ("<ink>" + "<a>" * 200 + "</a>" * 200 + "</ink>", "nested deeper than 200"),
        (BOMB, "declares an entity"),
        (EXTERNAL, "declares an entity"),
        ("<ink><trace>&nbsp;</trace></ink>", "undefined entity"),
        ('<?xml version="1.0" encoding="klingon"?><ink/>', ".*unknown encoding"),
        ("<ink><trace id='a'>1 2</trace>" + "<traceGroup xml:id='g'/>"
         + named("x", "<traceView traceDataRef='g' from='-1'/>") + "</ink>", "traceView of 'g': from='-1'"),
    ],
)  # fmt: skip
def test_errors_name_file_place_and_reason(text, reason):
    with pytest.raises(InkError, match=f"^test.inkml: (.*)?{reason}"):
        read_inkml(text.encode(), "test.inkml")


def test_limits(monkeypatch, tmp_path):
    many = "".join(f"<trace>{i} 0</trace>" for i in range(2049))
    with pytest.raises(InkError, match="more than 2048 strokes"):
        read(many)
    long = "<trace>" + "0 0," * 10_001 + "</trace>"
    with pytest.raises(InkError, match="10001 points"):
        read(long)
    with pytest.raises(InkError, match="more than 100000 elements"):
        read("<a/>" * 100_001)
    # A few kilobytes of views of one group must not take quadratic time.
    group = named("x", "<trace>1 1</trace>" + "<trace/>" * 3000).replace("<traceGroup>", '<traceGroup xml:id="g">')
    with pytest.raises(InkError, match="references lead to more than 1000000"):
        read(group + named("y", '<traceView traceDataRef="g"/>' * 1000))
    monkeypatch.setattr(inkml, "MAX_BYTES", 100)
    path = tmp_path / "big.inkml"
    path.write_text("<ink>" + " " * 100 + "</ink>")
    with pytest.raises(InkError, match="111 bytes, the limit is 100"):
        read_inkml(path.read_bytes())


def test_a_view_of_its_own_group_terminates():
    group = named("x", '<trace>1 1</trace><traceView traceDataRef="g"/>')
    body = group.replace("<traceGroup>", '<traceGroup xml:id="g">')
    assert read(body).symbols == (SymbolGroup("x", (0,)),)


def test_missing_file(tmp_path):
    with pytest.raises(InkError, match=r"none\.inkml: cannot be read \(No such file"):
        read_inkml(tmp_path / "none.inkml")
    with pytest.raises(InkError, match="cannot be read"):
        read_inkml("\0")


@settings(max_examples=100, deadline=None)
@given(inks())
@example(Ink([[(1e-300, 12345678901.25)], [(0.1, -1e12)]]))
def test_round_trip(ink):
    text = write_inkml(ink)
    assert_same(read_inkml(text.encode()), ink)
    assert write_inkml(read_inkml(text.encode())) == text


def test_written_numbers_have_no_exponent():
    assert '<trace id="0">0.00000001 1000000000000, 0.5 -3</trace>' in write_inkml(Ink([[(1e-8, 1e12), (0.5, -3)]]))


@pytest.mark.parametrize("field", ["label", "writer"])
def test_refuses_to_write_characters_that_xml_forbids(field):
    with pytest.raises(InkError, match="'\\\\x00' cannot be written"):
        write_inkml(Ink([[(0, 0)]], **{field: "a\0b"}))


def only_ink_or_ink_error(data: bytes) -> None:
    try:
        ink = read_inkml(data, "fuzz")
    except InkError as error:
        assert str(error).startswith("fuzz: ")
    else:
        assert all(np.isfinite(stroke).all() for stroke in ink.strokes)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_fuzz_bytes(data):
    only_ink_or_ink_error(data)


@settings(max_examples=300, deadline=None)
@given(st.text(st.sampled_from("0123456789.-+eE'\"!*?#TFx, \n\u0661"), max_size=40))
def test_fuzz_traces(text):
    only_ink_or_ink_error(f"<ink><trace>{text}</trace></ink>".encode())


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(CROHME)), st.integers(0, 30), st.sampled_from(
    ["", "<", ">", "&a;", '"', "nan", "1e999", "</trace>", "<trace>", 'traceDataRef="5"', "traceGroup", "\udce9", "\0"]
)), min_size=1, max_size=4))  # fmt: skip
def test_fuzz_damaged_files(edits):
    text = CROHME
    for place, cut, insertion in edits:
        text = text[:place] + insertion + text[place + cut :]
    only_ink_or_ink_error(text.encode("utf-8", "surrogateescape"))
