"""Decoding of ordinary, odd and hostile pictures."""

import struct
import tracemalloc
import zlib

import numpy as np
import pytest

pytest.importorskip("skimage", reason="the extra `pictures` is not installed")
from PIL import Image

from tegashiki.ink.ink import InkError
from tegashiki.pictures import decode as module
from tegashiki.pictures.decode import decode

from .pictures import encoded

GREY = np.tile(np.arange(0, 240, 4, dtype=np.uint8), (40, 1))


def png(width: int, height: int, data: bytes = b"", depth: int = 8, colour: int = 0) -> bytes:
    """Return a PNG whose header declares any size."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "BMP", "TIFF", "GIF"])
def test_every_format_gives_the_same_picture(kind):
    options = {"WEBP": {"lossless": True}, "JPEG": {"quality": 95}}.get(kind, {})
    found = decode(encoded(GREY, kind, **options))
    assert found.scale == 1
    np.testing.assert_allclose(found.pixels.astype(int), GREY, atol=3)


@pytest.mark.parametrize("mode", ["1", "P", "RGB", "RGBA", "LA", "CMYK", "I;16", "I", "F"])
def test_every_mode_gives_dark_and_light(mode):
    picture = Image.fromarray(np.where(GREY > 120, 255, 0).astype(np.uint8))
    if mode in ("I;16", "I", "F"):
        picture = Image.fromarray(
            np.asarray(picture).astype({"I;16": np.uint16, "I": np.int32, "F": np.float32}[mode]) * 200
        )
    else:
        picture = picture.convert(mode)
    found = decode(encoded(picture, "TIFF")).pixels
    assert found[0, 0] < 20 and found[0, -1] > 235


@pytest.mark.parametrize("drawn", [0, 255])
def test_behind_transparent_parts_is_paper_that_differs_from_the_ink(drawn):
    picture = np.zeros((30, 60, 4), np.uint8)
    picture[10:14, 10:50] = [drawn, drawn, drawn, 255]
    found = decode(encoded(picture)).pixels
    assert found[12, 30] == drawn and found[0, 0] == 255 - drawn


@pytest.mark.parametrize("orientation", range(1, 9))
def test_pictures_are_turned_upright(orientation):
    upright = np.full((20, 50), 255, np.uint8)
    upright[:5, :10] = 0  # the upper left corner
    image = Image.fromarray(upright)
    back = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # the inverse of what a viewer does, as Image.Transpose
    stored = image.transpose(Image.Transpose(back[orientation])) if orientation > 1 else image
    exif = Image.Exif()
    exif[0x0112] = orientation
    found = decode(encoded(stored, "PNG", exif=exif)).pixels
    np.testing.assert_array_equal(found, upright)


def test_the_first_frame_of_an_animation_counts():
    frames = [Image.fromarray(np.full((20, 20), level, np.uint8)) for level in (0, 255)]
    for kind in ("GIF", "PNG", "WEBP"):
        data = encoded(frames[0], kind, save_all=True, append_images=frames[1:], lossless=True)
        assert decode(data).pixels.max() < 10


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_large_pictures_are_reduced(kind):
    picture = np.full((3000, 4000), 255, np.uint8)
    picture[1000:1100, 2000:2200] = 0
    found = decode(encoded(picture, kind))
    assert found.pixels.size <= module.WORK_PIXELS * 1.01
    row, column = np.argwhere(found.pixels < 128).min(axis=0) * found.scale
    assert abs(row - 1000) <= found.scale and abs(column - 2000) <= found.scale


HOSTILE = {
    "not a picture": (b"hello", "not a picture that can be read (unknown format), expected PNG"),
    "empty": (b"", "not a picture"),
    "SVG": (b"\n<svg xmlns='http://www.w3.org/2000/svg'/>", "an SVG drawing, expected PNG"),
    "SVG with a declaration": (b"<?xml version='1.0'?><svg/>", "perhaps an SVG drawing"),
    "PDF": (b"%PDF-1.7", "a PDF, expected PNG"),
    "HEIC": (b"\0\0\0\x18ftypheic", "HEIC"),
    "bomb": (png(60_000, 60_000), "over 50000000 pixels"),
    "smaller bomb": (png(9_000, 9_000), "9000 x 9000 pixels, the limit is 50000000 pixels"),
    "wide": (png(100_000, 2), "the limit of a side is 30000"),
    "truncated": (encoded(GREY)[:-30], "damaged or incomplete"),
    "truncated JPEG": (encoded(np.tile(GREY, (20, 20)), "JPEG")[:-3000], "damaged or incomplete"),
    "no pixels": (png(0, 10), "not a picture"),
    "many bytes": (b"\x89PNG" + bytes(module.MAX_BYTES), "the limit is 33554432"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_pictures_are_refused_in_one_line(name):
    data, expected = HOSTILE[name]
    tracemalloc.start()
    with pytest.raises(InkError) as caught:
        decode(data, "some.png")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert str(caught.value).startswith("some.png: ") and expected in str(caught.value)
    assert "\n" not in str(caught.value) and peak < 4 * 2**20


def test_damaged_camera_notes_do_not_matter():
    data = encoded(GREY, "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff")
    assert decode(data).pixels.shape == GREY.shape
