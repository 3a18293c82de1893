"""Small artificial inks and source folders like those of CROHME."""

import os
from pathlib import Path

import numpy as np
import pytest

from tegashiki.ink.ink import Ink, MathNode, SymbolGroup
from tegashiki.ink.inkml import write_inkml

DATA = Path(os.environ.get("TEGASHIKI_DATA", ""))
needs_data = pytest.mark.skipif(
    not os.environ.get("TEGASHIKI_DATA") or not DATA.is_dir(),
    reason="TEGASHIKI_DATA does not name a folder with crohme-inkml/, labels/ and mathwriting-inkml/",
)


def strokes(count: int, seed: int = 0) -> tuple[np.ndarray, ...]:
    """Return random walks of 1 to 30 points."""
    random = np.random.default_rng(seed)
    return tuple(random.normal(size=(random.integers(1, 31), 2)).cumsum(axis=0) for _ in range(count))


def ink(label: str, names: str, tree: MathNode | None = None, writer: str = "somebody", stray: int = 0) -> Ink:
    """Return an ink with one stroke per symbol.

    Args:
        label: The label.
        names: Names of the symbols in the order of the tree, with the ids s0, s1, ...
        tree: The MathML truth; None for a single row.
        writer: Name of the writer.
        stray: Number of additional strokes that belong to no symbol.
    """
    words = names.split()
    groups = tuple(SymbolGroup(word, (index,), f"s{index}") for index, word in enumerate(words))
    tree = tree or row(*(leaf(index, word) for index, word in enumerate(words)))
    seed = sum(map(ord, label + writer))
    return Ink(strokes(len(words) + stray, seed), label=label, writer=writer, symbols=groups, truth=tree)


def leaf(index: int, text: str = "", tag: str = "mi", children: tuple[MathNode, ...] = ()) -> MathNode:
    return MathNode(tag, text, f"s{index}", (index,), children)


def row(*children: MathNode) -> MathNode:
    return MathNode("math", children=(MathNode("mrow", children=children),))


def write(folder: Path, inks: dict[str, Ink]) -> None:
    """Write inks as InkML files into `folder`, by their names, which may contain folders."""
    for name, one in inks.items():
        path = folder / f"{name}.inkml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(write_inkml(one), "utf-8")
