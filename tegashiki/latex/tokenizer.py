r"""Split LaTeX source into lexical tokens: control words, control symbols and single characters.

The tokens are those of MathWriting: `\mathbb{R}`, `\begin{matrix}` and `\operatorname*` are one token each, and any
other character except a space is a token of its own. Each token has its position for errors. A Unicode character is
replaced by the tokens of its LaTeX (`tegashiki.latex.unicode`). If it has none, it is kept and the parser refuses it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from tegashiki.latex.errors import LatexError
from tegashiki.latex.symbols import KNOWN_COMMANDS, LEXICAL_SYNONYMS, SYMBOLS, SYNONYMS
from tegashiki.latex.unicode import INVISIBLE, MARKS, NEGATION, latex_of, script_of

MAX_CHARACTERS = 20_000
MAX_MARKS = 8  # on one symbol

_SPACE = rf"(?P<space>\\?\s+|[{INVISIBLE}]+)"
# Commands whose argument is a length or a name and not a formula. They are removed so that it is not parsed.
# Spaces may stand between all characters, because some data sets split a length like a formula: `[ 2 p t ]`.
_NUMBER = r"[-+]?\s*(?:(?:\d\s*)+(?:[.,]\s*(?:\d\s*)*)?|[.,]\s*(?:\d\s*)+)"
_REGISTER = r"\\(?:baselineskip|jot|lineskip|normalbaselineskip|smallskipamount|medskipamount|bigskipamount|textwidth)"


def _spaced(words: str) -> str:
    """Return a pattern of any of the words, with or without spaces between their letters."""
    return "(?:" + "|".join(r"\s*".join(word) for word in words.split()) + ")"


_UNIT = _spaced("pt em ex cm mm mu in bp pc sp dd cc")
_LENGTH = rf"(?:{_NUMBER}(?:{_spaced('true')}?\s*{_UNIT}|{_REGISTER})|-?\s*{_REGISTER})"
_STRETCH = rf"(?:{_NUMBER}{_spaced('filll fill fil')}|{_LENGTH})"
_GLUE = rf"{_LENGTH}(?:\s*{_spaced('plus')}\s*{_STRETCH})?(?:\s*{_spaced('minus')}\s*{_STRETCH})?"
_SKIP = (
    r"(?P<skip>\\(?:hspace|vspace|mspace|label)\s*\*?\s*\{[^{}]*\}"
    r"|\\(?:leftroot|uproot)\s*(?:\{[^{}]*\}|-?\s*\d)"
    rf"|\\(?:kern|mkern)\s*{_LENGTH}"
    rf"|\\(?:hskip|vskip|mskip)\s*{_GLUE})"
)
# `\\[2pt]` and `\\*[2pt]`. A bracket that holds anything but a length belongs to the next row.
_BREAK = rf"(?P<row>\\\\)\*?(?:\s*\[\s*{_LENGTH}\s*\])?"
_ENVIRONMENT = r"\\(?P<edge>begin|end)\s*\{\s*(?P<environment>[A-Za-z]+)(?P<star>\*)?\s*\}"
# The alignment of a matrix's columns, as in `\begin{pmatrix}[r]`. With `|` it draws a rule.
_COLUMNS = re.compile(r"\s*\[(?=[\s|]*[lcr])[lcr|\s]*\]")
_BEGIN = re.compile(r"\\begin\{[A-Za-z]+\}$")
_ALPHABET = r"(?P<letter>\\(?:mathbb|mathcal|mathfrak|mathscr)\s*\{\s*[A-Za-z0-9]\s*\})"
# The truths from RIT in CROHME 2014 write the index of a root after the root: `\sqrt {x} ABOVE {3}`.
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
            rf"(?P<mark>[{''.join(MARKS)}])",
            r"(?P<word>\\operatorname\*|\\[A-Za-z]+)",
            r"(?P<other>\\.|.)",
        )
    ),
    re.DOTALL,
)
_MARKABLE = frozenset((*SYMBOLS, *SYNONYMS))
_ACCENTS = frozenset(MARKS.values())
# CROHME writes `M\ltN` and `u_n\gtM` without the space that TeX requires.
_RUN_ON = re.compile(r"(\\[lg]t)([A-Za-z])")


@dataclass(frozen=True, slots=True)
class Token:
    r"""One lexical token.

    Attributes:
        text: The token in one spelling (`\begin{matrix}` and `\mathbb{R}` have no spaces).
        position: Offset of its first character in the source.
    """

    text: str
    position: int


def tokenize(latex: str) -> list[Token]:
    r"""Split LaTeX into tokens. Spaces and lengths (`\hspace{1cm}`, `\\[2pt]`) are dropped.

    Raises:
        LatexError: The source is longer than `MAX_CHARACTERS`, or holds a lone backslash or a control character.
    """
    if len(latex) > MAX_CHARACTERS:
        raise LatexError(f"{len(latex)} characters, the limit is {MAX_CHARACTERS}", MAX_CHARACTERS)
    tokens: list[Token] = []
    end = 0  # offset after the last token
    for match in _TOKEN.finditer(latex):
        if match.start() < end:  # belongs to the last token
            continue
        start, end = match.span()
        kind = match.lastgroup
        if kind in ("space", "skip"):
            continue
        if kind == "row":
            tokens.append(Token("\\\\", start))
        elif kind in ("environment", "star"):
            text, end = _environment(match, end, latex)
            tokens.append(Token(text, start))
        elif kind == "letter":
            tokens.append(Token("".join(match["letter"].split()), start))
        elif kind == "word":
            tokens.extend(_control_word(match["word"], start))
        elif kind == "mark":
            _mark(tokens, match["mark"], start, latex)
        elif match[0].isascii():
            text = match[0]
            if text == "\\" or not text[-1].isprintable():
                raise LatexError(f"unexpected character {text!r}", start, latex)
            tokens.append(Token(LEXICAL_SYNONYMS.get(text, text), start))
        else:
            end = _add_character(tokens, latex, start, end)
    return tokens


def _environment(match: re.Match[str], end: int, latex: str) -> tuple[str, int]:
    r"""Return `\begin{matrix}` in one spelling and the offset after it and after the alignment of its columns.

    After a space, a bracket of `\begin{matrix}` is ink, because this is the canonical spelling of every table. The star
    is kept if an option follows that is not an alignment, so that the parser refuses it.

    Raises:
        LatexError: The option draws a rule between columns.
    """
    name, star = match["environment"], ""
    if match["edge"] == "begin" and name.endswith("matrix"):
        columns = _COLUMNS.match(latex, end)
        if columns and (match["star"] or name != "matrix" or latex[end] == "["):
            if "|" in columns[0]:
                raise LatexError(f"column '|' of \\begin{{{name}}} is not supported (only c, l, r)", end, latex)
            end = columns.end()
        elif match["star"] and latex[end:].lstrip().startswith("["):
            star = "*"
    return f"\\{match['edge']}{{{name}{star}}}", end


def _add_character(tokens: list[Token], latex: str, start: int, end: int) -> int:
    """Append the tokens of a Unicode character, or of a run of raised or lowered ones, which form one script.

    Returns:
        The offset after the last character that was used.
    """
    text = latex[start:end]
    if not text[-1].isprintable():
        raise LatexError(f"unexpected character {text!r}", start, latex)
    script = script_of(text) if len(text) == 1 else None
    if script is None:
        spelled = latex_of(text) if len(text) == 1 else None  # after a backslash it is an unknown command
        found = [Token(text, start)] if spelled is None else tokenize(spelled)
        tokens.extend(Token(token.text, start) for token in found)
        return end
    mark: str = script[0]
    tokens += [Token(mark, start), Token("{", start)]
    while script and script[0] == mark:
        tokens.extend(Token(token.text, end - 1) for token in tokenize(script[1]))
        script = script_of(latex[end]) if end < len(latex) else None
        end += script is not None and script[0] == mark
    tokens.append(Token("}", end - 1))
    return end


def _mark(tokens: list[Token], mark: str, position: int, latex: str) -> None:
    """Put a combining mark on the symbol before it, which may have marks already."""
    first = _marked_from(tokens)
    if first is None or latex[position - 1].isspace():
        tokens.append(Token(mark, position))  # no symbol to put it on, so the parser refuses it
        return
    place = tokens[first].position
    if mark == NEGATION:
        tokens.insert(first, Token("\\not", place))
    else:
        tokens[first:first] = [Token(MARKS[mark], place), Token("{", place)]
        tokens.append(Token("}", position))


def _marked_from(tokens: list[Token]) -> int | None:
    """Return the index at which the last symbol and its marks begin, None if the last token is not a symbol."""
    first, depth = len(tokens) - 1, 0
    while first >= 0 and tokens[first].text == "}" and depth <= MAX_MARKS:
        first, depth = first - 1, depth + 1
    if first < 0 or tokens[first].text not in _MARKABLE:
        return None
    for _ in range(depth):
        if first < 2 or tokens[first - 1].text != "{" or tokens[first - 2].text not in _ACCENTS:
            return None
        first -= 2
    return first


def _control_word(word: str, position: int) -> list[Token]:
    run_on = _RUN_ON.match(word) if word not in KNOWN_COMMANDS else None
    if run_on is None:
        return [Token(LEXICAL_SYNONYMS.get(word, word), position)]
    rest = [Token(letter, position + 3 + i) for i, letter in enumerate(word[3:])]
    return [Token(run_on[1], position), *rest]


def join(tokens: Iterable[str]) -> str:
    r"""Return LaTeX source without unnecessary spaces (`\frac{a}{b}`, `\alpha x`), which `tokenize` splits again."""
    source = ""
    for token in tokens:
        runs_on = source[-1:].isalpha() and token[:1].isalpha() and bool(re.search(r"\\[A-Za-z]+$", source))
        swallowed = source.endswith("\\\\") and token[:1] in ("*", "[")
        optional = token == "[" and bool(_BEGIN.search(source))
        source += (" " if runs_on or swallowed or optional else "") + token
    return source
