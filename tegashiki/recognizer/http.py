"""The page and the recogniser behind HTTP, with the standard library alone.

    GET  /                 the page, which reads ink by itself
    POST /recognize?n=5    an ink, InkML or JSON, to candidates: for whose client cannot run the model

An answer to POST is `{"candidates": [{"latex", "probability", "tokens", "strokes", "complete"}, ...]}`, an error
`{"error": "what is wrong"}` with a status of 400 or above.
"""

from __future__ import annotations

import json
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tegashiki.ink.ink import Ink, InkError
from tegashiki.ink.inkml import read_inkml
from tegashiki.ink.json_ink import read_json
from tegashiki.recognizer.recognizer import Candidate, Recognizer, RecognizerError

PAGE = Path(__file__).parent.parent / "web"
MODEL = "/assets/default.tflite"  # where the page looks for its model
MAX_BODY = 2 * 2**20  # bytes of one ink
TIMEOUT = 20  # seconds that a client may keep silent
DEFAULT_CANDIDATES = 5
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
}


class RequestError(Exception):
    """A request that gets an error's status."""

    def __init__(self, status: HTTPStatus, reason: str):
        self.status, self.reason = status, reason
        super().__init__(reason)


class Server(ThreadingHTTPServer):
    """Serves the page, a model file and a recogniser of it."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int], recognizer: Recognizer, model: Path):
        """Bind to (host, port); port 0 is a free one. `model` is the file that the page gets."""
        self.recognizer, self.model = recognizer, model
        super().__init__(address, _Handler)

    @property
    def url(self) -> str:
        """Where a browser finds the page."""
        host, port = self.server_address[:2]
        return f"http://{host!s}:{port}/"


class _Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    timeout = TIMEOUT

    def do_GET(self) -> None:
        self._answer(self._get)

    def do_POST(self) -> None:
        self._answer(self._post)

    def _answer(self, method: Any) -> None:
        try:
            method()
        except RequestError as error:
            self.close_connection = True  # a body that was not read may still be on its way
            self._send(error.status, _json({"error": error.reason}), "application/json")

    def _get(self) -> None:
        path = unquote(urlsplit(self.path).path)
        if path == "/":
            self.send_response(HTTPStatus.FOUND)
            self.send_header("Location", "/web/")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        file = self._file(path)
        if file is None or not file.is_file():
            raise RequestError(HTTPStatus.NOT_FOUND, f"there is nothing at {path[:200]}")
        self._send(HTTPStatus.OK, file.read_bytes(), TYPES.get(file.suffix, "application/octet-stream"))

    def _file(self, path: str) -> Path | None:
        """Find the file that a path names: of the page, or the model; nothing else is ever served."""
        if path == MODEL:
            return self.server.model
        if not path.startswith("/web/"):
            return None
        try:
            file = (PAGE / (path.removeprefix("/web/") or "index.html")).resolve()
        except (OSError, ValueError):
            return None
        return file if file.is_relative_to(PAGE.resolve()) else None

    def _post(self) -> None:
        url = urlsplit(self.path)
        if url.path != "/recognize":
            raise RequestError(HTTPStatus.NOT_FOUND, f"there is nothing at {url.path[:200]}: ink goes to /recognize")
        n = _number_of_candidates(url.query)
        ink = _read(self._body())
        try:
            candidates = self.server.recognizer.recognize(ink, n)
        except RecognizerError as error:
            raise RequestError(HTTPStatus.BAD_REQUEST, str(error)) from error
        answer = {"candidates": [_described(candidate) for candidate in candidates]}
        self._send(HTTPStatus.OK, _json(answer), "application/json")

    def _body(self) -> bytes:
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit()):
            raise RequestError(HTTPStatus.LENGTH_REQUIRED, "the request does not say how long it is (Content-Length)")
        if int(length) > MAX_BODY:
            reason = f"{length} bytes, the limit is {MAX_BODY}: thin or split the ink"
            raise RequestError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, reason)
        return self.rfile.read(int(length))

    def _send(self, status: HTTPStatus, content: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-cache")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        self.wfile.write(content)


def _number_of_candidates(query: str) -> int:
    given = parse_qs(query).get("n", [str(DEFAULT_CANDIDATES)])[0]
    if not (given.isascii() and given.isdigit() and len(given) < 4):
        raise RequestError(HTTPStatus.BAD_REQUEST, f"n is {given[:40]!r}, expected a number of candidates")
    return int(given)


def _read(body: bytes) -> Ink:
    """Read an ink, told apart by its first character."""
    try:
        return read_inkml(body) if body.lstrip().startswith(b"<") else read_json(body)
    except InkError as error:
        raise RequestError(HTTPStatus.BAD_REQUEST, str(error)) from error


def _described(candidate: Candidate) -> dict[str, Any]:
    return {
        "latex": candidate.latex,
        "probability": round(candidate.probability, 6),
        "tokens": candidate.tokens,
        "strokes": candidate.strokes_of_token,
        "complete": candidate.complete,
    }


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()
