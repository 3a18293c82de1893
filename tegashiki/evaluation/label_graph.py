r"""Write label graphs in CROHME's file format, so that LgEval, the tool of its organisers, can score our results.

A file has one line for each symbol and one for each relation (LgEval's object format):

    O, x_1, x, 1.0, 0, 1        object, id, label, weight, its primitives
    R, x_1, 2_1, Sup, 1.0       relation, parent, child, label, weight

The primitives of a symbol are its strokes, numbered from 0 in the order of the file (`strokes_graph`), or its path in
the layout tree, as in CROHME 2019's scoring of LaTeX, which ignores strokes (`symbols_graph`).
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

# CROHME's names for labels that would break the comma-separated format of LgEval.
LABELS = {",": "COMMA", "<": "\\lt", ">": "\\gt"}


class LabelGraphError(UserError, ValueError):
    """A formula that CROHME's label graphs cannot represent, or inks whose files would have the same name."""


def symbols_graph(tokens: Sequence[str], name: str) -> str:
    """Return the label graph of a formula with paths as primitives.

    Args:
        tokens: Canonical tokens.
        name: Name of the ink, for the first line.

    Raises:
        LabelGraphError: The formula has a table.
        LatexError: The tokens do not parse, or are not canonical.
    """
    tree = _drawable(tokens)
    return _write(tree, [[path] for path in paths(tree)], name)


def strokes_graph(tokens: Sequence[str], strokes_of_token: Sequence[Sequence[int]], name: str) -> str:
    """Return the label graph of a formula with strokes as primitives.

    A symbol without strokes gets a primitive of its own, `none` and the index of its token. LgEval counts it as an
    added symbol.

    Args:
        tokens: Canonical tokens.
        strokes_of_token: For each token the indices of its strokes, as `Candidate.strokes_of_token`.
        name: Name of the ink, for the first line.

    Raises:
        LabelGraphError: The formula has a table.
        LatexError: The tokens do not parse, or are not canonical.
    """
    tree = _drawable(tokens)
    return _write(tree, [_strokes(node, strokes_of_token) for node in tree], name)


def _strokes(node: LayoutNode, strokes_of_token: Sequence[Sequence[int]]) -> list[str]:
    strokes = [] if node.label == NOTHING else strokes_of_token[node.token]
    return [str(stroke) for stroke in strokes] or [f"none{node.token}"]


def _drawable(tokens: Sequence[str]) -> Layout:
    tree = layout(tokens)
    if any(node.label == TABLE_BEGIN for node in tree):
        raise LabelGraphError("CROHME's label graphs cannot represent a table: leave the ink out")
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


def write_graphs(folder: Path, samples: Iterable[Sample], results: Iterable[InkResult]) -> int:
    """Write the label graphs of truths and predictions to folders that LgEval compares file by file.

    `symbols/truth` and `symbols/read` hold graphs with paths as primitives. `strokes/truth` and `strokes/read` hold
    graphs with strokes as primitives, if the strokes of both the truth and the prediction are known. An empty formula,
    LaTeX that does not parse and a formula with a table have no graph and are left out. LgEval counts a missing
    prediction as wrong.

    Args:
        folder: The folder to write to. It is created. Older graphs in the folders above are deleted, because LgEval
            would count them.
        samples: The inks with their truths.
        results: The results of the inks, in the same order.

    Returns:
        The number of truths written.

    Raises:
        LabelGraphError: Two inks in different folders have the same name. LgEval identifies files by name only.
    """
    results = list(results)
    twice = [name for name, count in Counter(PurePosixPath(each.file).stem for each in results).items() if count > 1]
    if twice:
        raise LabelGraphError(
            f"{len(twice)} names belong to more than one ink, such as {twice[0]}: write one folder of inks at a time"
        )
    for old in itertools.chain.from_iterable((folder / each).glob("*.lg") for each in FOLDERS):
        old.unlink()
    written = 0
    for sample, result in zip(samples, results, strict=True):
        truth, read = result.truth.split(), list(result.tokens or ())
        written += _write_graph(folder / "symbols" / "truth", result.file, truth)
        _write_graph(folder / "symbols" / "read", result.file, read)
        of_read = result.candidates[0].strokes if result.candidates else ()
        if sample.strokes_of_token and of_read:
            _write_graph(folder / "strokes" / "truth", result.file, truth, sample.strokes_of_token)
            _write_graph(folder / "strokes" / "read", result.file, read, of_read)
    return written


def _write_graph(
    folder: Path, file: str, tokens: Sequence[str], strokes: Sequence[Sequence[int]] | None = None
) -> bool:
    name = PurePosixPath(file).stem  # LgEval pairs files by name
    try:
        if not tokens:
            return False
        graph = symbols_graph(tokens, name) if strokes is None else strokes_graph(tokens, strokes, name)
    except (LatexError, LabelGraphError):
        return False
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.lg").write_text(graph, encoding="utf-8", errors="backslashreplace")
    return True
