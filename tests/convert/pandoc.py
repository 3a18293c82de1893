"""Pandoc as an independent reader of formulas, and what of a formula it keeps."""

import re
import shutil
import subprocess
from collections.abc import Sequence
from itertools import pairwise

import pytest

from tegashiki.latex.normalize import normalize

needed = pytest.mark.skipif(shutil.which("pandoc") is None, reason="needs pandoc (apt-get install pandoc)")
# What pandoc's LaTeX does not tell apart: accents of one width, lines, and signs of one character.
_ALIKE = {
    **{"\\widehat": "\\hat", "\\widetilde": "\\tilde", "\\widecheck": "\\check", "\\bar": "\\overline"},
    **{
        "\\overrightarrow": "\\vec",
        "\\leadsto": "\\rightsquigarrow",
        "\\lhd": "\\triangleleft",
        "\\rhd": "\\triangleright",
    },
}
# What pandoc loses: that binomials have no bar, frames and strikes, some accents and arrows over several symbols, the
# empty radicand of a bare root sign.
_LOST_WORDS = "binom boxed cancel not ddot dddot mathring tilde widetilde vec overrightarrow overleftarrow surd"
_LOST = frozenset("\\" + word for word in _LOST_WORDS.split())


def is_lost(tokens: Sequence[str]) -> bool:
    """Return whether a formula has a part that pandoc loses, such as scripts on a base that draws nothing."""
    empty = any(pair == ("{", "}") for pair in pairwise(tokens))
    return empty or bool(_LOST & set(tokens))


def to_latex(content: bytes, form: str) -> list[str]:
    """Return the LaTeX of the formulas of a document, one in each of its paragraphs."""
    command = ["pandoc", "--from", form, "--to", "latex", "--wrap=none"]
    written = subprocess.run(command, input=content, capture_output=True, check=True).stdout.decode()
    return [found[1] or found[2] for found in re.finditer(r"(?s)\\\[(.*?)\\\](?=\n|$)|\\\((.*?)\\\)(?=\n|$)", written)]


def refused(latex: Sequence[str]) -> str:
    """Return pandoc's complaints about LaTeX."""
    content = "\n\n".join(latex).encode()
    command = ["pandoc", "--from", "latex", "--to", "html", "--mathml"]
    return subprocess.run(command, input=content, capture_output=True, check=True).stderr.decode()


def kept(latex: str | Sequence[str]) -> tuple[str, ...]:
    """Return the tokens of a formula with one spelling for what pandoc does not tell apart."""
    return normalize([_ALIKE.get(token, token) for token in normalize(latex)])
