"""What is known of pictures before one is decoded."""

MAX_BYTES = 32 * 2**20  # of one picture
SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff", ".gif")
LINES = "lines"  # the annotation of an ink that has several lines of writing: the number of strokes of each

_SIGNATURES = (b"\x89PNG", b"\xff\xd8\xff", b"BM", b"II*\x00", b"MM\x00*", b"GIF8")


def is_picture(data: bytes) -> bool:
    """Return whether a file begins like PNG, JPEG, WebP, BMP, TIFF or GIF."""
    return data.startswith(_SIGNATURES) or (data[:4] == b"RIFF" and data[8:12] == b"WEBP")
