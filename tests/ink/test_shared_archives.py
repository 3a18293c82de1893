"""Read every file of the collections that the project is evaluated on, if they are available."""

import os
import tarfile
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from tegashiki.ink.files import iterate_inks
from tegashiki.ink.ink import InkError
from tegashiki.ink.inkml import read_inkml
from tegashiki.ink.preprocess import preprocess, unit_stroke
from tegashiki.ink.simplify import rdp_mask

from .strokes import rdp_of_package

DATA = Path(os.environ.get("TEGASHIKI_DATA", ""))
pytestmark = pytest.mark.skipif(
    not os.environ.get("TEGASHIKI_DATA") or not DATA.is_dir(),
    reason="TEGASHIKI_DATA does not name a folder with crohme-inkml/ and mathwriting-inkml/",
)

ARCHIVES = {
    "crohme-inkml/train-2019-extra.tar.xz": 66,
    "crohme-inkml/test-2013.tar.xz": 671,
    "crohme-inkml/test-2016.tar.xz": 1147,
    "mathwriting-inkml/excerpt-train-valid.tar.xz": 8,
}
LARGE_ARCHIVES = {
    "crohme-inkml/train-2014.tar.xz": 8835,
    "crohme-inkml/test-2011.tar.xz": 348,
    "crohme-inkml/test-2012.tar.xz": 488,
    "crohme-inkml/test-2014.tar.xz": 986,
}
EMPTY = ["train-2014/MfrDB/MfrDB3088.inkml"]


@pytest.mark.parametrize("archive", ARCHIVES)
def test_every_file_is_read(archive):
    check_archive(archive, ARCHIVES[archive], [])


@pytest.mark.slow
@pytest.mark.parametrize("archive", LARGE_ARCHIVES)
def test_every_file_of_the_large_archives_is_read(archive):
    check_archive(archive, LARGE_ARCHIVES[archive], EMPTY if "train-2014" in archive else [])


def test_unusual_files_of_the_training_set():
    with tarfile.open(DATA / "crohme-inkml" / "train-2014.tar.xz") as tar:
        odd = {f"train-2014/MfrDB/{name}.inkml": name for name in ("MfrDB0026", "MfrDB0104", "MfrDB3088")}
        data = {odd[member.name]: tar.extractfile(member).read() for member in tar if member.name in odd}
    assert len(read_inkml(data["MfrDB0026"]).strokes) > 1  # declares X Y T, writes x y
    assert read_inkml(data["MfrDB0104"]).label  # Latin-1 under a declaration of UTF-8
    with pytest.raises(InkError, match="is empty"):
        read_inkml(data["MfrDB3088"])


def check_archive(archive, count, expected_refusals):
    refused, inks = [], []
    for name, ink in iterate_inks(DATA / archive):
        if isinstance(ink, InkError):
            refused.append(name)
        else:
            inks.append(ink)
    assert (refused, len(inks)) == (expected_refusals, count)
    assert all(ink.label for ink in inks), "every file names its truth"
    if archive.startswith("mathwriting"):
        assert all("normalizedLabel" in ink.annotations for ink in inks)
        return
    # A node of the truth has strokes if a symbol names it.
    named = Counter(symbol.href for ink in inks for symbol in ink.symbols if ink.truth)
    known = Counter(node.id for ink in inks if ink.truth for node in ink.truth.walk() if node.strokes)
    assert sum(known.values()) > 0.99 * (sum(named.values()) - named[""])


def test_preprocessing_and_rdp_on_real_strokes():
    checked = 0
    for _, ink in iterate_inks(DATA / "crohme-inkml" / "test-2014.tar.xz"):
        framed = preprocess(ink)
        assert np.abs(framed.points_SP2).max() <= 0.5 and np.isfinite(framed.boxes_S3).all()
        if checked < 200 and len(ink.label) % 5 == 0:
            unit, _ = unit_stroke(ink.strokes[len(ink.strokes) // 2])
            np.testing.assert_array_equal(rdp_mask(unit, 0.02), rdp_of_package(unit, 0.02))
            checked += 1
    assert checked > 100
