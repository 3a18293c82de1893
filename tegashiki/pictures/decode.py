"""Decode a picture to grey, with limits on bytes and pixels that are checked before anything is unpacked."""

import io
import warnings
from dataclasses import dataclass
from math import sqrt

import numpy as np
from PIL import Image

from tegashiki.ink.ink import InkError
from tegashiki.pictures.kinds import MAX_BYTES

MAX_PIXELS = 50_000_000  # of a picture, more than most phones make
MAX_SIDE = 30_000  # pixels
WORK_PIXELS = 2_000_000  # a larger picture is reduced to this
FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "TIFF", "GIF")
EXPECTED = "expected PNG, JPEG, WebP, BMP, TIFF or GIF"
_OTHERS = (  # place and bytes of other files that people take for pictures
    (0, b"%PDF", "a PDF"),
    (4, b"ftyp", "HEIC, AVIF or a video"),
    (0, b"<svg", "an SVG drawing"),
    (0, b"<?xml", "XML, perhaps an SVG drawing"),
    (0, b"<!DOCTYPE svg", "an SVG drawing"),
)


@dataclass(frozen=True, eq=False)
class Grey:
    """A decoded picture.

    Attributes:
        pixels: uint8 (height, width), 0 for black.
        scale: Width of these pixels in pixels of the file, 1 or more.
    """

    pixels: np.ndarray
    scale: float


def decode(data: bytes, source: str = "") -> Grey:
    """Decode a picture upright: the first frame, transparent parts as paper, reduced to WORK_PIXELS.

    Args:
        data: The bytes of the file.
        source: Name of the file in errors.

    Raises:
        InkError: The file is larger than MAX_BYTES, has more than MAX_PIXELS or a longer side than MAX_SIDE, is of
            another kind than FORMATS, or is damaged.
    """
    if len(data) > MAX_BYTES:
        raise InkError(f"{len(data)} bytes, the limit is {MAX_BYTES}: save it smaller", source=source)
    beginning = data[:256].lstrip(b"\xef\xbb\xbf \t\r\n")
    for place, sign, kind in _OTHERS:
        if beginning[place:].startswith(sign):
            raise InkError(f"{kind}, {EXPECTED}: convert it", source=source)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # such as about damaged notes of the camera
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        return _decode(data, source)


def _decode(data: bytes, source: str) -> Grey:
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise InkError(f"has over {MAX_PIXELS} pixels, the limit: save it smaller", source=source) from None
    except Exception as error:  # the plug-ins raise errors of many kinds
        raise InkError(f"not a picture that can be read ({_first_line(error)}), {EXPECTED}", source=source) from None
    with image:
        _check_size(image.size, source)
        try:
            return _to_grey(image)
        except Exception as error:  # as above
            raise InkError(f"damaged or incomplete ({_first_line(error)}): save it again", source=source) from None


def _first_line(error: Exception) -> str:
    text = str(error).split("\n")[0][:80]
    return "unknown format" if text.startswith("cannot identify") else text or type(error).__name__


def _check_size(size: tuple[int, int], source: str) -> None:
    width, height = size
    if width * height > MAX_PIXELS:
        reason = f"{width} x {height} pixels, the limit is {MAX_PIXELS} pixels: save it smaller"
    elif max(size) > MAX_SIDE:
        reason = f"{width} x {height} pixels, the limit of a side is {MAX_SIDE}: cut or reduce it"
    else:
        return
    raise InkError(reason, source=source)


def _to_grey(image: Image.Image) -> Grey:
    scale = max(1.0, sqrt(image.width * image.height / WORK_PIXELS))
    size = (max(1, round(image.width / scale)), max(1, round(image.height / scale)))
    orientation = _orientation(image)
    image.draft("L", size)  # a JPEG can be decoded at 1/2, 1/4 or 1/8
    image = _opaque(image)
    if image.size != size:
        image = image.resize(size, Image.Resampling.BOX)
    if orientation in _TURNS:
        image = image.transpose(_TURNS[orientation])
    return Grey(np.array(image), scale)


_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def _orientation(image: Image.Image) -> int:
    """Return the orientation that the camera noted, 1 for upright or unknown."""
    try:
        return int(image.getexif().get(0x0112, 1))
    except Exception:  # damaged notes do not make a picture unreadable
        return 1


def _opaque(image: Image.Image) -> Image.Image:
    """Return a picture in 8-bit grey; behind transparent parts is white, or black if what is drawn is light."""
    if image.mode.startswith(("I", "F")):
        return _eight_bits(image)
    if not image.has_transparency_data:
        return image if image.mode == "L" else image.convert("L")
    image = image.convert("LA" if image.mode in ("L", "LA") else "RGBA")
    grey, alpha = image.convert("L"), image.getchannel("A")
    step = max(1, min(grey.size) // 500)
    shown = np.asarray(grey)[::step, ::step][np.asarray(alpha)[::step, ::step] > 127]
    light = len(shown) > 0 and float(shown.mean()) > 127 and not _has_paper(alpha)
    return Image.composite(grey, Image.new("L", grey.size, 0 if light else 255), alpha)


def _has_paper(alpha: Image.Image) -> bool:
    """Return whether most of a picture is opaque, so that its paper is visible."""
    return float(np.asarray(alpha).mean()) > 127


def _eight_bits(image: Image.Image) -> Image.Image:
    """Spread the values of a picture of 16 or 32 bits over 0 to 255."""
    values = np.asarray(image).astype(np.float32)
    low, high = np.nanpercentile(values[np.isfinite(values)], [0.0, 100.0]) if np.isfinite(values).any() else (0.0, 1.0)
    spread = (np.nan_to_num(values, nan=high, posinf=high, neginf=low) - low) * (255.0 / max(high - low, 1e-30))
    return Image.fromarray(np.clip(np.rint(spread), 0, 255).astype(np.uint8))
