"""Tests of encodings that the files in tests/fixtures/inkml do not cover: text, places in errors and error texts."""

import io
from xml.etree.ElementTree import ElementTree, fromstring

import pytest

from tegashiki.ink.encoding import decode_xml
from tegashiki.ink.ink import InkError
from tegashiki.ink.inkml import read_inkml

INK = '<ink><annotation type="writer">{}</annotation><trace>0 0, 1 1</trace></ink>'


def declared(encoding: str, text: str, codec: str) -> bytes:
    return f'<?xml version="1.0" encoding="{encoding}"?>{INK.format(text)}'.encode(codec)


@pytest.mark.parametrize(
    "encoding", ["utf8", "utf-8", "UTF-16", "utf-16-le", "latin-1", "gb2312", "shift_jis", "cp1251"]
)
def test_reads_what_elementtree_writes(encoding):
    file = io.BytesIO()
    writer = "щ" if encoding in ("cp1251", "gb2312", "shift_jis") else "é"
    ElementTree(fromstring(INK.format(writer))).write(file, encoding=encoding, xml_declaration=True)
    assert read_inkml(file.getvalue()).writer == writer


@pytest.mark.parametrize(
    ("encoding", "codec"),
    [("x-sjis", "cp932"), ("Windows-31J", "cp932"), ("MS_Kanji", "cp932"), ("x-gbk", "gbk"), ("EUC_JP", "euc_jp")],
)
def test_reads_aliases_of_encodings(encoding, codec):
    assert read_inkml(declared(encoding, "表", codec)).writer == "表"


def test_lines_and_columns_stay_the_same():
    text = decode_xml(b'\xef\xbb\xbf\r\n<?xml version="1.0"\n encoding="utf8"?><ink/>')
    assert text.split("\n") == ["\r", " " * len('<?xml version="1.0"'), " " * len(' encoding="utf8"?>') + "<ink/>"]
    with pytest.raises(InkError, match="line 2, column 1: not well-formed"):
        read_inkml(b'<?xml version="1.0" encoding="utf8"?>\n<ink')


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (declared("klingon", "", "utf-8"), "unknown encoding 'klingon'; convert it to UTF-8, .*iconv -f ENCODING"),
        (declared("rot13", "", "utf-8"), "unknown encoding 'rot13'"),
        (declared("base64", "", "utf-8"), "unknown encoding 'base64'"),
        (declared("utf-7", "", "utf-8"), "unknown encoding 'utf-7'"),
        (declared("x" * 99, "", "utf-8"), "unknown encoding 'x{40}'"),
        (declared("gb2312", "é ", "latin-1"), "not in 'gb2312', as its XML declaration says, and not in UTF-8"),
        (declared("utf-16", "é", "latin-1"), "not in 'utf-16', as its XML declaration says"),
        (declared("utf-32", "", "utf-32"), "not read in UTF-32; .* iconv -f UTF-32 -t UTF-8"),
        (declared("ibm037", "", "cp037"), "not read in EBCDIC; .* iconv -f IBM037"),
        (declared("utf-16", "", "utf-16")[:-1], "begins as UTF-16, and is not UTF-16 from byte"),
        (b"\xef\xbb\xbf" + INK.format("é").encode("latin-1"), "begins as UTF-8, and is not UTF-8 from byte 34 on"),
    ],
)  # fmt: skip
def test_errors_name_the_encoding_and_the_remedy(data, reason):
    with pytest.raises(InkError, match=f"^a.inkml: .*{reason}"):
        read_inkml(data, "a.inkml")


@pytest.mark.parametrize("codec", ["utf-16", "utf-8-sig", "gb18030"])
def test_refuses_entities_in_every_encoding(codec):
    bomb = '<?xml version="1.0" encoding="gb18030"?><!DOCTYPE ink [<!ENTITY a "1 1">]><ink><trace>&a;</trace></ink>'
    with pytest.raises(InkError, match="declares an entity"):
        read_inkml(bomb.encode(codec))
