import struct
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

from tegashiki.convert import picture
from tegashiki.convert.errors import ConversionError
from tegashiki.ink.ink import Ink
from tests.convert.formulas import tree

INK = Ink((np.array([[0, 0], [10, 60]]), np.array([[5, 5]])))
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def typst():
    return pytest.importorskip("typst", reason="needs the package typst (the extra `typst`)")


def size(png):
    assert png.startswith(b"\x89PNG")
    return struct.unpack(">II", png[16:24])


def test_formulas(typst):
    svg = ElementTree.fromstring(picture.formula_svg(tree(r"\frac{a}{b}")))
    assert svg.tag == f"{SVG}svg" and not list(svg.iter(f"{SVG}text"))
    narrow, wide = (size(picture.formula_png(tree(latex))) for latex in ("x", "x+y+z"))
    assert wide[0] > narrow[0] > 20


def test_ink(typst):
    lines = ElementTree.fromstring(picture.ink_svg(INK)).findall(f"{SVG}polyline")
    assert [line.get("points") for line in lines] == ["4.00,4.00 24.00,124.00 24.00,124.00", "14.00,14.00 14.00,14.00"]
    width, height = size(picture.ink_png(INK))
    assert 3 < height / width < 5


def test_ink_of_one_dot_and_of_a_flat_line():
    for stroke in ([[3, 4]], [[0, 1], [50, 1]]):
        root = ElementTree.fromstring(picture.ink_svg(Ink((np.array(stroke),))))
        assert float(root.get("width")) < 1000 and float(root.get("height")) < 1000


def test_without_typst_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "typst", None)
    with pytest.raises(ConversionError, match=r"pip install 'tegashiki\[typst\]'"):
        picture.formula_svg(tree("x"))
