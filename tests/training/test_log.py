import json

import numpy as np
import pytest

from tegashiki.evaluation.pages.report_page import learning_curves
from tegashiki.safe_files import WriteError
from tegashiki.training.log import RunLog


def test_metrics_are_lines_of_json(tmp_path):
    """NaN is written as null, and a resumed run appends."""
    for step in (1, 2):
        log = RunLog(tmp_path)
        log.scalars(step, "train", {"loss": np.float32(step / 4), "broken": float("nan")})
        log.picture(step, "inks", np.zeros((4, 5, 3), np.uint8))
        log.close()
    lines = [json.loads(line) for line in (tmp_path / "metrics.jsonl").read_text().splitlines()]
    assert [(line["step"], line["kind"], line["loss"], line["broken"]) for line in lines] == [
        (1, "train", 0.25, None),
        (2, "train", 0.5, None),
    ]
    assert list((tmp_path / "tensorboard").iterdir())


def test_truncated_line_does_not_affect_other_lines(tmp_path):
    """After a full disk cut a line, a resumed run starts a new line, and the report draws all complete lines."""
    path = tmp_path / "metrics.jsonl"
    path.write_text('{"step": 1, "kind": "train", "loss_tokens": 0.5}\n{"step": 2, "ki')
    log = RunLog(tmp_path)
    log.scalars(3, "train", {"loss_tokens": 0.25})
    log.close()
    assert [point["step"] for point in learning_curves(tmp_path)["train"]] == [1, 3]


@pytest.mark.parametrize("many", [1, 30])
def test_full_disk_is_reported_at_every_write(tmp_path, monkeypatch, many):
    """With the thread of `SummaryWriter`, later writes would wait forever after the thread failed."""

    def full(event):
        raise OSError(28, "No space left on device")

    log = RunLog(tmp_path)
    monkeypatch.setattr(log._board, "write_event", full)
    for step in range(many):
        with pytest.raises(WriteError, match=r"cannot be written: No space left on device\. What was saved before"):
            log.scalars(step, "train", {"loss": 1.0})
    monkeypatch.undo()
    log.close()
