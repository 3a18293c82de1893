r"""A recursive-descent parser for the mathematics in handwriting datasets.

The tree omits everything that makes no difference in handwriting: spaces, sizes, fonts (except `\mathbb` and similar
alphabets), `\left` and `\right`, `\limits`. Other spellings of a symbol are replaced (`tegashiki.latex.symbols`).
Braces stay as `Row` items, which `tegashiki.latex.normalize` joins.
"""

from __future__ import annotations

from collections.abc import Sequence

from tegashiki.latex import symbols as s
from tegashiki.latex.errors import LatexError
from tegashiki.latex.nodes import Accent, Fraction, Node, Root, Row, Script, Stack, Symbol, Table, is_blank
from tegashiki.latex.tokenizer import Token, tokenize
from tegashiki.latex.unicode import refusal

MAX_DEPTH = 40  # groups within groups; CROHME's deepest formula has 7
_END = ""  # the text of the token after the last one
_NO_SYMBOLS = (s.KNOWN_COMMANDS - set(s.SYMBOLS)) | {"'", "ABOVE", _END}


def parse(latex: str | Sequence[str]) -> Row:
    """Parse a formula.

    Args:
        latex: LaTeX source, or a sequence of tokens, in which case the position of an error counts tokens.

    Returns:
        The tree of the formula.

    Raises:
        LatexError: The formula is invalid or not supported, such as unbalanced braces, a missing or empty argument,
            two superscripts on one base, an unknown command with an argument, a Unicode character without LaTeX, rules
            in a table, or groups nested deeper than `MAX_DEPTH`.
    """
    if isinstance(latex, str):
        return _Parser(tokenize(latex), latex, len(latex)).formula()
    return _Parser(_spelled(latex), " ".join(latex), len(latex)).formula()


