"""Where a run's numbers and pictures go: metrics.jsonl for programs, TensorBoard for people."""

import json
import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from tensorboardX import SummaryWriter


class RunLog:
    """Appends to one work directory; lines already there from before a resume stay. Only the first process has one."""

    def __init__(self, workdir: Path) -> None:
        """Open `workdir`/metrics.jsonl and `workdir`/tensorboard."""
        self._file = (workdir / "metrics.jsonl").open("a", encoding="utf-8")
        self._board = SummaryWriter(str(workdir / "tensorboard"))

    def scalars(self, step: int, kind: str, values: Mapping[str, float]) -> None:
        """Write one line {"step", "kind", "time", values...}, NaN as null, and one point a value."""
        finite = {name: float(value) if np.isfinite(value) else None for name, value in values.items()}
        self._file.write(json.dumps({"step": step, "kind": kind, "time": round(time.time(), 3), **finite}) + "\n")
        self._file.flush()
        for name, value in values.items():
            self._board.add_scalar(f"{kind}/{name}", value, step)

    def picture(self, step: int, name: str, image: np.ndarray) -> None:
        """Write a picture (height, width, 3) uint8."""
        self._board.add_image(name, image, step, dataformats="HWC")

    def close(self) -> None:
        """Flush and close both."""
        self._file.close()
        self._board.close()
