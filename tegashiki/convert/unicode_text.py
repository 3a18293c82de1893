"""Unicode text: `x²+½`. What has no characters of its own is written linearly, as Word's equation editor reads it.

Reference: Sargent, "UnicodeMath, a nearly plain-text encoding of mathematics", Unicode Technical Note 28.
"""

from __future__ import annotations

import re
import unicodedata

from tegashiki.convert.grouping import Name, Scripts, grouped, has_limits
from tegashiki.convert.target import Grid, Target
from tegashiki.convert.writer import Writer
from tegashiki.latex.nodes import Accent, Fraction, Root, Row, Symbol
from tegashiki.latex.unicode import MARKS

# Pairs of equally long texts: characters, and the same ones raised or lowered.
_RAISED = (
    "0123456789+−=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVWβγδθφχ∗∘′",
    "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂᵝᵞᵟᶿᵠᵡ*°′",
)
_LOWERED = ("0123456789+−=()aehijklmnoprstuvxβγρφχ", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ")
RAISED, LOWERED = (dict(zip(*pair, strict=True)) for pair in (_RAISED, _LOWERED))
# The characters of numeric fractions such as `½`, by numerator and denominator.
_QUOTIENTS = "1/2 1/3 2/3 1/4 3/4 1/5 2/5 3/5 4/5 1/6 5/6 1/7 1/8 3/8 5/8 7/8 1/9 1/10"
FRACTIONS = dict(zip(_QUOTIENTS.split(), "½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅐⅛⅜⅝⅞⅑⅒", strict=True))
# Marks (private characters) that become a space before a letter or number (WORD), and also before a bracket (PRODUCT).
WORD, PRODUCT = "\ue000", "\ue001"
COMBINING = {token: mark for mark, token in reversed(MARKS.items()) if token not in ("\\not", "\\boxed")} | {
    "\\bar": "\u0305",
    "\\widehat": "\u0302",
    "\\widetilde": "\u0303",
    "\\overrightarrow": "\u20d7",
    "\\widecheck": "\u030c",
}


def _matrix(left: str, right: str) -> Grid:
    return Grid(f"{left}■($1){right}", between_rows="@", between_cells="&")


UNICODE = Target(
    name="Unicode text",
    classes=dict.fromkeys(("letter", "digit", "operator", "big", "bracket", "command"), "$1"),
    templates={
        "number": "$1",
        "name": f"{WORD}$1{WORD}",
        "fraction": f"@1/@2{PRODUCT}",
        "sqrt": "√@1",
        "root": "√($2&$1)",
        "single": "$1",
        "group": "($1)",
        "base": "($1)",
        "empty": "",
        "fence": "$1$2$3",
        "binom": "($1¦$2)",
        "overset": "@2┴@1",
        "underset": "@2┬@1",
    },
    accents={"\\overbrace": "⏞($1)", "\\underbrace": "⏟($1)", "\\boxed": "▭($1)", "\\cancel": "╱($1)"},
    grids={
        "": _matrix("", ""),
        "( )": _matrix("(", ")"),
        "[ ]": _matrix("[", "]"),
        r"\{ \}": _matrix("{", "}"),
        "| |": _matrix("|", "|"),
        r"\| \|": _matrix("‖", "‖"),
        "\\{ ": _matrix("{", ""),
    },
)
_WORD = re.compile(rf"(?<=\w){WORD}+(?=[\w√∛∜])")
_PRODUCT = re.compile(rf"{PRODUCT}{WORD}?(?=[\w(√∛∜])")


def unicode_text(row: Row) -> str:
    """Return the text of a tree in normal form."""
    text = _WORD.sub(" ", _PRODUCT.sub(" ", _UnicodeWriter(UNICODE).row(row, argument=False)))
    return text.replace(WORD, "").replace(PRODUCT, "")


class _UnicodeWriter(Writer):
    def fraction(self, item: Fraction) -> str:
        numbers = [_digits(row) for row in (item.numerator, item.denominator)]
        return FRACTIONS.get("/".join(numbers)) or super().fraction(item)

    def root(self, item: Root) -> str:
        sign = {"3": "∛", "4": "∜"}.get(_digits(item.index))
        return sign + self.group(item.radicand) if sign else super().root(item)

    def accent(self, item: Accent) -> str:
        mark = COMBINING.get(item.token)
        if mark is None:
            return super().accent(item)
        body = self.row(item.body)
        if item.token in ("\\overline", "\\underline", "\\bar") and all(map(str.isalnum, body)):
            return "".join(character + mark for character in body)
        single = len(item.body.items) == 1 and isinstance(item.body.items[0], Symbol)
        return unicodedata.normalize("NFC", body + mark) if single else f"({body}){mark}"

    def scripts(self, item: Scripts) -> str:
        base = self.base(item.base)
        if isinstance(item.base, Name):
            base = WORD + base.strip(WORD)
        scripts = self.script(item.sub, "_", LOWERED) + self.script(item.sup, "^", RAISED)
        return base + scripts + (WORD if isinstance(item.base, Name) or has_limits(item.base) else "")

    def script(self, row: Row | None, mark: str, characters: dict[str, str]) -> str:
        """Return a script in raised or lowered characters, or after its mark if one of them does not exist."""
        if row is None:
            return ""
        text = self.row(row)
        if all(character in characters for character in text):
            return "".join(characters[character] for character in text)
        single = len(grouped(row)) == 1
        return mark + self.as_group(text, single) + WORD


def _digits(row: Row | None) -> str:
    """Return the digits of a row that has nothing else, otherwise a text that is no number."""
    items = row.items if row else ()
    return "".join(item.token if isinstance(item, Symbol) and item.token.isdigit() else "?" for item in items)
