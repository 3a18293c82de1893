"""Check the Python reader on tests/fixtures/inkml. web/test/inkml.test.ts does the same for the reader of the page."""

import json
from pathlib import Path

import numpy as np
import pytest

from tegashiki.ink.files import read_ink
from tegashiki.ink.ink import InkError

FOLDER = Path(__file__).parents[1] / "fixtures" / "inkml"
EXPECTED = json.loads((FOLDER / "expected.json").read_text("utf-8"))


@pytest.mark.parametrize("vector", EXPECTED, ids=lambda vector: vector["file"])
def test_vectors(vector):
    path = FOLDER / vector["file"]
    if "error" in vector:
        with pytest.raises(InkError) as caught:
            read_ink(path)
        assert vector["error"] in caught.value.reason
        return
    ink = read_ink(path)
    assert ink.writer == vector.get("writer", ink.writer)
    found = ink.strokes
    assert [len(stroke) for stroke in found] == [len(stroke) for stroke in vector["strokes"]]
    for stroke, wanted in zip(found, vector["strokes"], strict=True):
        np.testing.assert_allclose(stroke, wanted, rtol=1e-9)


def test_every_file_has_a_vector():
    files = sorted(path.name for path in FOLDER.iterdir())
    assert files == sorted([*(vector["file"] for vector in EXPECTED), "expected.json"])
