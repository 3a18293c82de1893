"""A file of JSON lines that grows by one line an ink, and can be continued after an interruption.

The first line holds the settings: `{"settings": {...}}`. Each further line has the name of its ink as "file".
"""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, Self

from tegashiki.evaluation.samples import EvaluationError


class ResultLines:
    """The file of an evaluation or of readings. Use it as a context.

    Attributes:
        count: The number of inks in the file.
    """

    def __init__(
        self,
        path: Path,
        settings: Mapping[str, Any],
        resume: bool,
        seen: Callable[[dict[str, Any]], None] = lambda _: None,
    ) -> None:
        """Open the file.

        Args:
            path: The file. It may exist only with `resume`.
            settings: What the results depend on.
            resume: Whether to continue the file if it exists.
            seen: Called with each line that the file already has, when its ink comes by in `is_new`.

        Raises:
            EvaluationError: The file exists and is not to be continued, or has other settings.
        """
        self._path, self._seen = path, seen
        self._settings = json.loads(json.dumps(settings))
        if path.exists() and not resume:
            raise EvaluationError(f"{path} exists: give --resume to continue it, or another file")
        self._end = _complete_bytes(path) if path.exists() else 0
        self._lines = self._read() if self._end else iter(())
        if self._end:
            self._check_settings(next(self._lines))
        self.count = 0
        self._file: BinaryIO | None = None

    def __enter__(self) -> Self:
        """Open the file for writing. A line that an interruption left incomplete is removed."""
        self._file = self._path.open("ab")
        self._file.truncate(self._end)
        if not self._end:
            self._write({"settings": self._settings})
        return self

    def __exit__(self, *_: object) -> None:
        assert self._file is not None
        self._file.close()

    def is_new(self, name: str) -> bool:
        """Whether the file has no line yet for the next ink. Call this for each ink in turn.

        Raises:
            EvaluationError: The file has a line for another ink here, so it was made from other inks.
        """
        line = next(self._lines, None)
        if line is None:
            return True
        if line.get("file") != name:
            raise EvaluationError(
                f"{self._path} has {line.get('file')!r} as ink {self.count + 1}, and the inks to read have {name!r}: "
                "give the inks that it was made from, or another file"
            )
        self.count += 1
        self._seen(line)
        return False

    def append(self, line: Mapping[str, Any]) -> None:
        """Add the line of an ink. It is in the hands of the operating system when this returns."""
        self._write(line)
        self.count += 1

    def _write(self, line: Mapping[str, Any]) -> None:
        assert self._file is not None
        text = json.dumps(line, ensure_ascii=False, allow_nan=False) + "\n"
        self._file.write(text.encode("utf-8", "backslashreplace"))  # a file name need not be valid text
        self._file.flush()

    def _read(self) -> Iterator[dict[str, Any]]:
        with self._path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if file.tell() > self._end:
                    return
                try:
                    yield dict(json.loads(line))
                except (ValueError, TypeError) as error:
                    raise EvaluationError(f"{self._path} line {number} is not a line of results: {error}") from error

    def _check_settings(self, first: dict[str, Any]) -> None:
        there = first.get("settings")
        if not isinstance(there, dict):
            raise EvaluationError(f"{self._path} does not begin with settings: give a file that this command wrote")
        for name in {**there, **self._settings}:
            if there.get(name) != self._settings.get(name):
                raise EvaluationError(
                    f"{self._path} was made with {name} {there.get(name)}, not {self._settings.get(name)}: "
                    "give the same settings, or another file"
                )


def _complete_bytes(path: Path) -> int:
    """Return the number of bytes up to the end of the last complete line."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        while size:
            start = max(size - 2**16, 0)
            file.seek(start)
            found = file.read(size - start).rfind(b"\n")
            if found >= 0:
                return start + found + 1
            size = start
    return 0
