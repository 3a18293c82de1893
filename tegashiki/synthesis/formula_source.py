"""Formulas to typeset: like training labels, over the whole vocabulary, out of papers, medleys of symbols, and others.

Without a medley, the rare ones among hundreds of symbols would hardly ever be seen. Numbers, tables and the formulas of
school are what people write beside papers. Formulas that are kept for validation (`kept_out.py`) are never drawn.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from random import Random

from tegashiki.errors import UserError
from tegashiki.latex.errors import LatexError
from tegashiki.latex.normalize import normalize
from tegashiki.latex.symbols import GREEK, LATIN
from tegashiki.latex.vocabulary import Vocabulary
from tegashiki.safe_files import iterate_lines
from tegashiki.synthesis.formulas import WIDE, compose
from tegashiki.synthesis.kept_out import is_kept_out, is_kept_out_line
from tegashiki.synthesis.label_grammar import LabelGrammar
from tegashiki.synthesis.numbers import write_number
from tegashiki.synthesis.school import write_algebra, write_calculus, write_sum
from tegashiki.synthesis.spans import find_groups
from tegashiki.synthesis.tables import write_table

RENAMED = 0.25  # of the letters of a formula
OTHER_CASE = 0.5  # of the renamed ones
NAMES = frozenset((*LATIN, *GREEK))
DIGITS = frozenset("0123456789")
NEW = 4.0  # as if so many letters, and digits, that are free to be any stood beside those written before
LONGEST_PART = 48  # tokens of what is taken out of a paper's formula
LONGEST_SYMBOL_ROW = 8  # symbols
IN_A_SCRIPT = 0.1  # of a row's symbols, subscripts and superscripts each
DRAWS = 1_000  # that fail in a row are no bad luck: where one in fifty succeeds, 2e-9 is the chance of that


class FormulaSource:
    """Draws canonical tokens of the vocabulary."""

    def __init__(
        self,
        labels: Sequence[Sequence[str]],
        lines: Sequence[str],
        vocabulary: Vocabulary,
        grammar_formulas: float,
        paper_formulas: float,
        symbol_rows: float = 0.0,
        classes: Iterable[str] = (),
        numbers: float = 0.0,
        tables: float = 0.0,
        school: float = 0.0,
    ) -> None:
        """Fit a grammar to the training labels.

        Args:
            labels: Canonical tokens of each training label.
            lines: LaTeX formulas of papers.
            vocabulary: Tokens that formulas may use.
            grammar_formulas: Share of formulas from a grammar over the whole vocabulary.
            paper_formulas: Share of formulas out of `lines`.
            symbol_rows: Share of rows of symbols.
            classes: Symbols for these rows; those that can stand alone are used, each as likely as another.
            numbers: Share of numbers, prices, dates and sums as people write them.
            tables: Share of matrices, cases, systems and derivations.
            school: Share of school algebra, calculus and sums. The remaining formulas are like the training labels.
        """
        self._grammar, self._lines, self._vocabulary = LabelGrammar(labels), lines, vocabulary
        self._classes = (
            [token for token in classes if token in vocabulary and _stands_alone(token)] if symbol_rows else []
        )
        self._grammar_formulas, self._paper_formulas, self._symbol_rows = (
            grammar_formulas,
            paper_formulas if lines else 0.0,
            symbol_rows if self._classes else 0.0,
        )
        self._written = ((numbers, write_number), (tables, write_table), (school, write_school))
        self._parsed: dict[int, tuple[str, ...]] = {}  # of the lines; () where one cannot be used

    def draw(self, random: Random) -> tuple[str, ...]:
        """Draw one formula; raises UserError where there is hardly one whose tokens the vocabulary has."""
        for _ in range(DRAWS):
            tokens = self._any_formula(random)
            if not is_kept_out(tokens) and not self._vocabulary.missing(tokens):
                return tokens
        raise UserError(
            f"none of {DRAWS:,} formulas to typeset keeps to the vocabulary of {len(self._vocabulary.tokens)} tokens: "
            "train with a wider one, or set recombine.grammar_formulas=0 or recombine.typeset=0"
        )

    def _any_formula(self, random: Random) -> tuple[str, ...]:
        """A formula of any kind, perhaps with tokens that the vocabulary lacks."""
        kind = random.random()
        if kind < self._grammar_formulas:
            return repeating(compose(random, WIDE), random)
        if kind < self._grammar_formulas + self._paper_formulas:
            return self._part_of_a_line(random)
        if kind < self._grammar_formulas + self._paper_formulas + self._symbol_rows:
            return self._row_of_symbols(random)
        reached = self._grammar_formulas + self._paper_formulas + self._symbol_rows
        for share, write in self._written:
            reached += share
            if kind < reached:
                return write(random)
        return repeating(renamed(self._grammar.draw(random), random), random)

    def paper(self, random: Random) -> tuple[str, ...]:
        """Draw a part of a line that was given, whether it is kept out of training or not."""
        return self._part_of_a_line(random)

    def _row_of_symbols(self, random: Random) -> tuple[str, ...]:
        """A few symbols in a row, some as scripts of the one before."""
        tokens: list[str] = []
        scripts = {"_", "^"}  # that the symbol before may still get
        for symbol in random.choices(self._classes, k=random.randint(1, LONGEST_SYMBOL_ROW)):
            script = random.choices((None, "_", "^"), (1 - 2 * IN_A_SCRIPT, IN_A_SCRIPT, IN_A_SCRIPT))[0]
            if tokens and script in scripts:
                tokens += [script, "{", symbol, "}"]
                scripts.remove(script)
            else:
                tokens.append(symbol)
                scripts = {"_", "^"}
        try:
            return normalize(tokens)
        except LatexError:  # such as a second prime
            return tuple(tokens[:1])

    def _part_of_a_line(self, random: Random) -> tuple[str, ...]:
        """A run of items of a random row of a random line, short enough to be written by hand."""
        for _ in range(DRAWS):
            tokens = self._line(random.randrange(len(self._lines)))
            groups = [group for group in find_groups(tokens) if group.items]
            if not groups:
                continue
            group = groups[-1] if random.random() < 0.7 else random.choice(groups)
            first = last = random.randrange(len(group.items))
            wanted = random.randint(4, LONGEST_PART)
            while last + 1 < len(group.items) and group.items[last + 1].stop - group.items[first].start <= wanted:
                last += 1
            span = group.run(first, last)
            if span.stop - span.start <= LONGEST_PART:
                return tokens[span.start : span.stop]
        raise UserError(
            f"none of {DRAWS:,} lines drawn from data.formulas can be used: a line is a formula alone, without "
            "\\begin{equation} around it, in tokens of the vocabulary; mend the file or set recombine.paper_formulas=0"
        )

    def _line(self, index: int) -> tuple[str, ...]:
        if index not in self._parsed:
            try:
                tokens = normalize(self._lines[index])
            except LatexError:
                tokens = ()
            self._parsed[index] = tokens if not self._vocabulary.missing(tokens) else ()
        return self._parsed[index]


def write_school(random: Random) -> tuple[str, ...]:
    """Draw a formula of algebra, calculus or a sum."""
    return random.choice((write_algebra, write_calculus, write_sum))(random)


def renamed(tokens: Sequence[str], random: Random) -> tuple[str, ...]:
    """Give some letters of a formula other names, the same everywhere, most often the other case of the letter.

    Labels say `x` twenty times as often as `X`: what tells them apart must be seen, not expected.
    """
    names = {token: _other_name(token, random) for token in sorted(set(tokens) & NAMES) if random.random() < RENAMED}
    try:
        return normalize([names.get(token, token) for token in tokens])
    except LatexError:
        return tuple(tokens)


def repeating(tokens: Sequence[str], random: Random) -> tuple[str, ...]:
    """Put letters and digits that were written before in the place of others.

    A grammar draws each for itself, but a formula is about few things: of 20 to 23 symbols in CROHME's labels 11 are
    different ones. A "Chinese restaurant": the more there are, the likelier one of them comes again.
    """
    written: list[str] = []
    before: dict[frozenset[str], list[str]] = {NAMES: [], DIGITS: []}
    for token in tokens:
        kind = next((kind for kind in before if token in kind), None)
        if kind is not None:
            if random.random() < len(before[kind]) / (len(before[kind]) + NEW):
                token = random.choice(before[kind])
            before[kind].append(token)
        written.append(token)
    try:
        return normalize(written)
    except LatexError:
        return tuple(tokens)


def _stands_alone(token: str) -> bool:
    """Whether a token is a formula by itself."""
    try:
        return normalize([token]) == (token,)
    except LatexError:
        return False


def _other_name(token: str, random: Random) -> str:
    if token in LATIN and random.random() < OTHER_CASE:
        return token.swapcase()
    return random.choice(LATIN if random.random() < 0.8 else GREEK)


def read_lines(path: Path) -> list[str]:
    """Read a text file, packed by xz where its name says so; raises UserError where there is none, or a damaged one."""
    if not path.is_file():
        raise UserError(f"no file of formulas {path}: put one there, one LaTeX formula a line, or set data.formulas=''")
    return [line.strip() for line in iterate_lines(path) if line.strip()]


def training_lines(path: Path) -> list[str]:
    """Read a file of formulas as `read_lines` does, without the lines that are kept for validation."""
    return [line for line in read_lines(path) if not is_kept_out_line(line)]


def validation_lines(path: Path) -> list[str]:
    """Read the lines of a file of formulas that training never sees."""
    return [line for line in read_lines(path) if is_kept_out_line(line)]
