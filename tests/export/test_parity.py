import dataclasses

import pytest

from tegashiki.export.parity import Parity, ParityError

SAME = Parity(inks=200, tokens=3000, logits=0.0, same_tokens=1.0, exprate_model=60.0, exprate_file=60.0, differing=())


@pytest.mark.parametrize(
    ("quantize", "change"),
    [
        ("none", {"logits": 1e-4}),
        ("int8", {"logits": 0.7}),
        ("float16", {"logits": 0.01}),
        ("int8", {"same_tokens": 0.995}),
        ("int8", {"exprate_file": 59.5}),
        ("int8", {"exprate_file": 63.0}),  # the file may be better than the model
    ],
)
def test_small_differences_are_accepted(quantize, change):
    dataclasses.replace(SAME, **change).check(quantize)


@pytest.mark.parametrize(
    ("quantize", "change", "message"),
    [
        ("none", {"logits": 1.1e-4}, "logits differ by up to 0.00011"),
        ("none", {"logits": float("nan")}, "logits differ"),
        ("none", {"same_tokens": 0.994}, "99.40% of 3000 known tokens"),
        ("int8", {"same_tokens": 0.9949}, "at least 99.5% is required"),
        ("int8", {"same_tokens": float("nan")}, "known tokens"),
        ("float16", {"exprate_file": 59.4}, "59.40 % of 200 inks, the model 60.00 %"),
    ],
)
def test_large_differences_are_refused(quantize, change, message):
    with pytest.raises(ParityError) as refused:
        dataclasses.replace(SAME, **change).check(quantize)
    assert message in str(refused.value)
