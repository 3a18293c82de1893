"""The committed vectors of the tracer are what Python finds in their pictures."""

import json

import numpy as np
import pytest

pytest.importorskip("skimage", reason="the extra `pictures` is not installed")

from .tracing import TRACING, bitmap_vector, picture_vector, unpacked


@pytest.fixture(scope="module")
def committed():
    if not TRACING.exists():
        pytest.skip("this installation does not have the sources of the page")
    return json.loads(TRACING.read_text("utf-8"))


def test_bitmaps_become_grey(committed):
    for entry in committed["bitmaps"]:
        now = bitmap_vector(entry["name"], unpacked(entry["rgba"], entry["height"], entry["width"], 4))
        assert unpacked(now["grey"], -1).tobytes() == unpacked(entry["grey"], -1).tobytes(), entry["name"]


def test_pictures_become_strokes(committed):
    assert len(committed["pictures"]) > 10
    for entry in committed["pictures"]:
        now = picture_vector(entry["name"], unpacked(entry["grey"], entry["height"], entry["width"]))
        for part in ("mask", "skeleton"):  # streams of zlib differ between its versions
            assert (unpacked(now.pop(part), -1) == unpacked(entry[part], -1)).all(), f"{entry['name']}: {part}"
        assert [now.get(part) for part in ("factor", "pen", "error")] == [
            entry.get(part) for part in ("factor", "pen", "error")
        ]
        shapes = [[[len(stroke) for stroke in line] for line in each.get("lines", [])] for each in (now, entry)]
        assert shapes[0] == shapes[1], entry["name"]
        points = [[p for line in each.get("lines", []) for stroke in line for p in stroke] for each in (now, entry)]
        np.testing.assert_allclose(points[0], points[1], atol=2e-6, err_msg=entry["name"])
