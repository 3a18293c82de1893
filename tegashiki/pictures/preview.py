"""A small copy of a picture for pages that show what was read."""

import base64
import io

from PIL import Image

from tegashiki.pictures.decode import decode

LARGEST = 900  # pixels of a side


def preview_url(data: bytes, source: str = "") -> str:
    """Return a picture, upright and grey, as a `data:` URL.

    Args:
        data: The bytes of the file.
        source: Name of the file in errors.

    Raises:
        InkError: As `decode`.
    """
    image = Image.fromarray(decode(data, source).pixels)
    image.thumbnail((LARGEST, LARGEST))
    file = io.BytesIO()
    image.save(file, "JPEG", quality=80)
    return f"data:image/jpeg;base64,{base64.b64encode(file.getvalue()).decode()}"
