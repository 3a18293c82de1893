import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

from tegashiki.evaluation.drawing import DrawingError, SheetEntry, draw_sheet, fit, time_colours, to_svg
from tegashiki.ink.ink import Ink
from tegashiki.synthesis.embedded import generate


@pytest.fixture(scope="module")
def entries():
    examples = generate("test", 5)
    texts = [" ".join(example.tokens) for example in examples]
    return [
        SheetEntry(examples[0].ink, texts[0], texts[0]),
        SheetEntry(examples[1].ink, "x < 1 & y", texts[1]),
        SheetEntry(examples[2].ink, texts[2]),
        SheetEntry(Ink(strokes=(np.array([[3.0, 3.0]]),)), "."),
        SheetEntry(examples[4].ink, r"\alpha " * 40, texts[4]),
    ]


def test_png(entries, tmp_path):
    draw_sheet(entries, tmp_path / "new" / "sheet.png", columns=2, title="5 inks")
    assert (tmp_path / "new" / "sheet.png").read_bytes().startswith(b"\x89PNG")


def test_svg_is_well_formed_and_contains_every_stroke(entries, tmp_path):
    draw_sheet(entries, tmp_path / "sheet.svg", columns=3, title="a < b & c")
    root = ElementTree.parse(tmp_path / "sheet.svg").getroot()
    lines = root.findall(".//{*}polyline")
    assert len(lines) == sum(len(entry.ink.strokes) for entry in entries)
    texts = [element.text for element in root.findall(".//{*}text")]
    assert "a < b & c" in texts and "x<1&y" in texts


def test_right_is_green_and_wrong_is_red_with_the_truth_below(entries):
    svg = to_svg(entries[:1])
    assert "#11772b" in svg and "#b3261e" not in svg and svg.count("<text") == 1
    svg = to_svg(entries[1:2])
    assert "#b3261e" in svg and svg.count("<text") == 2


def test_an_ink_fits_its_box_in_proportion(entries):
    ink = entries[0].ink
    strokes = np.concatenate(fit(ink, 200, 80))
    assert strokes.min() >= -1e-9 and strokes[:, 0].max() <= 200 + 1e-9 and strokes[:, 1].max() <= 80 + 1e-9
    before, after = np.ptp(np.concatenate(ink.strokes), axis=0), np.ptp(strokes, axis=0)
    assert after[0] / after[1] == pytest.approx(before[0] / before[1])


def test_colours_follow_the_order_of_the_strokes():
    assert time_colours(3) == ["#440154", "#21918c", "#f0c81e"] and time_colours(1) == ["#440154"]


@pytest.mark.parametrize(("name", "message"), [("sheet.gif", r"\.png or \.svg"), ("sheet.png", "no ink")])
def test_errors(name, message, entries, tmp_path):
    with pytest.raises(DrawingError, match=message):
        draw_sheet([] if name == "sheet.png" else entries, tmp_path / name)
