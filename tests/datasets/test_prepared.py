from pathlib import Path

import numpy as np
import pytest

from tegashiki.datasets.prepared import (
    DamagedRecordError,
    DatasetNotReadyError,
    Examples,
    UnreadableRecordError,
    find_data_dir,
)
from tegashiki.errors import UserError
from tegashiki.ink.example import Example, to_features
from tegashiki.ink.ink import Ink


class Source:
    """Three records of a dataset, with `harm` applied to the features of the second one."""

    def __init__(self, harm):
        self.harm = harm

    def __len__(self):
        return 3

    def __getitem__(self, index):
        features = to_features(Example(Ink(([[0.0, 0.0]],)), ("x",), np.zeros(1, np.int32)))
        features["tokens"] = features["tokens"].encode()
        return self.harm(features) if index == 1 else features


def crc(features):
    raise RuntimeError("DATA_LOSS: the checksum of a chunk is wrong\nat some place")


@pytest.mark.parametrize(
    "harm",
    [
        crc,
        lambda features: features | {"points": np.full((1, 2), np.nan)},
        lambda features: features | {"stroke_lengths": np.array([0, 1])},
        lambda features: features | {"stroke_tokens": np.array([7])},
        lambda features: features | {"tokens": b"\xff"},
        lambda features: {},
    ],
)
def test_a_damaged_record_is_named(harm):
    examples = Examples(Source(harm), False, Path("data"), "some/train in data")
    assert examples[0].tokens == examples[2].tokens == ("x",)
    message = r"^some/train in data: record 1 of 3 is damaged \(.+\): prepare"
    with pytest.raises(DamagedRecordError, match=message) as caught:
        list(examples)
    assert "\n" not in str(caught.value)
    assert issubclass(DamagedRecordError, UserError)


@pytest.mark.parametrize("reason", ["Permission denied", "Too many open files", "No such file or directory"])
def test_errors_of_the_system_are_not_damage(reason):
    def refused(features):
        raise RuntimeError(f"open() failed: {reason}; opening some/file.array_record")

    with pytest.raises(UnreadableRecordError, match=rf"train: record 1 of 3 cannot be read: {reason} \(data\)"):
        list(Examples(Source(refused), False, Path("data"), "train"))


@pytest.mark.parametrize(
    "error", [TypeError("incompatible"), MemoryError(), OSError(5, "Input/output error"), AssertionError()]
)
def test_other_errors_are_not_damage(error):
    def fail(features):
        raise error

    with pytest.raises(type(error)) as caught:
        list(Examples(Source(fail), False, Path("data")))
    assert caught.value is error


def test_counting_tokens_names_a_damaged_record():
    with pytest.raises(DamagedRecordError, match="record 1 of 3"):
        Examples(Source(crc), False, Path("data")).count_tokens()


@pytest.mark.parametrize("address", ["gs://bucket/data", "s3://bucket", "file:///data", Path("gs://bucket/data")])
def test_an_address_is_no_data_directory(address, monkeypatch):
    with pytest.raises(DatasetNotReadyError, match="is an address: give a folder of this machine"):
        find_data_dir(address)
    monkeypatch.setenv("TEGASHIKI_DATA_DIR", str(address))
    with pytest.raises(DatasetNotReadyError, match="is an address"):
        find_data_dir()


@pytest.mark.parametrize("folder", ["C:/data", "./gs:/data", "/data/gs://x"])
def test_a_folder_is_a_data_directory(folder):
    assert find_data_dir(folder) == Path(folder)
