"""Every process that prepares a dataset writes the same bytes."""

import pytest
from array_record.python.array_record_module import ArrayRecordReader

from tegashiki.datasets.builder import FEATURES
from tegashiki.datasets.mathwriting import MathWriting

from .sources import ink, write

# The check against the `rdp` package raises these warnings, because rdp computes cross products of 2-vectors.
pytestmark = pytest.mark.filterwarnings("ignore:Arrays of 2-dimensional vectors", "ignore:invalid value:RuntimeWarning")


def test_the_fields_of_a_record_are_sorted(tmp_path):
    """Otherwise protobuf writes them in an order that changes from process to process."""
    write(tmp_path / "source", {"train/one": ink("x", "x")})
    builder = MathWriting(data_dir=tmp_path / "data", source=tmp_path / "source")
    builder.download_and_prepare()
    [path] = builder.data_path.glob("*.array_record*")
    reader = ArrayRecordReader(str(path))
    [record] = reader.read_all()
    reader.close()
    fields = [bytes([10, len(name)]) + name.encode() for name in sorted(FEATURES)]
    places = [record.index(field) for field in fields]
    assert places == sorted(places)
