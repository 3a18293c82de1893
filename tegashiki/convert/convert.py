"""Convert LaTeX to the forms that people paste."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tegashiki.convert import (
    asciimath,
    latex,
    mathml,
    omml,
    picture,
    python_code,
    sympy_code,
    typst,
    unicode_text,
    word,
)
from tegashiki.convert.decimal_comma import formula_tree
from tegashiki.convert.errors import ConversionError
from tegashiki.latex.nodes import Row

FORMS: dict[str, Callable[[Row], str | bytes]] = {
    "latex": latex.latex,
    "latex-inline": latex.inline,
    "latex-display": latex.display,
    "mathml": mathml.mathml,
    "typst": typst.typst,
    "asciimath": asciimath.asciimath,
    "unicode": unicode_text.unicode_text,
    "sympy": sympy_code.sympy_code,
    "python": python_code.python_code,
    "omml": omml.omml,
    "html": word.html,
    "docx": lambda row: word.docx([row]),
    "svg": picture.formula_svg,
    "png": picture.formula_png,
}
BINARY = frozenset(("docx", "png"))  # forms that are bytes and not text


def convert(formula: str | Sequence[str], to: str) -> str | bytes:
    r"""Return a formula in another form: `convert(r"\frac{1}{2}", "typst")` is `frac(1, 2)`.

    Args:
        formula: LaTeX source, or a sequence of tokens. `3{,}14` is a number with a decimal comma, `3,14` a list.
        to: A name in `FORMS`.

    Returns:
        Bytes for docx and png, text for all others.

    Raises:
        ConversionError: There is no such form, or it cannot say a part of the formula.
        LatexError: The formula cannot be read.
    """
    return FORMS[checked(to)](formula_tree(formula))


def checked(form: str) -> str:
    """Return the name of a form.

    Raises:
        ConversionError: There is no such form.
    """
    if form not in FORMS:
        raise ConversionError(f"{form!r} is no form of a formula; give one of {', '.join(FORMS)}")
    return form
