import xml.etree.ElementTree as ElementTree

import pytest
from hypothesis import given

from tegashiki.convert.latex import display
from tegashiki.convert.mathml import mathml
from tegashiki.latex.normalize import canonical_tree
from tests.convert import pandoc
from tests.convert.formulas import tree, walks, written
from tests.latex.walks import formulas

PARTS = {"mfrac": 2, "mroot": 2, "msub": 2, "msup": 2, "msubsup": 3, "munder": 2, "mover": 2, "munderover": 3}


@given(formulas)
def test_every_element_has_its_parts(tokens):
    for element in ElementTree.fromstring(mathml(canonical_tree(list(tokens)))).iter():
        name = element.tag.partition("}")[2]
        assert len(element) == PARTS.get(name, len(element)), name


def inside(latex):
    return mathml(tree(latex)).partition(">")[2].removesuffix("</math>")


@pytest.mark.parametrize(
    ("latex", "expected"),
    [
        ("12x", "<mn>12</mn><mi>x</mi>"),
        (r"\ln x", "<mi>ln</mi><mo>&#x2061;</mo><mi>x</mi>"),
        ("a<b", "<mi>a</mi><mo>&lt;</mo><mi>b</mi>"),
        (r"\lim_{x}y", "<munder><mi>lim</mi><mi>x</mi></munder><mo>&#x2061;</mo><mi>y</mi>"),
        (r"\boxed{x}", '<menclose notation="box"><mi>x</mi></menclose>'),
    ],
)
def test_examples(latex, expected):
    assert inside(latex) == expected


@pandoc.needed
@pytest.mark.parametrize("source", [walks(150), written(12)], ids=["walks", "written"])
def test_pandoc_reads_the_same_formula(source):
    formulas = [tokens for tokens in source if not pandoc.is_lost(tokens)]
    content = "".join(f"<p>{mathml(canonical_tree(list(tokens)))}</p>" for tokens in formulas)
    assert [pandoc.kept(latex) for latex in pandoc.to_latex(content.encode(), "html")] == list(
        map(pandoc.kept, formulas)
    )


@pandoc.needed
def test_pandoc_reads_the_latex():
    unknown = {"\\boxed", "\\cancel", "\\widecheck", "\\P", "\\S", "\\not"}
    sources = [*walks(150), *written(12)]
    formulas = [display(canonical_tree(list(tokens))) for tokens in sources if not unknown & set(tokens)]
    assert pandoc.refused(formulas) == ""
