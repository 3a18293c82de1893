"""Formulas for Word: HTML that a paste turns into equations, and a .docx file of a few XML files."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence

from tegashiki.convert.mathml import mathml
from tegashiki.convert.omml import NAMESPACE, omml
from tegashiki.latex.nodes import Row

_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
_CONTENT = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_RELATIONS = "application/vnd.openxmlformats-package.relationships+xml"
_TYPES = (
    f'{_XML}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" ContentType="{_RELATIONS}"/>'
    f'<Override PartName="/word/document.xml" ContentType="{_CONTENT}"/></Types>'
)
_LINKS = (
    f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="document" Type="{_DOCUMENT}" '
    'Target="word/document.xml"/></Relationships>'
)
_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the earliest date of a zip, so that equal formulas give equal files


def html(row: Row) -> str:
    """Return an HTML page that Word pastes as an equation, and browsers show as MathML.

    Word reads the conditional comment and leaves out what follows for others, as in its own HTML.
    """
    return (
        f'<html xmlns:m="{NAMESPACE}"><head><meta charset="utf-8"></head><body>'
        f"<!--[if gte msEquation 12]><m:oMathPara>{omml(row)}</m:oMathPara><![endif]-->"
        f"<![if !msEquation]>{mathml(row)}<![endif]></body></html>"
    )


def docx(rows: Sequence[Row]) -> bytes:
    """Return a .docx file with one formula in each paragraph. The same formulas always give the same bytes.

    Args:
        rows: Trees in normal form.
    """
    paragraphs = "".join(f"<w:p><m:oMathPara>{omml(row)}</m:oMathPara></w:p>" for row in rows)
    document = f'{_XML}<w:document xmlns:w="{_WORD}" xmlns:m="{NAMESPACE}"><w:body>{paragraphs}</w:body></w:document>'
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in (
            ("[Content_Types].xml", _TYPES),
            ("_rels/.rels", _LINKS),
            ("word/document.xml", document),
        ):
            archive.writestr(zipfile.ZipInfo(name, _LONG_AGO), text.encode(), zipfile.ZIP_STORED)
    return content.getvalue()
