from pathlib import Path

import numpy as np
import pytest

from tegashiki.datasets.prepared import DamagedRecordError, Examples
from tegashiki.errors import UserError
from tegashiki.ink.example import Example, to_features
from tegashiki.ink.ink import Ink


class Source:
    """Three records of a dataset; whatever `harm` does to the features of the second."""

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
    with pytest.raises(
        DamagedRecordError, match=r"^some/train in data: record 1 of 3 is damaged \(.+\): prepare"
    ) as caught:
        list(examples)
    assert "\n" not in str(caught.value)
    assert issubclass(DamagedRecordError, UserError)


def test_counting_tokens_names_it_too():
    with pytest.raises(DamagedRecordError, match="record 1 of 3"):
        Examples(Source(crc), False, Path("data")).count_tokens()
