"""The source of formulas to typeset for training.

Formulas are drawn from a grammar fitted to the training labels, from a grammar over the whole vocabulary, from papers
and from grammars of numbers, tables and school mathematics, which papers hardly contain. Rows of random symbols ensure
that the rare ones among hundreds of symbols are seen often enough. Formulas that are kept for validation
(`held_out_formulas.py`) are never drawn.
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
from tegashiki.synthesis.held_out_formulas import is_held_out_formula, is_kept_out_line
from tegashiki.synthesis.label_grammar import LabelGrammar
from tegashiki.synthesis.numbers import write_number
from tegashiki.synthesis.school import write_algebra, write_calculus, write_sum
from tegashiki.synthesis.spans import find_groups
from tegashiki.synthesis.tables import write_table

RENAMED = 0.25  # share of the letters of a formula that are renamed
OTHER_CASE = 0.5  # share of the renamed letters that only change their case
NAMES = frozenset((*LATIN, *GREEK))
DIGITS = frozenset("0123456789")
NEW = 4.0  # weight of a new letter or digit against each one written before, as in a Chinese restaurant process
LONGEST_PART = 48  # maximum number of tokens taken from a formula of a paper
LONGEST_SYMBOL_ROW = 8  # symbols
IN_A_SCRIPT = 0.1  # share of the symbols of a row that become subscripts, and share that become superscripts
# Number of failed attempts in a row before giving up. If one attempt in fifty succeeds, this happens with probability
# 2e-9.
DRAWS = 1_000


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
            paper_formulas: Share of formulas taken from `lines`.
            symbol_rows: Share of rows of random symbols.
            classes: Symbols for these rows. Those that can stand alone are used with equal probability.
            numbers: Share of numbers, prices, dates and sums as people write them.
            tables: Share of matrices, cases, systems and derivations.
            school: Share of school algebra, calculus and sums. The remaining formulas resemble the training labels.
        """
        self._grammar, self._lines, self._vocabulary = LabelGrammar(labels), lines, vocabulary
        self._classes: list[str] = []
        if symbol_rows:
            self._classes = [token for token in classes if token in vocabulary and _stands_alone(token)]
        self._grammar_formulas = grammar_formulas
        self._paper_formulas = paper_formulas if lines else 0.0
        self._symbol_rows = symbol_rows if self._classes else 0.0
        self._written = ((numbers, write_number), (tables, write_table), (school, write_school))
        self._parsed: dict[int, tuple[str, ...]] = {}  # line number -> tokens, () if the line cannot be used

    def draw(self, random: Random) -> tuple[str, ...]:
        """Draw one formula.

        Raises:
            UserError: Hardly any formula has all its tokens in the vocabulary.
        """
        for _ in range(DRAWS):
            tokens = self._any_formula(random)
            if not is_held_out_formula(tokens) and not self._vocabulary.missing(tokens):
                return tokens
        raise UserError(
            f"none of {DRAWS:,} formulas to typeset can be written in the vocabulary of "
            f"{len(self._vocabulary.tokens)} tokens: train with a larger vocabulary, or set "
            "recombine.grammar_formulas=0 or recombine.typeset=0"
        )

    def _any_formula(self, random: Random) -> tuple[str, ...]:
        """Draw a formula of any kind, possibly with tokens outside the vocabulary."""
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
        """Draw a part of one of `lines`, whether it is held out of training or not.

        Raises:
            UserError: Hardly any line can be used.
        """
        return self._part_of_a_line(random)

    def _row_of_symbols(self, random: Random) -> tuple[str, ...]:
        """Draw a few symbols in a row, some of them as scripts of the symbol before."""
        tokens: list[str] = []
        scripts = {"_", "^"}  # scripts that the symbol before does not have yet
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
        """Draw a run of items of a random row of a random line, short enough to be written by hand."""
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
            f"none of {DRAWS:,} lines drawn from data.formulas can be used: a line must be one formula in tokens of "
            "the vocabulary, without \\begin{equation}; correct the file or set recombine.paper_formulas=0"
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
    """Draw a formula of school mathematics: algebra, calculus or a sum."""
    return random.choice((write_algebra, write_calculus, write_sum))(random)


def renamed(tokens: Sequence[str], random: Random) -> tuple[str, ...]:
    """Rename some letters consistently within a formula, most often to the other case of the letter.

    In training labels `x` is twenty times as frequent as `X`. Renaming makes a model look at the ink to tell them apart
    instead of relying on their frequencies.
    """
    names = {token: _other_name(token, random) for token in sorted(set(tokens) & NAMES) if random.random() < RENAMED}
    try:
        return normalize([names.get(token, token) for token in tokens])
    except LatexError:
        return tuple(tokens)


def repeating(tokens: Sequence[str], random: Random) -> tuple[str, ...]:
    """Replace some letters and digits by earlier ones of the formula.

    A grammar draws every symbol independently, but real formulas repeat theirs: CROHME's labels of 20 to 23 symbols
    have 11 different ones. A Chinese restaurant process: the more letters (or digits) there are already, the likelier
    the next one repeats one of them.
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
    """Return whether a token is a formula by itself."""
    try:
        return normalize([token]) == (token,)
    except LatexError:
        return False


def _other_name(token: str, random: Random) -> str:
    if token in LATIN and random.random() < OTHER_CASE:
        return token.swapcase()
    return random.choice(LATIN if random.random() < 0.8 else GREEK)


def read_lines(path: Path) -> list[str]:
    """Read the non-empty lines of a text file, which is compressed by xz if its name ends in `.xz`.

    Raises:
        UserError: The file does not exist or is damaged.
    """
    if not path.is_file():
        raise UserError(
            f"there is no file of formulas {path}: create it with one LaTeX formula per line, or set data.formulas=''"
        )
    return [line.strip() for line in iterate_lines(path) if line.strip()]


def training_lines(path: Path) -> list[str]:
    """Read a file of formulas like `read_lines`, without the lines that are kept for validation."""
    return [line for line in read_lines(path) if not is_kept_out_line(line)]


def validation_lines(path: Path) -> list[str]:
    """Read the lines of a file of formulas that training never sees."""
    return [line for line in read_lines(path) if is_kept_out_line(line)]
