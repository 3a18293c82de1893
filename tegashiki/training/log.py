"""Logs of a run: metrics.jsonl for programs, TensorBoard for people."""

import json
import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from tensorboardX.event_file_writer import EventsWriter
from tensorboardX.proto.event_pb2 import Event
from tensorboardX.summary import image as image_summary
from tensorboardX.summary import scalar as scalar_summary

from tegashiki.safe_files import explain_write_errors


class RunLog:
    """Log in one work directory. A resumed run appends to it. Only the first process of a run writes a log.

    Every method raises WriteError if the disk is full. TensorBoard events are written directly: the thread of
    `SummaryWriter` ends when the disk is full, and later calls then wait for its queue forever.
    """

    def __init__(self, workdir: Path) -> None:
        """Open `workdir`/metrics.jsonl and `workdir`/tensorboard."""
        self._workdir = workdir
        with explain_write_errors(workdir):
            path = workdir / "metrics.jsonl"
            torn = _is_torn(path)
            self._file = path.open("a", encoding="utf-8")
            if torn:  # a full disk cut the last line; the next line must not continue it
                self._file.write("\n")
            (workdir / "tensorboard").mkdir(exist_ok=True)
            self._board = EventsWriter(str(workdir / "tensorboard" / "events"))

    def scalars(self, step: int, kind: str, values: Mapping[str, float]) -> None:
        """Write numbers: one line of metrics.jsonl, and one TensorBoard point per value.

        The line is {"step", "kind", "time" in seconds since 1970, values...}, in which NaN and infinity become null.

        Args:
            step: Number of training steps done.
            kind: "train", "validation" or "goodput".
            values: Numbers by name.
        """
        finite = {name: float(value) if np.isfinite(value) else None for name, value in values.items()}
        with explain_write_errors(self._workdir):
            self._file.write(json.dumps({"step": step, "kind": kind, "time": round(time.time(), 3), **finite}) + "\n")
            self._file.flush()
            for name, value in values.items():
                self._event(step, scalar_summary(f"{kind}/{name}", value))
            self._board.flush()

    def picture(self, step: int, name: str, image: np.ndarray) -> None:
        """Write a picture, uint8 (height, width, 3), to TensorBoard."""
        with explain_write_errors(self._workdir):
            self._event(step, image_summary(name, image, dataformats="HWC"))
            self._board.flush()

    def _event(self, step: int, summary: object) -> None:
        self._board.write_event(Event(step=step, wall_time=time.time(), summary=summary))

    def close(self) -> None:
        """Flush and close both logs."""
        with explain_write_errors(self._workdir):
            try:
                self._file.close()
            finally:
                self._board.close()


def _is_torn(path: Path) -> bool:
    if not path.is_file() or not path.stat().st_size:
        return False
    with path.open("rb") as file:
        file.seek(-1, 2)
        return file.read() != b"\n"
