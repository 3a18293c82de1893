"""Where a model is good and where not: by length, depth, structure, folder and part, and by symbol, with confusions."""

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

LENGTHS = (1, 5, 10, 15, 20, 30, 40)  # first lengths, in tokens, of the groups by length
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
PARTED = 3  # folders of the names of a set whose inks belong to sources, kinds and people
BRACES = {"{", "}"}  # which come and go with what they hold, and would crowd out all other confusions


@dataclass(frozen=True)
class InkGroup:
    """The inks of one kind: how many, and how they were read."""

    name: str
    inks: int
    exprate: float  # percent read exactly
    exprate_le2: float  # percent with at most two token edits
    low: float  # 95 % Wilson interval of `exprate`
    high: float
    cer: float


@dataclass(frozen=True)
class SymbolScore:
    """How one visible token of the truths was read."""

    token: str
    kind: str  # a name of `SYMBOL_KINDS`, or `OTHER_KIND`
    count: int
    right: int
    read_as: tuple[tuple[str, int], ...]  # what stood there instead, the most frequent first; "" for nothing


@dataclass(frozen=True)
class KindScore:
    """How the symbols of a kind were read."""

    kind: str  # a name of `SYMBOL_KINDS`, or `OTHER_KIND`
    count: int
    right: int


@dataclass(frozen=True)
class Breakdown:
    """Every grouping of a set of readings."""

    length: Sequence[InkGroup]
    depth: Sequence[InkGroup]
    structure: Sequence[InkGroup]  # an ink counts in each kind that its truth has
    folder: Sequence[InkGroup]
    part: Sequence[InkGroup]  # by the folders SOURCE, SOURCE/KIND and */KIND; empty unless all names have three folders
    symbols: Sequence[SymbolScore]  # the most frequent first
    kinds: Sequence[KindScore]  # the same by kind of symbol
    confusions: Sequence[tuple[str, str, int]]  # truth, read, how often; "" for a missing or an added one; no braces


def break_down(readings: Sequence[InkResult]) -> Breakdown:
    """InkGroup readings by what their truths are like; those without a comparable truth are left out."""
    known = [reading for reading in readings if reading.truth and (reading.comparable or reading.prediction is None)]
    features = [features_of(reading.truth.split()) for reading in known]
    confusions = count_confusions(known)
    symbols = _symbol_scores(known, confusions)
    parts_of_inks = [parts_of(reading.file) for reading in known]
    return Breakdown(
        length=_by_length(known),
        depth=_groups(known, [(f"{feature.depth}",) for feature in features], key=int),
        structure=_groups(known, [feature.kinds for feature in features]),
        folder=_groups(known, [(PurePosixPath(reading.file).parent.as_posix(),) for reading in known]),
        part=_groups(known, parts_of_inks, key=_part_order) if all(parts_of_inks) else (),
        symbols=symbols,
        kinds=_kind_scores(symbols),
        confusions=[(*pair, count) for pair, count in confusions.most_common() if not BRACES & {*pair}][:100],
    )


def parts_of(file: str) -> tuple[str, ...]:
    """Return the parts that an ink counts in, for a name SOURCE/KIND/PERSON/NUMBER; () for other names."""
    folders = PurePosixPath(file).parent.parts
    return (folders[0], f"{folders[0]}/{folders[1]}", f"*/{folders[1]}") if len(folders) == PARTED else ()


def _part_order(part: str) -> tuple[bool, bool, str]:
    """Sources first, then kinds, then kinds within sources."""
    return "/" in part, not part.startswith("*"), part


@dataclass(frozen=True)
class Features:
    """What a formula is made of."""

    depth: int  # groups that are inside one another: 0 for `x + y`, 1 for `x ^ { 2 }`
    kinds: tuple[str, ...]  # `fraction`, `root`, `subscript` ..., or `one line` alone


def features_of(tokens: Sequence[str]) -> Features:
    """Return what canonical tokens are made of; tokens that do not parse have depth 0 and the kind `does not parse`."""
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
    """Every item with the number of groups around it; a base of scripts is no group."""
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
    """Pair the tokens of a shortest edit script: (index read, index in truth), None where the other has nothing."""
    for code in Levenshtein.opcodes(list(read), list(truth)):
        if code.tag == "delete":
            yield from ((i, None) for i in range(code.src_start, code.src_end))
        elif code.tag == "insert":
            yield from ((None, j) for j in range(code.dest_start, code.dest_end))
        else:
            pairs = zip(range(code.src_start, code.src_end), range(code.dest_start, code.dest_end), strict=True)
            yield from pairs


def count_confusions(readings: Iterable[InkResult]) -> Counter[tuple[str, str]]:
    """Count the edits between truths and readings as (truth's token, token read), "" for none; all tokens count."""
    found: Counter[tuple[str, str]] = Counter()
    for reading in readings:
        if reading.tokens is None or not reading.comparable:
            continue
        read, truth = reading.tokens, reading.truth.split()
        for i, j in align(read, truth):
            pair = ("" if j is None else truth[j], "" if i is None else read[i])
            found[pair] += pair[0] != pair[1]
    return +found


def _by_length(readings: Sequence[InkResult]) -> list[InkGroup]:
    ends = [f"-{high - 1}" if high - low > 1 else "" for low, high in itertools.pairwise(LENGTHS)]
    names = [f"{low}{end}" for low, end in zip(LENGTHS, [*ends, "+"], strict=True)]
    place = [int(np.searchsorted(LENGTHS, len(reading.truth.split()), side="right")) - 1 for reading in readings]
    return _groups(readings, [(names[i],) for i in place], key=names.index)


def _groups(
    readings: Sequence[InkResult], names: Sequence[Sequence[str]], key: Callable[[str], Any] = str
) -> list[InkGroup]:
    found: dict[str, list[InkResult]] = defaultdict(list)
    for reading, of_ink in zip(readings, names, strict=True):
        for name in of_ink:
            found[name].append(reading)
    return [_group(name, found[name]) for name in sorted(found, key=key)]


def _group(name: str, readings: Sequence[InkResult]) -> InkGroup:
    edits = [reading.edits for reading in readings]
    lengths = [len(reading.truth.split()) for reading in readings]
    right = sum(each == 0 for each in edits)
    near = sum(each is not None and each <= 2 for each in edits)
    wrong = sum(length if each is None else each for each, length in zip(edits, lengths, strict=True))
    count = len(readings)
    low, high = wilson(right, count)
    return InkGroup(
        name, count, 100 * right / count, 100 * near / count, 100 * low, 100 * high, wrong / max(1, sum(lengths))
    )


def wilson(right: int, count: int, z: float = 1.959964) -> tuple[float, float]:
    """Return Wilson's 95 % interval of a share, which unlike a bootstrap means something for few inks or none wrong.

    Reference: Wilson, JASA 22, 1927.
    """
    share = right / count
    centre = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * float(np.sqrt(share * (1 - share) / count + z * z / (4 * count * count)))
    return max(0.0, centre - half), min(1.0, centre + half)


def kind_of_symbol(token: str) -> str:
    """Return the kind of a visible token, a name of `SYMBOL_KINDS` or `OTHER_KIND`."""
    return next((kind for kind, tokens in SYMBOL_KINDS.items() if token in tokens), OTHER_KIND)


def _symbol_scores(readings: Sequence[InkResult], confusions: Counter[tuple[str, str]]) -> list[SymbolScore]:
    counts: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for reading in readings:
        truth, read = reading.truth.split(), reading.tokens or ()
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
