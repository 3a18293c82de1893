"""Break results down by length, depth, structure, folder and part, and by symbol, with the most frequent confusions."""

import itertools
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import numpy as np
from rapidfuzz.distance import Levenshtein

from tegashiki.evaluation.ink_result import InkResult
from tegashiki.latex import symbols as s
from tegashiki.latex.errors import LatexError
from tegashiki.latex.nodes import Accent, Fraction, Node, Root, Row, Script, Stack, Symbol, Table
from tegashiki.latex.normalize import visible_tokens
from tegashiki.latex.places import items, parts, tree_of

LENGTHS = (1, 5, 10, 15, 20, 30, 40)  # smallest length, in tokens, of each group by length
SYMBOL_KINDS = {
    "digits": frozenset(s.DIGITS),
    "small letters": frozenset(letter for letter in s.LATIN if letter.islower()),
    "capital letters": frozenset(letter for letter in s.LATIN if letter.isupper()),
    "Greek": frozenset(s.GREEK),
    "functions": frozenset(s.FUNCTIONS),
    "big operators": frozenset(s.BIG_OPERATORS),
    "operators": frozenset((*s.BINARY, "+", "-", "*", "/", "!")),
    "relations": frozenset((*s.RELATIONS, "<", ">", "=")),
    "arrows": frozenset(s.ARROWS),
    "brackets": frozenset((*s.DELIMITERS, "(", ")", "[", "]", "\\{", "\\}", "|")),
    "dots and commas": frozenset((*s.DOTS, ".", ",", ";", ":")),
    "fraction bars": frozenset(("\\frac",)),
    "root signs": frozenset(("\\sqrt",)),
    "accents": frozenset((*s.ACCENTS, *s.WIDE_ACCENTS)),
}
OTHER_KIND = "others"
PARTED = 3  # folders in a name SOURCE/KIND/PERSON/NUMBER
BRACES = {"{", "}"}  # left out of the confusions: they follow from other errors and would outnumber them


@dataclass(frozen=True)
class InkGroup:
    """The figures of one group of inks.

    Attributes:
        name: Name of the group.
        inks: Number of inks.
        exprate: Percent of inks recognised exactly.
        exprate_le2: Percent with at most two token edits.
        low: Lower end of the 95 % Wilson interval of `exprate`, percent.
        high: Upper end of it, percent.
        cer: Token edits / truth tokens, a fraction.
    """

    name: str
    inks: int
    exprate: float
    exprate_le2: float
    low: float
    high: float
    cer: float


@dataclass(frozen=True)
class SymbolScore:
    """How often one visible token was recognised.

    Attributes:
        token: The token.
        kind: A key of `SYMBOL_KINDS`, or `OTHER_KIND`.
        count: Number of times the token occurs in the truths.
        right: Number of times it was recognised.
        read_as: What was recognised in its place, as (token, count), the most frequent first. "" means nothing.
    """

    token: str
    kind: str
    count: int
    right: int
    read_as: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class KindScore:
    """How often the symbols of one kind were recognised.

    Attributes:
        kind: A key of `SYMBOL_KINDS`, or `OTHER_KIND`.
        count: Number of symbols of this kind in the truths.
        right: Number of them that were recognised.
    """

    kind: str
    count: int
    right: int


@dataclass(frozen=True)
class Breakdown:
    """Every grouping of a set of results.

    Attributes:
        length: Groups by the number of truth tokens.
        depth: Groups by nesting depth of the truth.
        structure: Groups by kind of structure. An ink counts in every kind that its truth contains.
        folder: Groups by the folder of the ink's name.
        part: Groups by SOURCE, SOURCE/KIND and */KIND. Empty unless every name has three folders.
        symbols: One score for each visible token, the most frequent first.
        kinds: The same scores summed by kind of symbol.
        confusions: (truth token, recognised token, count), the most frequent first. "" stands for a missing or an
            added token. Braces are left out.
    """

    length: Sequence[InkGroup]
    depth: Sequence[InkGroup]
    structure: Sequence[InkGroup]
    folder: Sequence[InkGroup]
    part: Sequence[InkGroup]
    symbols: Sequence[SymbolScore]
    kinds: Sequence[KindScore]
    confusions: Sequence[tuple[str, str, int]]


