from pathlib import Path

import numpy as np
import pytest

from tegashiki.ink.ink import Ink
from tegashiki.ink.inkml import write_inkml

LINE = np.array([[0.0, 0.0], [1.0, 2.0], [3.0, 1.0]])


def write_ink(path: Path, strokes: int = 2, label: str = "") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(write_inkml(Ink(tuple(LINE for _ in range(strokes)), label=label)), encoding="utf-8")


@pytest.fixture
def inks(tmp_path: Path) -> Path:
    """A folder with inks that are good, too long, unlabelled, outside the vocabulary, unparsable and empty."""
    folder = tmp_path / "inks"
    write_ink(folder / "good.inkml", 2, "$x^2$")
    write_ink(folder / "long.inkml", 9, "x")
    write_ink(folder / "nested" / "unnamed.inkml", 1)
    write_ink(folder / "outside.inkml", 3, r"x + \nabla")
    write_ink(folder / "unparsable.inkml", 3, r"x ^ {")
    (folder / "empty.inkml").write_bytes(b"")
    (folder / "notes.txt").write_text("not an ink")
    return folder
