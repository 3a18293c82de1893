"""Office Math Markup Language, the formulas of Word. Reference: ECMA-376, part 1, section 22.1."""

from __future__ import annotations

from tegashiki.convert.target import Grid, Target
from tegashiki.convert.writer import write
from tegashiki.latex.nodes import Row

NAMESPACE = "http://schemas.openxmlformats.org/officeDocument/2006/math"
_RUN = "<m:r><m:t>$1</m:t></m:r>"
_NARY = (
    '<m:nary><m:naryPr><m:chr m:val="$1"/><m:limLoc m:val="$2"/><m:subHide m:val="$6"/><m:supHide m:val="$7"/>'
    "</m:naryPr><m:sub>$3</m:sub><m:sup>$4</m:sup><m:e>$5</m:e></m:nary>"
)
_MATRIX = (
    '<m:m><m:mPr><m:mcs><m:mc><m:mcPr><m:count m:val="$2"/><m:mcJc m:val="center"/></m:mcPr></m:mc></m:mcs></m:mPr>'
    "$1</m:m>"
)
_UNDER = "<m:limLow><m:e>$1</m:e><m:lim>$2</m:lim></m:limLow>"
_FRACTION = "<m:num>$1</m:num><m:den>$2</m:den>"
_STRIKE = "".join(f'<m:hide{side} m:val="1"/>' for side in ("Top", "Bot", "Left", "Right"))
# Word draws an accent from its combining character.
_MARKS = {
    **dict.fromkeys(("\\hat", "\\widehat"), "\u0302"),
    **dict.fromkeys(("\\tilde", "\\widetilde"), "\u0303"),
    **dict.fromkeys(("\\vec", "\\overrightarrow"), "\u20d7"),
    **dict.fromkeys(("\\check", "\\widecheck"), "\u030c"),
    **{"\\overleftarrow": "\u20d6", "\\dot": "\u0307", "\\ddot": "\u0308", "\\dddot": "\u20db", "\\breve": "\u0306"},
    **{"\\acute": "\u0301", "\\grave": "\u0300", "\\mathring": "\u030a"},
}


def _bar(place: str) -> str:
    return f'<m:bar><m:barPr><m:pos m:val="{place}"/></m:barPr><m:e>$1</m:e></m:bar>'


def _brace(mark: str, place: str, other: str) -> str:
    properties = f'<m:chr m:val="{mark}"/><m:pos m:val="{place}"/><m:vertJc m:val="{other}"/>'
    return f"<m:groupChr><m:groupChrPr>{properties}</m:groupChrPr><m:e>$1</m:e></m:groupChr>"


OMML = Target(
    name="Word",
    xml=True,
    classes=dict.fromkeys(("letter", "digit", "operator", "big", "bracket", "command"), _RUN),
    templates={
        "number": _RUN,
        "name": '<m:r><m:rPr><m:sty m:val="p"/></m:rPr><m:t>$1</m:t></m:r>',
        "fraction": f"<m:f>{_FRACTION}</m:f>",
        "sqrt": '<m:rad><m:radPr><m:degHide m:val="1"/></m:radPr><m:deg/><m:e>$1</m:e></m:rad>',
        "root": "<m:rad><m:deg>$2</m:deg><m:e>$1</m:e></m:rad>",
        "sub": "<m:sSub><m:e>$1</m:e><m:sub>$2</m:sub></m:sSub>",
        "sup": "<m:sSup><m:e>$1</m:e><m:sup>$3</m:sup></m:sSup>",
        "both": "<m:sSubSup><m:e>$1</m:e><m:sub>$2</m:sub><m:sup>$3</m:sup></m:sSubSup>",
        "under": _UNDER,
        "over": "<m:limUpp><m:e>$1</m:e><m:lim>$3</m:lim></m:limUpp>",
        "underover": f"<m:limUpp><m:e>{_UNDER}</m:e><m:lim>$3</m:lim></m:limUpp>",
        "empty": "<m:r><m:t>\u200b</m:t></m:r>",  # an empty base would be shown as a dotted box
        "fence": '<m:d><m:dPr><m:begChr m:val="$1"/><m:endChr m:val="$3"/></m:dPr><m:e>$2</m:e></m:d>',
        "function": "<m:func><m:fName>$1</m:fName><m:e>$2</m:e></m:func>",
        "nary": _NARY,
        "binom": f'<m:d><m:e><m:f><m:fPr><m:type m:val="noBar"/></m:fPr>{_FRACTION}</m:f></m:e></m:d>',
        "overset": "<m:limUpp><m:e>$2</m:e><m:lim>$1</m:lim></m:limUpp>",
        "underset": "<m:limLow><m:e>$2</m:e><m:lim>$1</m:lim></m:limLow>",
    },
    accents={
        **{
            token: f'<m:acc><m:accPr><m:chr m:val="{mark}"/></m:accPr><m:e>$1</m:e></m:acc>'
            for token, mark in _MARKS.items()
        },
        **dict.fromkeys(("\\overline", "\\bar"), _bar("top")),
        "\\underline": _bar("bot"),
        "\\overbrace": _brace("⏞", "top", "bot"),
        "\\underbrace": _brace("⏟", "bot", "top"),
        "\\boxed": "<m:borderBox><m:e>$1</m:e></m:borderBox>",
        "\\cancel": f'<m:borderBox><m:borderBoxPr>{_STRIKE}<m:strikeBLTR m:val="1"/></m:borderBoxPr><m:e>$1</m:e>'
        "</m:borderBox>",
    },
    grids={"": Grid(_MATRIX, "<m:mr>$1</m:mr>", "<m:e>$1</m:e>")},
)


def omml(row: Row) -> str:
    """Return the `<m:oMath>` element of a tree in normal form."""
    text = write(row, OMML).replace("</m:t></m:r><m:r><m:t>", "")  # neighbours share one run
    return f'<m:oMath xmlns:m="{NAMESPACE}">{text}</m:oMath>'
