"""What reads the ink of requests: in a thread of the server, or in a worker process with a model of its own.

This module needs only the base install, so that worker processes do not load the HTTP server.
"""

import json
import multiprocessing
import os
import signal
import threading
import time
import traceback
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

from tegashiki.decoding.search import NoReadingError, SearchError, Stopped
from tegashiki.ink.ink import Ink, InkError
from tegashiki.ink.inkml import read_inkml
from tegashiki.ink.json_ink import read_json
from tegashiki.pictures.files import read_bytes, split_lines
from tegashiki.pictures.kinds import is_picture
from tegashiki.recognizer.candidate import Candidate, RecognizerError
from tegashiki.recognizer.reader import Reader
from tegashiki.recognizer.recognizer import Recognizer

# Byte order marks, blanks, and the zero byte of the first character in UTF-16.
BEFORE_TEXT = b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"
EXAMPLE_INK = b'{"strokes": [[[0, 5], [10, 5]], [[5, 0], [5, 10]]]}'  # a plus sign


class ReadingError(Exception):
    """A bug that a reading met. The message is its stack trace, which every process can unpickle."""


@dataclass(frozen=True)
class Outcome:
    """What became of an ink.

    Attributes:
        status: The status of the response.
        content: The response, JSON.
        strokes: The number of strokes, 0 if the ink could not be parsed.
        seconds: The time that reading took.
        waited: The time in seconds before that, until a worker was free.
    """

    status: HTTPStatus
    content: bytes
    strokes: int
    seconds: float
    waited: float = 0.0


def read_ink(recognizer: Reader, body: bytes, n: int, seconds: float) -> Outcome:
    """Read the ink of one request.

    Args:
        recognizer: The recogniser. Threads can share it; they take turns.
        body: InkML or JSON, or a picture.
        n: The number of candidates wanted.
        seconds: The time after which the reading is given up.

    Raises:
        ReadingError: The recogniser has a bug.
    """
    began = time.perf_counter()
    strokes = 0
    content: dict[str, Any]
    try:
        ink = parse(body)
        strokes = len(ink.strokes)
        lines = split_lines(ink)
        found = [_recognize(recognizer, line, n, began + seconds) for line in lines]
        readings = [[described(candidate) for candidate in candidates] for candidates in found]
        status, content = HTTPStatus.OK, {"candidates": readings[0]}
        if is_picture(body):
            traced = [[stroke.round(1).tolist() for stroke in line.strokes] for line in lines]
            content["lines"] = [
                {"candidates": each, "ink": strokes} for each, strokes in zip(readings, traced, strict=True)
            ]
    except Stopped:
        status, content = HTTPStatus.SERVICE_UNAVAILABLE, {"error": "the ink was not read in time: try again later"}
    except (InkError, RecognizerError, NoReadingError) as error:
        status, content = HTTPStatus.BAD_REQUEST, {"error": str(error)}
    except SearchError as error:
        status, content = HTTPStatus.UNPROCESSABLE_ENTITY, {"error": str(error)}
    except Exception:
        raise ReadingError(traceback.format_exc()) from None
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Outcome(status, text.encode("utf-8", "replace"), strokes, time.perf_counter() - began)


def parse(body: bytes) -> Ink:
    """Read a picture, InkML or JSON, depending on the first bytes, in any encoding. Raises InkError."""
    if is_picture(body):
        return read_bytes(body)
    return read_inkml(body) if body.lstrip(BEFORE_TEXT).startswith(b"<") else read_json(body)


def described(candidate: Candidate) -> dict[str, Any]:
    """Return a candidate as the response has it."""
    return {
        "latex": candidate.latex,
        "probability": round(candidate.probability, 6),
        "tokens": candidate.tokens,
        "strokes": candidate.strokes_of_token,
        "complete": candidate.complete,
        "doubtful": list(candidate.doubtful),
    }


def _recognize(recognizer: Reader, ink: Ink, n: int, due: float) -> list[Candidate]:
    """Read an ink; raise Stopped when that is not finished at the time `due`."""
    recognizer.check_candidates(n)
    with recognizer.lock:
        encoded, strokes = recognizer.encode_ink(ink)
        return recognizer.decode(encoded, strokes, n, stop=lambda: time.perf_counter() > due)


_recognizer: Reader  # of this worker process


def start_worker(model: Path) -> None:
    """Prepare a worker process: load the model, and read an ink with it, because the first one takes longer."""
    for kind in (signal.SIGINT, signal.SIGTERM):  # a terminal or an init system may send them to the whole group,
        signal.signal(kind, signal.SIG_IGN)  # but the server decides when its workers end
    threading.Thread(target=_end_with_parent, daemon=True).start()
    global _recognizer
    _recognizer = Recognizer.load(model)
    read_in_worker(EXAMPLE_INK, 1, 60.0)


def read_in_worker(body: bytes, n: int, seconds: float) -> Outcome:
    """Do the same as `read_ink` with the recogniser of this worker process."""
    return read_ink(_recognizer, body, n, seconds)


def _end_with_parent() -> None:
    """End this process when the server has gone, even if it was killed. Otherwise it would wait for work forever."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
