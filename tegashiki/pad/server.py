"""A server for one window of the page on this machine, which receives the formulas that are written there.

    GET  /                     the page and its files
    GET  /pad/open?token=...   an event stream that stays open as long as the page; its event `end` closes the window
    POST /pad/accept           a formula, {"latex": "..."}; the token is in the header Authorization: Bearer

Only the page that was opened with the token can deliver a formula. The server answers only requests that name it as
127.0.0.1 or localhost, so that no other site can pass for it.
"""

import hmac
import http.server
import json
import queue
import secrets
import select
import socketserver
import threading
import time
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import parse_qs, urlsplit

from tegashiki.errors import UserError
from tegashiki.recognizer.page import MEDIA_TYPES, START, WORKER, page_files, start_page

PORT = 8764  # preferred, because browsers keep the history and the theme of a page by its port
MAX_BODY = 2**16  # bytes of a formula
RELOAD_SECONDS = 8.0  # time in which a page that is reloaded connects again, also on a busy machine
POLL_SECONDS = 0.2
END_SECONDS = 5.0  # maximum time until the page has been told to close

Place = Literal["clipboard", "program"]
"""Where a formula is once it is delivered; the page has a text for each."""


class PadServer:
    """Serves the page until it is closed.

    Attributes:
        url: The address of the page, with the token in its fragment, which browsers do not send.
        delivered: The number of formulas delivered.
    """

    def __init__(self, model: Path, deliver: Callable[[str], Place], *, once: bool, port: int | None = None):
        """Listen on 127.0.0.1.

        Args:
            model: The .tflite file that the page loads.
            deliver: Called with each formula, in another thread; returns where it is then. The page shows
                that, or a UserError.
            once: Whether the window closes after the first formula.
            port: The port, 0 for a free one; None for PORT, or a free one if that is in use.

        Raises:
            UserError: The port is in use.
        """
        self.files = page_files(model) | {START: start_page(offline=False)}
        del self.files[WORKER]
        self.deliver, self.once, self.delivered = deliver, once, 0
        self.token = secrets.token_urlsafe(24)
        self.ending = threading.Event()
        self._closed: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._pages = 0
        self._lock = threading.Lock()
        self._http = _listen(port)
        self._http.pad = self
        self.port = self._http.server_port
        self.url = f"http://127.0.0.1:{self.port}/#pad={self.token}"

    def __enter__(self) -> Self:
        """Serve in other threads."""
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": POLL_SECONDS}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        """Tell the page to close, and stop once it has been told."""
        self.ending.set()
        self._http.shutdown()
        deadline = time.monotonic() + END_SECONDS
        while self.opened and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS / 10)
        self._http.server_close()

    @property
    def opened(self) -> bool:
        """Whether the page is open."""
        return self._pages > 0

    def wait(self, seconds: float) -> bool:
        """Wait until the page is closed or needs no longer be open; return False if it still is after a time."""
        try:
            self._closed.get(timeout=seconds)
        except queue.Empty:
            return False
        return True

    def accept(self, latex: str) -> dict[str, str]:
        """Deliver a formula; return the answer for the page. Raises UserError if it cannot be delivered."""
        with self._lock:
            if self.once and self.delivered:
                raise UserError("a formula has already been delivered: close this window")
            place = self.deliver(latex)
            self.delivered += 1
        return {"place": place}

    def finish(self) -> None:
        """End the wait."""
        self._closed.put(None)

    def page_opened(self) -> None:
        """Count a page."""
        with self._lock:
            self._pages += 1

    def page_closed(self) -> None:
        """Count a page that is gone; end the wait unless it is reloaded."""
        with self._lock:
            self._pages -= 1
        if not self.ending.wait(RELOAD_SECONDS) and not self.opened:
            self.finish()


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    pad: PadServer

    def server_bind(self) -> None:
        """Bind without looking up the host's name, which the base class does; without a network it takes long."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", self.server_address[1]


def _listen(port: int | None) -> _Server:
    for tried in (PORT, 0) if port is None else (port,):
        try:
            return _Server(("127.0.0.1", tried), _Handler)
        except (OSError, OverflowError) as error:
            failure = error
    raise UserError(f"cannot listen on port {port}: {failure}; leave out --port to use a free one")


class _Handler(http.server.BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        if self._is_foreign():
            return
        address = urlsplit(self.path)
        if address.path == "/pad/open":
            self._stay_open(parse_qs(address.query).get("token", [""])[0])
            return
        path = address.path.removeprefix("/") or START
        content = self.server.pad.files.get(path)
        if content is None:
            self._answer(HTTPStatus.NOT_FOUND, {"error": f"there is nothing at {address.path[:200]}"})
            return
        self._send(HTTPStatus.OK, content, MEDIA_TYPES.get(Path(path).suffix, "application/octet-stream"))

    def do_POST(self) -> None:
        pad = self.server.pad
        if self._is_foreign():
            return
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        if self.path != "/pad/accept" or scheme != "Bearer" or not _same(token, pad.token):
            self._answer(HTTPStatus.FORBIDDEN, {"error": "only the page of this pad may deliver a formula"})
            return
        try:
            answer = pad.accept(self._latex())
        except (UserError, OSError) as error:
            self._answer(HTTPStatus.BAD_REQUEST, {"error": str(error)})
            return
        self._answer(HTTPStatus.OK, answer)
        if pad.once:
            pad.finish()

    def _latex(self) -> str:
        """Return the formula in the body. Raises UserError if there is none."""
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > MAX_BODY:
            raise UserError(f"a formula of {length or 'unknown'} bytes: the limit is {MAX_BODY}")
        try:
            latex = json.loads(self.rfile.read(int(length)))["latex"]
        except (ValueError, TypeError, KeyError):
            latex = None
        if not isinstance(latex, str) or not latex.strip():
            raise UserError('expected JSON, {"latex": "..."}')
        return latex

    def _is_foreign(self) -> bool:
        """Refuse requests under another name of this machine, such as those of a site that resolves to 127.0.0.1."""
        port = self.server.pad.port
        if self.headers.get("Host") in (f"127.0.0.1:{port}", f"localhost:{port}"):
            return False
        self._answer(HTTPStatus.FORBIDDEN, {"error": "this server is only for its own page"})
        return True

    def _stay_open(self, token: str) -> None:
        pad = self.server.pad
        if not _same(token, pad.token):
            self._answer(HTTPStatus.FORBIDDEN, {"error": "the token is wrong"})
            return
        pad.page_opened()
        try:
            self.send_response(HTTPStatus.OK)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            while not pad.ending.is_set():
                readable, _, _ = select.select([self.connection], [], [], POLL_SECONDS)
                if readable and not self.connection.recv(1024):
                    break
            else:
                self.wfile.write(b"event: end\ndata:\n\n")
        except OSError:
            pass  # the page is gone
        pad.page_closed()

    def _answer(self, status: HTTPStatus, content: dict[str, str]) -> None:
        self._send(status, json.dumps(content).encode(), "application/json")

    def _send(self, status: HTTPStatus, content: bytes, kind: str) -> None:
        self.send_response(status)
        for name, value in {
            "Content-Type": kind,
            "Content-Length": str(len(content)),
            "Cache-Control": "no-cache",
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Print nothing: editors read the output."""


def _same(token: str, wanted: str) -> bool:
    return hmac.compare_digest(token.encode(), wanted.encode())