class _Parser:
    def __init__(self, tokens: list[Token], source: str, end: int):
        self.source = source
        self.tokens = [*_without_invisible(tokens), Token(_END, end)]
        self.next = 0
        self.depth = 0

    # --- tokens

    @property
    def text(self) -> str:
        return self.tokens[self.next].text

    def error(self, message: str, position: int | None = None) -> LatexError:
        return LatexError(message, self.tokens[self.next].position if position is None else position, self.source)

    def take(self) -> Token:
        token = self.tokens[self.next]
        if token.text != _END:
            self.next += 1
        return token

    def expect(self, text: str, where: str) -> None:
        if self.text != text:
            found = f"{self.text!r}" if self.text else "the end"
            raise self.error(f"expected {text!r} {where}, found {found}")
        self.next += 1

    # --- rows

    def formula(self) -> Row:
        return self.row(frozenset({_END}))

    def row(self, stops: frozenset[str], script: bool = False) -> Row:
        """Parse items up to a token in `stops`, which is not consumed.

        Args:
            stops: The texts of the tokens that end the row.
            script: Whether the row is a superscript, in which a leading `'` is a prime of the base.
        """
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.error(f"groups nested deeper than {MAX_DEPTH}")
        items: list[Node] = []
        while script and self.text == "'":
            self.next += 1
            items.append(Symbol("\\prime"))
        while self.text not in stops:
            if self.text in s.INFIX:
                items = [self.infix(items, stops)]
            elif self.text in s.SWITCHES:
                alphabet = s.SWITCHES[self.take().text]
                items.append(_restyled(self.row(stops), alphabet))
            elif self.text == "ABOVE":
                self.above(items)
            else:
                items.append(self.scripted())
        self.depth -= 1
        return Row(tuple(items))

    def above(self, items: list[Node]) -> None:
        r"""Parse ABOVE as in `\sqrt {x} ABOVE {3}` of CROHME 2014; after anything but a root these are five letters."""
        letters = self.take().text
        if items and isinstance(items[-1], Root) and items[-1].index is None:
            items[-1] = Root(items[-1].radicand, self.argument("ABOVE"))
        else:
            items.extend(Symbol(letter) for letter in letters)

    def infix(self, items: list[Node], stops: frozenset[str]) -> Node:
        token = self.take()
        first, second = Row(tuple(items)), self.row(stops)
        if is_blank(first) or is_blank(second):
            raise self.error(f"{token.text} needs something on both sides", token.position)
        if token.text == "\\over":
            return Fraction(first, second)
        if token.text == "\\choose":
            return Stack("\\binom", first, second)
        table = Table(((first,), (second,)))
        if token.text == "\\atop":
            return table
        left, right = ("[", "]") if token.text == "\\brack" else ("\\{", "\\}")
        return Row((Symbol(left), table, Symbol(right)))

    def scripted(self) -> Node:
        """Parse one item with its scripts and primes."""
        base: Node = Row() if self.text in ("_", "^", "'") else self.atom()
        sub: Row | None = None
        sup: Row | None = None
        primes: tuple[Node, ...] = ()
        while True:
            if self.text == "_":
                if sub is not None:
                    raise self.error("a second subscript on one base")
                self.next += 1
                sub = self.argument("_")
            elif self.text == "^":
                if sup is not None:
                    raise self.error("a second superscript on one base")
                self.next += 1
                sup = self.argument("^", script=True)
            elif self.text == "'" and sup is None:
                self.next += 1
                primes += (Symbol("\\prime"),)
            elif self.text == "'":
                raise self.error("a prime after a superscript")
            else:
                break
        if primes:
            sup = Row(primes + (sup.items if sup else ()))
        return base if sub is None and sup is None else Script(base, sub, sup)

    # --- items

    def argument(self, command: str, script: bool = False) -> Row:
        """Parse a `{...}` group, or the single item that TeX would take in its place."""
        if self.text in ("", "}", "_", "^", "&", "\\\\") or self.text.startswith("\\end{"):
            found = f"{self.text!r}" if self.text else "the end"
            raise self.error(f"{command} lacks its argument, found {found}")
        if self.text == "{":
            return self.group(script)
        if command.startswith("\\") and self.at_option():
            raise self.error(f"{command} takes no option in brackets")
        if script and self.text == "'":
            self.next += 1
            return Row((Symbol("\\prime"),))
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.error(f"groups nested deeper than {MAX_DEPTH}")
        atom = self.atom()
        self.depth -= 1
        return atom if isinstance(atom, Row) else Row((atom,))

    def visible_argument(self, command: str) -> Row:
        position = self.tokens[self.next].position
        argument = self.argument(command)
        if is_blank(argument):
            raise self.error(f"an empty argument of {command}", position)
        return argument

    def option(self, command: str) -> None:
        r"""Skip an option such as `[l]` of `\cfrac[l]`, which affects the layout and draws nothing.

        After the beginning of an environment, any other bracket is ink, as in `\begin{aligned} [x] ...`. For a command,
        any other option is an error.
        """
        if self.text != "[":
            return
        letters = s.OPTIONS[command]
        end = self.next + 1
        while self.tokens[end].text in letters:
            end += 1
        if self.tokens[end].text == "]" and end > self.next + 1:
            self.next = end + 1
        elif not command.startswith("\\begin{"):
            raise self.error(f"the option of {command} may only consist of {', '.join(sorted(letters))}")

    def at_option(self) -> bool:
        r"""Return whether brackets with a group behind them follow, as in `\hat[x]{a}`. Other brackets are ink."""
        if self.text != "[":
            return False
        end = self.next + 1
        while self.tokens[end].text not in ("[", "]", "&", "\\\\", "}", _END):
            end += 1
        return self.tokens[end].text == "]" and self.tokens[end + 1].text == "{"

    def group(self, script: bool = False) -> Row:
        opening = self.take()
        row = self.row(frozenset({"}", _END}), script)
        if self.text == _END:
            raise self.error("'{' without its '}'", opening.position)
        self.next += 1
        return row

    def atom(self) -> Node:
        """Parse one item without scripts."""
        token = self.tokens[self.next]
        text = token.text
        if text == "{":
            return self.group()
        if text in s.FRACTIONS:
            self.next += 1
            if text in s.OPTIONS:
                self.option(text)
            return Fraction(self.visible_argument(text), self.visible_argument(text))
        if text == "\\sqrt":
            return self.root()
        if text in s.ACCENTS or text in s.WIDE_ACCENTS:
            self.next += 1
            return Accent(text, self.visible_argument(text))
        if text in s.BINOMIALS or text in s.STACKS or text == "\\stackrel":
            return self.stack()
        if text == "\\buildrel":
            return self.buildrel()
        if text in s.WRAPPERS:
            self.next += 1
            if text in s.OPTIONS:
                self.option(text)
            return self.argument(text)
        if text in s.INVISIBLE:
            self.next += 1
            self.argument(text)
            return Row()
        if text in s.LABELLED_ARROWS:
            return self.labelled_arrow()
        if text == "\\pmod":
            self.next += 1
            return Row((*(Symbol(each) for each in "(mod"), self.argument(text), Symbol(")")))
        if text in s.ALPHABETS or text in s.ALPHABET_SYNONYMS:
            self.next += 1
            return _restyled(self.argument(text), s.ALPHABET_SYNONYMS.get(text, text))
        if text.startswith("\\begin{"):
            return self.table()
        return self.symbol()

    def symbol(self) -> Node:
        token = self.take()
        text = token.text
        if text in s.SYNONYMS:
            spelled = tuple(Symbol(new) for new in s.SYNONYMS[text])
            return spelled[0] if len(spelled) == 1 else Row(spelled)
        if text in _NO_SYMBOLS or text.startswith("\\end{"):
            raise self.error(f"unexpected {text!r}" if text else "unexpected end", token.position)
        if not text.isascii():
            raise self.error(refusal(text), token.position)
        unknown = text.startswith("\\") and text[1:].isalpha() and text not in s.KNOWN_COMMANDS
        if text in s.UNREADABLE or (unknown and self.text in ("{", "[")):
            raise self.error(f"unknown command {text} with an argument", token.position)
        return Symbol(text)

    def root(self) -> Node:
        self.next += 1
        index = None
        if self.text == "[":
            opening = self.take()
            index = self.row(frozenset({"]", "}", _END}))
            if self.text != "]":
                raise self.error("'[' of a root's index without its ']'", opening.position)
            self.next += 1
        radicand = self.visible_argument("\\sqrt")
        return Root(radicand, None if is_blank(index) else index)

    def stack(self) -> Node:
        text = self.take().text
        token = {"\\stackrel": "\\overset", "\\dbinom": "\\binom", "\\tbinom": "\\binom"}.get(text, text)
        below = self.text_below(text) if text == "\\stackrel" else Row()
        stack = Stack(token, self.visible_argument(text), self.visible_argument(text))
        return stack if is_blank(below) else Stack("\\underset", below, Row((stack,)))

    def buildrel(self) -> Node:
        r"""Parse `\buildrel above \over base`, plain TeX's spelling of `\stackrel{above}{base}`."""
        command = self.take()
        above = self.row(frozenset({"\\over", "&", "\\\\", "}", _END}))
        self.expect("\\over", "after the text above of \\buildrel")
        if is_blank(above):
            raise self.error("an empty argument of \\buildrel", command.position)
        return Stack("\\overset", above, self.visible_argument(command.text))

    def text_below(self, command: str) -> Row:
        r"""Parse the option of `\xrightarrow[below]{above}` or `\stackrel[below]{above}{base}`."""
        if self.text != "[":
            return Row()
        self.next += 1
        below = self.row(frozenset({"]", "}", _END}))
        self.expect("]", f"after the text below {command}")
        return below

    def labelled_arrow(self) -> Node:
        r"""Parse `\xrightarrow[below]{above}`, an arrow with a text above it and perhaps another one below it."""
        command = self.take().text
        below = self.text_below(command)
        above = self.argument(command)
        arrow: Node = Symbol(s.LABELLED_ARROWS[command])
        if not is_blank(above):
            arrow = Stack("\\overset", above, Row((arrow,)))
        return arrow if is_blank(below) else Stack("\\underset", below, Row((arrow,)))

    def table(self) -> Node:
        opening = self.take()
        name = opening.text[len("\\begin{") : -1]
        if name.endswith("*"):
            raise self.error(f"the option of {opening.text} may only consist of c, l, r", opening.position)
        if name not in s.ENVIRONMENTS:
            raise self.error(f"unknown environment {name!r}", opening.position)
        if name == "array":
            self.column_specification()
        elif opening.text in s.OPTIONS:
            self.option(opening.text)
        stops = frozenset({s.CELL_BREAK, s.ROW_BREAK, f"\\end{{{name}}}", "}", _END})
        rows: list[list[Row]] = [[]]
        while True:
            rows[-1].append(self.row(stops))
            if self.text == s.CELL_BREAK:
                self.next += 1
            elif self.text == s.ROW_BREAK:
                self.next += 1
                rows.append([])
            else:
                break
        if not self.text.startswith("\\end{"):
            raise self.error(f"{opening.text} without its \\end{{{name}}}", opening.position)
        self.next += 1
        if all(is_blank(cell) for row in rows for cell in row):
            raise self.error("an empty table", opening.position)
        left, right = (tuple(Symbol(bar) for bar in fence) for fence in s.ENVIRONMENTS[name])
        table = Table(tuple(tuple(row) for row in rows))
        return Row((*left, table, *right)) if left else table

    def column_specification(self) -> None:
        """Skip `{ccc}`. A rule between columns is visible ink, so it is refused instead of being dropped."""
        if self.text == "[":  # the vertical position
            while self.text not in ("]", _END):
                self.next += 1
            self.take()
        self.expect("{", "after \\begin{array}")
        while self.text not in ("}", _END):
            if self.text not in ("c", "l", "r"):
                raise self.error(f"column {self.text!r} of an array is not supported (only c, l, r)")
            self.next += 1
        self.expect("}", "after the columns of the array")


