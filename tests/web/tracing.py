"""Test vectors of the tracer, from a decoded bitmap to strokes: `python -m tests.web.tracing` writes tracing.json.

The pictures are made of embedded ink. The file holds the pictures themselves, so it need not be written again when a
picture would come out otherwise, but only when the tracer changes. docs/tracing.md describes the entries.
"""

import base64
import json
import zlib
from typing import Any

import numpy as np
from PIL import Image

from tegashiki.ink.ink import InkError
from tegashiki.pictures.decode import decode
from tegashiki.pictures.picture import ink_and_pen, trace_grey
from tegashiki.pictures.skeleton import thin
from tests.pictures.pictures import drawn, embedded_inks, encoded, photographed
from tests.web.golden import ROOT

TRACING = ROOT / "web" / "test" / "tracing.json"
Entry = dict[str, Any]


def packed(values: np.ndarray) -> str:
    """Return bytes or truth values, row by row, as base64 of their zlib stream."""
    return base64.b64encode(zlib.compress(values.astype(np.uint8).tobytes(), 9)).decode()


def unpacked(text: str, *shape: int) -> np.ndarray:
    return np.frombuffer(zlib.decompress(base64.b64decode(text)), np.uint8).reshape(shape)


def bitmap_vector(name: str, rgba: np.ndarray) -> Entry:
    """Record how a bitmap in colour becomes grey, and smaller if it is too large."""
    grey = decode(encoded(Image.fromarray(rgba)))
    height, width = rgba.shape[:2]
    return {"name": name, "width": width, "height": height, "rgba": packed(rgba), "grey": packed(grey.pixels)}


def picture_vector(name: str, grey: np.ndarray) -> Entry:
    """Record ink, skeleton and strokes of a grey picture."""
    entry: Entry = {"name": name, "width": grey.shape[1], "height": grey.shape[0], "grey": packed(grey)}
    mask, pen, factor = ink_and_pen(grey)
    entry |= {"factor": factor, "pen": pen, "mask": packed(mask), "skeleton": packed(thin(mask)[0])}
    try:
        lines = trace_grey(grey).lines
    except InkError as error:
        return entry | {"error": error.reason}
    return entry | {"lines": [[np.round(stroke, 6).tolist() for stroke in line] for line in lines]}


def bitmaps() -> dict[str, np.ndarray]:
    """Return bitmaps in colour, uint8 (height, width, 4)."""
    rng = np.random.default_rng(0)
    colours = rng.integers(0, 256, (12, 20, 4), dtype=np.uint8)
    opaque = colours.copy()
    opaque[..., 3] = 255
    on_nothing = np.zeros((12, 40, 4), np.uint8)
    on_nothing[3:5, 4:36] = [30, 60, 90, 255]
    on_nothing[5, 4:36] = [30, 60, 90, 120]
    light = on_nothing.copy()
    light[3:6, 4:36, :3] = [250, 240, 230]
    large = np.full((1200, 1800, 4), 255, np.uint8)
    large[500:700:7, 100:1700, :3] = [20, 40, 160]
    return {"opaque": opaque, "transparent": colours, "dark": on_nothing, "light": light, "large": large}


def pictures() -> dict[str, np.ndarray]:
    """Return grey pictures, uint8 (height, width)."""
    inks = [ink.strokes for ink in embedded_inks(12, seed=6)]
    found = {f"formula {place}": drawn(strokes, 60, 3) for place, strokes in enumerate(inks[:6])}
    found["board"] = 255 - photographed(drawn(inks[6], 50, 3), 1)
    found["photo"] = photographed(drawn(inks[7], 60, 4), 2)
    found["faint"] = photographed(drawn(inks[8], 50, 3), 3, 0.25)
    found["thick pen"] = drawn(inks[9], 160, 9)
    found["thin pen"] = drawn(inks[10], 40, 1.5)
    one, other = drawn(inks[0], 50), drawn(inks[2], 50)
    two = np.full((one.shape[0] + other.shape[0] + 40, max(one.shape[1], other.shape[1])), 255, np.uint8)
    two[: one.shape[0], : one.shape[1]] = one
    two[-other.shape[0] :, : other.shape[1]] = other
    found["two lines"] = two
    found["squared paper"] = _ruled(drawn(inks[3], 60, 3))
    found["specks"] = drawn(inks[1], 60, 3)
    found["specks"][::9, ::11] = 90
    found["paper"] = np.full((40, 60), 200, np.uint8)
    return found


def _ruled(picture: np.ndarray) -> np.ndarray:
    rows, columns = np.indices(picture.shape)
    rules = ((rows + columns // 40) % 24 == 9) | ((columns - rows // 30) % 24 == 5)
    return np.where(rules, np.minimum(picture, 150), picture).astype(np.uint8)


def tracing() -> dict[str, list[Entry]]:
    """Return all vectors as JSON values."""
    return {
        "bitmaps": [bitmap_vector(name, rgba) for name, rgba in bitmaps().items()],
        "pictures": [picture_vector(name, grey) for name, grey in pictures().items()],
    }


def as_text(vectors: dict[str, list[Entry]]) -> str:
    """Return vectors as JSON with one entry a line."""
    parts = [
        f"{json.dumps(part)}: [\n" + ",\n".join(json.dumps(entry, separators=(",", ":")) for entry in entries) + "\n]"
        for part, entries in vectors.items()
    ]
    return "{\n" + ",\n".join(parts) + "\n}\n"


if __name__ == "__main__":
    TRACING.write_text(as_text(tracing()), "utf-8")