def break_down(results: Sequence[InkResult]) -> Breakdown:
    """Group results by properties of their truths. Results without a comparable truth are left out."""
    known = [result for result in results if result.truth and (result.comparable or result.prediction is None)]
    features = [features_of(result.truth.split()) for result in known]
    confusions = count_confusions(known)
    symbols = _symbol_scores(known, confusions)
    parts_of_inks = [parts_of(result.file) for result in known]
    return Breakdown(
        length=_by_length(known),
        depth=_groups(known, [(f"{feature.depth}",) for feature in features], key=int),
        structure=_groups(known, [feature.kinds for feature in features]),
        folder=_groups(known, [(PurePosixPath(result.file).parent.as_posix(),) for result in known]),
        part=_groups(known, parts_of_inks, key=_part_order) if all(parts_of_inks) else (),
        symbols=symbols,
        kinds=_kind_scores(symbols),
        confusions=[(*pair, count) for pair, count in confusions.most_common() if not BRACES & {*pair}][:100],
    )


def parts_of(file: str) -> tuple[str, ...]:
    """Return the parts that an ink named SOURCE/KIND/PERSON/NUMBER counts in, () for any other name."""
    folders = PurePosixPath(file).parent.parts
    return (folders[0], f"{folders[0]}/{folders[1]}", f"*/{folders[1]}") if len(folders) == PARTED else ()


def _part_order(part: str) -> tuple[bool, bool, str]:
    """Sort key: sources first, then kinds, then kinds within sources."""
    return "/" in part, not part.startswith("*"), part


@dataclass(frozen=True)
class Features:
    """The structure of a formula.

    Attributes:
        depth: Number of nested groups: 0 for `x + y`, 1 for `x ^ { 2 }`.
        kinds: Kinds of structure such as `fraction`, `root` and `subscript`, sorted; `one line` if there are none.
    """

    depth: int
    kinds: tuple[str, ...]


def features_of(tokens: Sequence[str]) -> Features:
    """Return the structure of canonical tokens. Tokens that do not parse have depth 0 and the kind `does not parse`."""
    try:
        tree = tree_of(tokens)
    except LatexError:
        return Features(0, ("does not parse",))
    kinds: set[str] = set()
    depth = 0
    for item, level in _walk(tree, 0):
        kinds.update(_kinds(item))
        inner = not isinstance(item, Symbol) and not (isinstance(item, Table) and not item.rows)
        depth = max(depth, level + inner)
    return Features(depth, tuple(sorted(kinds)) or ("one line",))


def _walk(row: Row, level: int) -> Iterator[tuple[Node, int]]:
    """Yield every item with the number of groups around it. The base of a script does not count as a group."""
    for item, start in items(row):
        yield item, level
        for part in parts(item, start):
            yield from _walk(part.row, level + (part.name != "base"))


def _kinds(item: Node) -> list[str]:
    match item:
        case Symbol(token):
            return ["big operator"] if token in s.BIG_OPERATORS else ["function"] if token in s.FUNCTIONS else []
        case Script(_, sub, sup):
            both = ["both scripts"] if sub is not None and sup is not None else []
            return ["subscript"] * (sub is not None) + ["superscript"] * (sup is not None) + both
        case Fraction():
            return ["fraction"]
        case Root(_, index):
            return ["root"] if index is None else ["root", "root with index"]
        case Accent():
            return ["accent"]
        case Stack():
            return ["stack"]
        case Table():
            return ["matrix"]
    return []


def align(read: Sequence[str], truth: Sequence[str]) -> Iterator[tuple[int | None, int | None]]:
    """Align two token sequences by a shortest edit script.

    Args:
        read: The recognised tokens.
        truth: The tokens of the truth.

    Yields:
        (index in `read`, index in `truth`). One of them is None for a token that the other sequence lacks.
    """
    for code in Levenshtein.opcodes(list(read), list(truth)):
        if code.tag == "delete":
            yield from ((i, None) for i in range(code.src_start, code.src_end))
        elif code.tag == "insert":
            yield from ((None, j) for j in range(code.dest_start, code.dest_end))
        else:
            pairs = zip(range(code.src_start, code.src_end), range(code.dest_start, code.dest_end), strict=True)
            yield from pairs


