import io
import xml.etree.ElementTree as ElementTree
import zipfile

import pytest
from hypothesis import given

from tegashiki.convert.omml import NAMESPACE, omml
from tegashiki.convert.word import docx, html
from tegashiki.latex.normalize import canonical_tree
from tests.convert import pandoc
from tests.convert.formulas import tree, walks, written
from tests.latex.walks import formulas

M = f"{{{NAMESPACE}}}"


@given(formulas)
def test_it_is_one_element_of_the_namespace(tokens):
    root = ElementTree.fromstring(omml(canonical_tree(list(tokens))))
    assert root.tag == f"{M}oMath" and all(element.tag.startswith(M) for element in root.iter())


def inside(latex):
    return omml(tree(latex)).partition(">")[2].removesuffix("</m:oMath>")


@pytest.mark.parametrize(
    ("latex", "expected"),
    [
        ("a+b", "<m:r><m:t>a+b</m:t></m:r>"),
        (r"\frac{a}{b}", "<m:f><m:num><m:r><m:t>a</m:t></m:r></m:num><m:den><m:r><m:t>b</m:t></m:r></m:den></m:f>"),
        (
            r"\sin x+y",
            '<m:func><m:fName><m:r><m:rPr><m:sty m:val="p"/></m:rPr><m:t>sin</m:t></m:r></m:fName>'
            "<m:e><m:r><m:t>x</m:t></m:r></m:e></m:func><m:r><m:t>+y</m:t></m:r>",
        ),
        (
            r"\int x=y",
            '<m:nary><m:naryPr><m:chr m:val="∫"/><m:limLoc m:val="subSup"/><m:subHide m:val="1"/><m:supHide m:val="1"/>'
            "</m:naryPr><m:sub></m:sub><m:sup></m:sup><m:e><m:r><m:t>x</m:t></m:r></m:e></m:nary>"
            "<m:r><m:t>=y</m:t></m:r>",
        ),
    ],
)
def test_examples(latex, expected):
    assert inside(latex) == expected


def test_a_document_is_a_zip_that_is_always_the_same():
    content = docx([tree("x^2"), tree("y")])
    assert content == docx([tree("x^2"), tree("y")])
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["[Content_Types].xml", "_rels/.rels", "word/document.xml"]
        for name in archive.namelist():
            ElementTree.fromstring(archive.read(name))
        assert archive.read("word/document.xml").count(b"<w:p>") == 2


def test_html_has_the_equation_for_word_and_mathml_for_others():
    page = html(tree("x^2"))
    assert f"<!--[if gte msEquation 12]><m:oMathPara>{omml(tree('x^2'))}</m:oMathPara><![endif]-->" in page
    assert page.count("<math ") == 1


@pandoc.needed
@pytest.mark.parametrize("source", [walks(150), written(12)], ids=["walks", "written"])
def test_pandoc_reads_the_same_formulas_in_a_document(source):
    formulas = [tokens for tokens in source if not pandoc.is_lost(tokens)]
    found = pandoc.to_latex(docx([canonical_tree(list(tokens)) for tokens in formulas]), "docx")
    assert list(map(pandoc.kept, found)) == list(map(pandoc.kept, formulas))
