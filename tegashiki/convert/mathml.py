"""MathML for other programs: numbers and function names are one element each, and no styles are needed.

`tegashiki.latex.mathml` is for pages that highlight single tokens in a browser. Reference: MathML 3, W3C.
"""

from __future__ import annotations

from tegashiki.convert.target import Grid, Target
from tegashiki.convert.writer import write
from tegashiki.latex.mathml import ACCENTS_ABOVE, ACCENTS_BELOW, WIDE_MARKS
from tegashiki.latex.nodes import Row

NAMESPACE = "http://www.w3.org/1998/Math/MathML"
_APPLY = "<mo>&#x2061;</mo>"
_LINES = {"\\overline": ("mover", "¯"), "\\bar": ("mover", "¯"), "\\underline": ("munder", "_")}


def _accents() -> dict[str, str]:
    marks = {token: ("mover", mark) for token, mark in ACCENTS_ABOVE.items()}
    marks |= {token: ("munder", mark) for token, mark in ACCENTS_BELOW.items()} | _LINES
    written = {}
    for token, (tag, mark) in marks.items():
        kind = "accent" if tag == "mover" else "accentunder"
        stretchy = "true" if token in WIDE_MARKS or token in _LINES else "false"
        written[token] = f'<{tag} {kind}="true">@1<mo stretchy="{stretchy}">{mark}</mo></{tag}>'
    return written


MATHML = Target(
    name="MathML",
    xml=True,
    classes={
        "letter": "<mi>$1</mi>",
        "digit": "<mn>$1</mn>",
        "operator": "<mo>$1</mo>",
        "big": "<mo>$1</mo>",
        "bracket": '<mo stretchy="false">$1</mo>',
        "command": "<mtext>$1</mtext>",
    },
    names={f"lim{end}": f"<mi>lim {end}</mi>" for end in ("inf", "sup")},
    templates={
        "number": "<mn>$1</mn>",
        "name": "<mi>$1</mi>",
        "fraction": "<mfrac>@1@2</mfrac>",
        "sqrt": "<msqrt>$1</msqrt>",
        "root": "<mroot>@1@2</mroot>",
        "single": "$1",
        "group": "<mrow>$1</mrow>",
        "sub": "<msub>@1@2</msub>",
        "sup": "<msup>@1@3</msup>",
        "both": "<msubsup>@1@2@3</msubsup>",
        "under": "<munder>@1@2</munder>",
        "over": "<mover>@1@3</mover>",
        "underover": "<munderover>@1@2@3</munderover>",
        "empty": "<mrow></mrow>",
        "fence": '<mrow><mo fence="true">$1</mo>$2<mo fence="true">$3</mo></mrow>',
        "function": f"$1{_APPLY}$2",
        "binom": '<mrow><mo fence="true">(</mo><mfrac linethickness="0">@1@2</mfrac><mo fence="true">)</mo></mrow>',
        "overset": "<mover>@2@1</mover>",
        "underset": "<munder>@2@1</munder>",
    },
    accents={
        **_accents(),
        "\\boxed": '<menclose notation="box">$1</menclose>',
        "\\cancel": '<menclose notation="updiagonalstrike">$1</menclose>',
    },
    grids={"": Grid("<mtable>$1</mtable>", "<mtr>$1</mtr>", "<mtd>$1</mtd>")},
)


def mathml(row: Row) -> str:
    """Return the `<math>` element of a tree in normal form."""
    return f'<math xmlns="{NAMESPACE}" display="block">{write(row, MATHML)}</math>'
