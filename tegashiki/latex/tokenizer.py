r"""LaTeX source to lexical tokens: control words, control symbols, single characters.

The pieces are MathWriting's (`\mathbb{R}`, `\begin{matrix}` and `\operatorname*` are one token each; any other
character that is no space is a token of its own), with the positions that errors name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from tegashiki.latex.errors import LatexError
from tegashiki.latex.symbols import KNOWN_COMMANDS, LEXICAL_SYNONYMS

MAX_CHARACTERS = 20_000

_SPACE = r"(?P<space>\\?\s+)"
# Commands whose argument is a length or a name, not a formula: gone before anything could parse it.
_LENGTH = r"-?\s*(?:\d+\.?\d*|\.\d+)\s*(?:pt|em|ex|cm|mm|mu|in|bp|pc|sp)"
_SKIP = (
    r"(?P<skip>\\(?:hspace|vspace|label)\s*\*?\s*\{[^{}]*\}"
    rf"|\\(?:hskip|vskip|kern|mkern|mskip)\s*{_LENGTH})"
)
# `\\[2pt]` and `\\*`: written without a space, so that a row that begins with a bracket (`\\ [ 2 ...`) is none.
_BREAK = rf"(?P<row>\\\\)(?:\*|\[{_LENGTH}\])?"
_ENVIRONMENT = r"\\(?P<edge>begin|end)\s*\{\s*(?P<environment>[A-Za-z]+)\*?\s*\}"
_ALPHABET = r"(?P<letter>\\(?:mathbb|mathcal|mathfrak|mathscr)\s*\{\s*[A-Za-z0-9]\s*\})"
# RIT's truths in CROHME 2014 write a root's index behind the root: `\sqrt {x} ABOVE {3}`.
_ABOVE = r"(?<=\} )(?P<above>ABOVE)(?= \{)"
_TOKEN = re.compile(
    "|".join(
        (
            _SPACE,
            _SKIP,
            _BREAK,
            _ENVIRONMENT,
            _ALPHABET,
            _ABOVE,
            r"(?P<word>\\operatorname\*|\\[A-Za-z]+)",
            r"(?P<other>\\.|.)",
        )
    ),
    re.DOTALL,
)
# CROHME writes `M\ltN` and `u_n\gtM` without the space that TeX would ask for.
_RUN_ON = re.compile(r"(\\[lg]t)([A-Za-z])")


@dataclass(frozen=True, slots=True)
class Token:
    r"""One lexical token.

    Attributes:
      text: the token, in one spelling (`\begin{matrix}`, `\mathbb{R}` hold no spaces).
      position: offset of its first character in the source.
    """

    text: str
    position: int


def tokenize(latex: str) -> list[Token]:
    r"""Splits LaTeX into tokens; spaces and lengths (`\hspace{1cm}`, `\\[2pt]`) are gone.

    Raises:
      LatexError: longer than `MAX_CHARACTERS`, a lone backslash or a control character.
    """
    if len(latex) > MAX_CHARACTERS:
        raise LatexError(f"{len(latex)} characters, at most {MAX_CHARACTERS} are read", MAX_CHARACTERS)
    tokens: list[Token] = []
    for match in _TOKEN.finditer(latex):
        start = match.start()
        kind = match.lastgroup
        if kind in ("space", "skip"):
            continue
        if kind == "row":
            tokens.append(Token("\\\\", start))
        elif kind == "environment":
            tokens.append(Token(f"\\{match['edge']}{{{match['environment']}}}", start))
        elif kind == "letter":
            tokens.append(Token("".join(match["letter"].split()), start))
        elif kind == "word":
            tokens.extend(_control_word(match["word"], start))
        else:
            text = match[0]
            if text == "\\" or not text[-1].isprintable():
                raise LatexError(f"unexpected character {text!r}", start, latex)
            tokens.append(Token(text, start))
    return tokens


def _control_word(word: str, position: int) -> list[Token]:
    run_on = _RUN_ON.match(word) if word not in KNOWN_COMMANDS else None
    if run_on is None:
        return [Token(LEXICAL_SYNONYMS.get(word, word), position)]
    rest = [Token(letter, position + 3 + i) for i, letter in enumerate(word[3:])]
    return [Token(run_on[1], position), *rest]


def join(tokens: Iterable[str]) -> str:
    r"""LaTeX source without needless spaces, `\frac{a}{b}`, `\alpha x`; `tokenize` gives the tokens back."""
    source = ""
    for token in tokens:
        runs_on = source[-1:].isalpha() and token[:1].isalpha() and bool(re.search(r"\\[A-Za-z]+$", source))
        swallowed = source.endswith("\\\\") and token[:1] in ("*", "[")
        source += (" " if runs_on or swallowed else "") + token
    return source
