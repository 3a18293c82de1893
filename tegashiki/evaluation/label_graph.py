r"""Label graphs in CROHME's file format, so that its organisers' tool, LgEval, can score our readings.

A file has a line for each symbol and each relation (LgEval's object format):

    O, x_1, x, 1.0, 0, 1        object, id, label, weight, its primitives
    R, x_1, 2_1, Sup, 1.0       relation, parent, child, label, weight

Primitives are strokes (`strokes_graph`), by their number in the file from 0, or, where strokes are not to be scored,
the symbol's path in the tree, as CROHME 2019 scored LaTeX (`symbols_graph`).
Reference: Zanibbi, Mouchère, Viard-Gaudin, "Evaluating structural pattern recognition for handwritten math via
primitive label graphs", DRR 2013; Mahdavi et al., ICDAR 2019.
"""

import itertools
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath

from tegashiki.errors import UserError
from tegashiki.evaluation.ink_result import InkResult
from tegashiki.evaluation.samples import Sample
from tegashiki.latex.errors import LatexError
from tegashiki.latex.layout import NOTHING, Layout, LayoutNode, layout, paths
from tegashiki.latex.symbols import TABLE_BEGIN

FOLDERS = tuple(f"{primitives}/{side}" for primitives in ("symbols", "strokes") for side in ("truth", "read"))

# LgEval reads a file as comma-separated values; CROHME writes these names.
LABELS = {",": "COMMA", "<": "\\lt", ">": "\\gt"}


class LabelGraphError(UserError, ValueError):
    """A formula that CROHME's label graphs have no place for, or inks whose files would have one name."""


def symbols_graph(tokens: Sequence[str], name: str) -> str:
    """Return the graph of canonical tokens with paths as primitives.

    Raises:
        LabelGraphError: the formula has a table.
        LatexError: the tokens do not parse, or are not canonical.
    """
    tree = _drawable(tokens)
    return _write(tree, [[path] for path in paths(tree)], name)


def strokes_graph(tokens: Sequence[str], strokes_of_token: Sequence[Sequence[int]], name: str) -> str:
    """Return the graph of canonical tokens with strokes as primitives; errors as of `symbols_graph`.

    A symbol without a stroke gets a primitive of its own, `none` and its token's number: LgEval counts it as added.

    Args:
        tokens: canonical.
        strokes_of_token: for each token the strokes that draw it, as `Candidate.strokes_of_token`.
        name: of the ink, for the first line.
    """
    tree = _drawable(tokens)
    return _write(tree, [_strokes(node, strokes_of_token) for node in tree], name)


def _strokes(node: LayoutNode, strokes_of_token: Sequence[Sequence[int]]) -> list[str]:
    strokes = [] if node.label == NOTHING else strokes_of_token[node.token]
    return [str(stroke) for stroke in strokes] or [f"none{node.token}"]


def _drawable(tokens: Sequence[str]) -> Layout:
    tree = layout(tokens)
    if any(node.label == TABLE_BEGIN for node in tree):
        raise LabelGraphError("a table has no place in the label graphs of CROHME's formulas: leave the ink out")
    return tree


def _write(tree: Layout, primitives: Sequence[Sequence[str]], name: str) -> str:
    labels = [LABELS.get(node.label, node.label) or "{}" for node in tree]
    seen: Counter[str] = Counter()
    ids = []
    for label in labels:
        seen[label] += 1
        ids.append(f"{label}_{seen[label]}")
    objects = [
        f"O, {id_}, {label}, 1.0, {', '.join(of)}" for id_, label, of in zip(ids, labels, primitives, strict=True)
    ]
    relations = [f"R, {ids[node.parent]}, {ids[i]}, {node.relation}, 1.0" for i, node in enumerate(tree) if i]
    return "\n".join(
        [f"# IUD, {name}", f"# Objects({len(objects)}):", *objects, "", "# Relations from SRT:", *relations, ""]
    )


def write_graphs(folder: Path, samples: Iterable[Sample], readings: Iterable[InkResult]) -> int:
    """Write the graphs of truths and readings, file by file, for LgEval to compare two folders.

    `symbols/truth` and `symbols/read` hold graphs by paths, `strokes/truth` and `strokes/read` those by strokes, where
    both the truth's and the reading's strokes are known. What has no graph (nothing read, LaTeX that does not parse,
    a table) is left out; LgEval counts a missing file of readings as wrong.

    Args:
        folder: Where to; it is made. Graphs that are in the folders above already go: LgEval would count them.
        samples: The inks that were read, with their truths.
        readings: What was read, one for each, in their order.

    Returns:
        How many truths were written.

    Raises:
        LabelGraphError: two inks have one name in different folders: LgEval knows files by their names alone.
    """
    readings = list(readings)
    twice = [name for name, count in Counter(PurePosixPath(each.file).stem for each in readings).items() if count > 1]
    if twice:
        raise LabelGraphError(
            f"{len(twice)} names are those of several inks, such as {twice[0]}: write folder by folder"
        )
    for old in itertools.chain.from_iterable((folder / each).glob("*.lg") for each in FOLDERS):
        old.unlink()
    written = 0
    for sample, reading in zip(samples, readings, strict=True):
        truth, read = reading.truth.split(), list(reading.tokens or ())
        written += _write_graph(folder / "symbols" / "truth", reading.file, truth)
        _write_graph(folder / "symbols" / "read", reading.file, read)
        of_read = reading.candidates[0].strokes if reading.candidates else ()
        if sample.strokes_of_token and of_read:
            _write_graph(folder / "strokes" / "truth", reading.file, truth, sample.strokes_of_token)
            _write_graph(folder / "strokes" / "read", reading.file, read, of_read)
    return written


def _write_graph(
    folder: Path, file: str, tokens: Sequence[str], strokes: Sequence[Sequence[int]] | None = None
) -> bool:
    name = PurePosixPath(file).stem  # LgEval pairs files by their names
    try:
        if not tokens:
            return False
        graph = symbols_graph(tokens, name) if strokes is None else strokes_graph(tokens, strokes, name)
    except (LatexError, LabelGraphError):
        return False
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.lg").write_text(graph, encoding="utf-8", errors="backslashreplace")
    return True
