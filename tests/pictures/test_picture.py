"""From a file to ink: sizes, odd pictures, lines, and reading beside ink files."""

import sys

import numpy as np
import pytest

pytest.importorskip("skimage", reason="the extra `pictures` is not installed")
from PIL import Image

from tegashiki.ink.files import iterate_inks
from tegashiki.ink.ink import Ink, InkError
from tegashiki.ink.inkml import write_inkml
from tegashiki.pictures.files import PICTURE_READERS, READERS, read_bytes, split_lines
from tegashiki.pictures.kinds import is_picture
from tegashiki.pictures.picture import read_picture
from tegashiki.pictures.preview import preview_url

from .pictures import distance, drawn, embedded_inks, encoded, photographed, place

INKS = embedded_inks(6, seed=8)


@pytest.mark.parametrize("height", [35, 90, 400])
def test_ink_is_found_at_any_size_in_pixels_of_the_picture(height):
    for ink in INKS:
        pen = max(1.5, height / 30)
        placed, _ = place(ink.strokes, height)
        found = read_picture(encoded(drawn(ink.strokes, height, pen))).strokes
        assert distance(found, placed) < 0.4 + 0.3 * pen
        assert 0.7 * len(placed) <= len(found) <= 1.4 * len(placed)


def test_a_photo_has_the_strokes_of_the_drawing(tmp_path):
    for seed, ink in enumerate(INKS):
        path = tmp_path / f"{seed}.jpg"
        path.write_bytes(encoded(photographed(drawn(ink.strokes, 120, 4), seed), "JPEG", quality=70))
        found = read_picture(path)
        placed, _ = place(ink.strokes, 120)
        assert found.source == str(path)
        assert distance(found.strokes, placed) < 1.5 and distance(placed, found.strokes) < 2.5


def test_a_large_photo_is_found_in_its_own_pixels():
    picture = Image.fromarray(drawn(INKS[0].strokes, 90)).resize((4000, 3000), Image.Resampling.BICUBIC)
    found = read_picture(encoded(picture, "JPEG"))
    low, high = np.concatenate(found.strokes).min(axis=0), np.concatenate(found.strokes).max(axis=0)
    placed, (width, height) = place(INKS[0].strokes, 90)
    scale = np.array([4000 / width, 3000 / height])
    points = np.concatenate(placed) * scale
    assert np.abs(low - points.min(axis=0)).max() < 60 and np.abs(high - points.max(axis=0)).max() < 60


def test_several_lines_are_one_ink_that_can_be_parted():
    one, other = drawn(INKS[0].strokes, 70), drawn(INKS[1].strokes, 70)
    width = max(one.shape[1], other.shape[1])
    page = np.full((one.shape[0] + other.shape[0] + 60, width), 255, np.uint8)
    page[: one.shape[0], : one.shape[1]] = one
    page[one.shape[0] + 60 :, : other.shape[1]] = other
    ink = read_picture(encoded(page))
    first, second = split_lines(ink)
    assert len(first.strokes) + len(second.strokes) == len(ink.strokes)
    assert len(first.strokes) == len(read_picture(encoded(one)).strokes)
    assert split_lines(INKS[0]) == [INKS[0]]


@pytest.mark.parametrize(
    ("picture", "expected"),
    [
        (np.full((1, 1), 255, np.uint8), "no handwriting found"),
        (np.full((60, 90), 128, np.uint8), "no handwriting found"),
        (np.zeros((1, 3000), np.uint8), "no handwriting found"),
        (np.random.default_rng(0).integers(0, 255, (700, 900), dtype=np.uint8), "cut the picture|no handwriting"),
        (np.where(np.random.default_rng(0).random((700, 900)) < 0.1, 0, 255).astype(np.uint8), "the limit is 2048"),
    ],
    ids=["1x1", "grey", "row", "noise", "salt"],
)
def test_pictures_without_handwriting_are_refused_in_one_line(picture, expected):
    with pytest.raises(InkError, match=expected) as caught:
        read_picture(encoded(picture), "some.png")
    assert str(caught.value).startswith("some.png: ") and "\n" not in str(caught.value)


def test_folders_may_mix_ink_and_pictures(tmp_path):
    (tmp_path / "a.inkml").write_text(write_inkml(INKS[0]))
    (tmp_path / "b.PNG").write_bytes(encoded(drawn(INKS[1].strokes)))
    (tmp_path / "c.jpg").write_bytes(b"no picture")
    (tmp_path / "notes.txt").write_text("x")
    found = dict(iterate_inks(tmp_path, readers=READERS))
    assert list(found) == ["a.inkml", "b.PNG", "c.jpg"]
    assert isinstance(found["b.PNG"], Ink) and found["b.PNG"].source == "b.PNG"
    assert str(found["c.jpg"]).startswith("c.jpg: not a picture")
    assert list(dict(iterate_inks(tmp_path))) == ["a.inkml"], "ink alone, unless pictures are asked for"
    assert list(dict(iterate_inks(tmp_path, readers=PICTURE_READERS))) == ["b.PNG", "c.jpg"]


def test_the_first_bytes_tell_a_picture():
    for kind in ("PNG", "JPEG", "WEBP", "BMP", "TIFF", "GIF"):
        assert is_picture(encoded(drawn(INKS[0].strokes), kind))
    assert not is_picture(write_inkml(INKS[0]).encode()) and not is_picture(b"") and not is_picture(b'{"strokes": []}')


def test_without_the_extra_one_line_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "tegashiki.pictures.picture", None)
    with pytest.raises(InkError, match=r"^a.png: pictures need .*pip install 'tegashiki\[pictures\]'$"):
        read_bytes(b"\x89PNG", "a.png")


def test_a_preview_is_a_small_jpeg():
    url = preview_url(encoded(Image.fromarray(drawn(INKS[0].strokes)).resize((3000, 1000))))
    assert url.startswith("data:image/jpeg;base64,") and len(url) < 200_000