def count_confusions(results: Iterable[InkResult]) -> Counter[tuple[str, str]]:
    """Count the token edits of all comparable results, including edits of invisible tokens such as braces.

    Returns:
        The number of times each pair (truth token, recognised token) occurs. "" stands for a missing or an added
        token.
    """
    found: Counter[tuple[str, str]] = Counter()
    for result in results:
        if result.tokens is None or not result.comparable:
            continue
        read, truth = result.tokens, result.truth.split()
        for i, j in align(read, truth):
            pair = ("" if j is None else truth[j], "" if i is None else read[i])
            found[pair] += pair[0] != pair[1]
    return +found


def _by_length(results: Sequence[InkResult]) -> list[InkGroup]:
    ends = [f"-{high - 1}" if high - low > 1 else "" for low, high in itertools.pairwise(LENGTHS)]
    names = [f"{low}{end}" for low, end in zip(LENGTHS, [*ends, "+"], strict=True)]
    place = [int(np.searchsorted(LENGTHS, len(result.truth.split()), side="right")) - 1 for result in results]
    return _groups(results, [(names[i],) for i in place], key=names.index)


def _groups(
    results: Sequence[InkResult], names: Sequence[Sequence[str]], key: Callable[[str], Any] = str
) -> list[InkGroup]:
    found: dict[str, list[InkResult]] = defaultdict(list)
    for result, of_ink in zip(results, names, strict=True):
        for name in of_ink:
            found[name].append(result)
    return [_group(name, found[name]) for name in sorted(found, key=key)]


def _group(name: str, results: Sequence[InkResult]) -> InkGroup:
    edits = [result.edits for result in results]
    lengths = [len(result.truth.split()) for result in results]
    right = sum(each == 0 for each in edits)
    near = sum(each is not None and each <= 2 for each in edits)
    wrong = sum(length if each is None else each for each, length in zip(edits, lengths, strict=True))
    count = len(results)
    low, high = wilson(right, count)
    return InkGroup(
        name, count, 100 * right / count, 100 * near / count, 100 * low, 100 * high, wrong / max(1, sum(lengths))
    )


def wilson(right: int, count: int, z: float = 1.959964) -> tuple[float, float]:
    """Return Wilson's interval of a proportion.

    Unlike a bootstrap interval it is meaningful for few inks and for proportions of 0 and 1.
    Reference: Wilson, JASA 22, 1927.

    Args:
        right: Number of successes.
        count: Number of trials, 1 or more.
        z: Quantile of the normal distribution; the default gives 95 %.

    Returns:
        The lower and the upper end, fractions from 0 to 1.
    """
    share = right / count
    centre = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * float(np.sqrt(share * (1 - share) / count + z * z / (4 * count * count)))
    return max(0.0, centre - half), min(1.0, centre + half)


def kind_of_symbol(token: str) -> str:
    """Return the kind of a visible token: a key of `SYMBOL_KINDS`, or `OTHER_KIND`."""
    return next((kind for kind, tokens in SYMBOL_KINDS.items() if token in tokens), OTHER_KIND)


def _symbol_scores(results: Sequence[InkResult], confusions: Counter[tuple[str, str]]) -> list[SymbolScore]:
    counts: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for result in results:
        truth, read = result.truth.split(), result.tokens or ()
        try:
            visible = set(visible_tokens(truth))
        except LatexError:
            continue
        counts.update(truth[j] for j in visible)
        right.update(truth[j] for i, j in align(read, truth) if i is not None and j in visible and read[i] == truth[j])
    read_as: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for (truth_token, read_token), count in confusions.most_common():
        read_as[truth_token].append((read_token, count))
    return [
        SymbolScore(token, kind_of_symbol(token), count, right[token], tuple(read_as[token][:5]))
        for token, count in counts.most_common()
    ]


def _kind_scores(symbols: Sequence[SymbolScore]) -> list[KindScore]:
    counts: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for symbol in symbols:
        counts[symbol.kind] += symbol.count
        right[symbol.kind] += symbol.right
    return [KindScore(kind, count, right[kind]) for kind, count in counts.most_common()]