def _spelled(texts: Sequence[str]) -> list[Token]:
    """Convert given token texts to tokens, with Unicode characters replaced by their LaTeX."""
    tokens: list[Token] = []
    for i, text in enumerate(texts):
        tokens += [Token(text, i)] if text.isascii() else [Token(token.text, i) for token in tokenize(text)]
    return tokens


def _without_invisible(tokens: list[Token]) -> list[Token]:
    r"""Drop tokens that cannot be seen: spaces, sizes, `\left` and similar commands with their null delimiter."""
    kept: list[Token] = []
    fence = False
    for token in tokens:
        text = token.text
        if text in s.FENCES:
            fence = True
        elif text in s.DROPPED:
            continue
        else:
            if fence and text in ("<", ">"):
                token = Token({"<": "\\langle", ">": "\\rangle"}[text], token.position)
            if not (fence and text == "."):
                kept.append(token)
            fence = False
    return kept


def _restyled(row: Row, alphabet: str) -> Row:
    r"""Return the row with its single letters and digits in another alphabet, such as `\mathbb{R}` for R."""

    def group(row: Row) -> Row:
        return Row(tuple(restyle(item) for item in row.items))

    def optional(row: Row | None) -> Row | None:
        return None if row is None else group(row)

    def restyle(item: Node) -> Node:
        match item:
            case Symbol(token) if len(token) == 1 and token.isascii() and token.isalnum():
                return Symbol(f"{alphabet}{{{token}}}")
            case Row():
                return group(item)
            case Script(base, sub, sup):
                return Script(None if base is None else restyle(base), optional(sub), optional(sup))
            case Fraction(numerator, denominator):
                return Fraction(group(numerator), group(denominator))
            case Root(radicand, index):
                return Root(group(radicand), optional(index))
            case Accent(token, body):
                return Accent(token, group(body))
            case Stack(token, first, second):
                return Stack(token, group(first), group(second))
            case Table(rows):
                return Table(tuple(tuple(group(cell) for cell in cells) for cells in rows))
        return item

    return group(row)
