import json

import numpy as np

from tegashiki.training.log import RunLog


def test_numbers_go_to_a_file_that_other_programs_read(tmp_path):
    """One JSON object a line, not-a-number as null; a resumed run appends."""
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
