"""Read pictures beside ink files. Nothing here needs the extra `pictures` before a picture is read."""

from tegashiki.ink.files import INK_READERS, Reader, Readers
from tegashiki.ink.ink import Ink, InkError
from tegashiki.pictures.kinds import LINES, MAX_BYTES, SUFFIXES


def read_bytes(data: bytes, source: str = "") -> Ink:
    """Read a picture from its bytes, see `tegashiki.pictures.picture.read_picture`.

    Raises:
        InkError: The picture cannot be read, or the extra `pictures` is not installed.
    """
    try:
        from tegashiki.pictures.picture import read_picture
    except ModuleNotFoundError as error:
        reason = f"pictures need an optional dependency (no module {error.name}): pip install 'tegashiki[pictures]'"
        raise InkError(reason, source=source) from None
    return read_picture(data, source)


def split_lines(ink: Ink) -> list[Ink]:
    """Return one ink for each line of writing that was found in a picture; any other ink as it is."""
    counts = [int(count) for count in ink.annotations.get(LINES, "").split()]
    if not counts:
        return [ink]
    ends = [sum(counts[: place + 1]) for place in range(len(counts))]
    spans = zip([0, *ends], ends, strict=False)
    return [Ink(ink.strokes[start:end], writer=ink.writer, source=ink.source) for start, end in spans]


PICTURE_READERS: Readers = dict.fromkeys(SUFFIXES, Reader(read_bytes, MAX_BYTES))
READERS: Readers = {**INK_READERS, **PICTURE_READERS}
