"""Sockets: where the server listens, and how many connections and how much patience it has."""

import asyncio
import json
import signal
import socket
from http import HTTPStatus
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.flow_control import CLOSE_HEADER
from uvicorn.protocols.http.h11_impl import H11Protocol

from tegashiki.recognizer.candidate import RecognizerError
from tegashiki.server.log import log_config
from tegashiki.server.pool import DEADLINE

MAX_CONNECTIONS = 900  # below 1,024, the usual limit of open files
HEADER_SECONDS = 10.0  # maximum time for headers, from a new connection or the first byte of a further request
IDLE_SECONDS = 20  # time that a connection stays open after an answer
LINGER_SECONDS = 0.5  # time after a stop in which a request that is on its way is still read
STOP_SECONDS = 5.0  # time beyond the deadline that pending requests get when the server stops
HEADERS = [("Cache-Control", "no-cache"), ("X-Content-Type-Options", "nosniff")]


def bind(host: str, port: int) -> socket.socket:
    """Listen at an address. Port 0 selects a free port.

    Raises:
        RecognizerError: That is not possible, for example because the port is in use.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family)
    except (OSError, OverflowError) as error:
        raise RecognizerError(f"cannot listen at {host}, port {port}: {error}") from error
    # `create_server` leaves the protocol unspecified, but asyncio sets TCP_NODELAY only on sockets with IPPROTO_TCP.
    # Without it, every response would wait about 40 ms for the client's delayed acknowledgement.
    return socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP, listener.detach())


def url(listener: socket.socket) -> str:
    """Return the URL of a server that listens on a socket."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def server(app: ASGIApp, *, log: str | None = "text", deadline: float = DEADLINE) -> uvicorn.Server:
    """Make the server of an application. Its `run(sockets=[bind(...)])` serves until interrupted.

    When it stops, it refuses new connections, and answers the requests that have arrived.

    Args:
        app: The application from `create_app`.
        log: The form of the log, `text` or `json`; None leaves the settings of `logging` as they are.
        deadline: The deadline of the application's pool in seconds.
    """
    config = uvicorn.Config(
        app,
        loop="asyncio",  # these four do not depend on other installed packages
        http=GuardedProtocol,
        ws="none",
        lifespan="off",
        log_config=None if log is None else log_config(log),
        access_log=False,  # `log.Watched` writes it
        headers=HEADERS,
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=round(deadline + STOP_SECONDS),
    )
    return uvicorn.Server(config)


def run_until_stopped(server: uvicorn.Server, listener: socket.socket) -> bool:
    """Serve until interrupted; return whether SIGTERM was the reason.

    uvicorn handles the signal, and raises it again when it has stopped. The workers shall still be ended after that.
    """
    terminated = False

    def note(*_: object) -> None:
        nonlocal terminated
        terminated = True

    previous = signal.signal(signal.SIGTERM, note)
    try:
        server.run(sockets=[listener])
    finally:
        signal.signal(signal.SIGTERM, previous)
    return terminated


class GuardedProtocol(H11Protocol):
    """uvicorn's protocol with limits of connections and of the time for headers, and with a gentler end."""

    _headers_due: asyncio.TimerHandle | None = None
    _stopping = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection, or refuse it if there are too many."""
        super().connection_made(transport)
        if len(self.connections) > MAX_CONNECTIONS:
            self._refuse(HTTPStatus.SERVICE_UNAVAILABLE, f"the limit is {MAX_CONNECTIONS} connections: try again later")
        else:
            self._await_headers()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget a connection."""
        self._forget_headers()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what a client sends. A client that sends its headers byte by byte gains no time by that."""
        cycle = self.cycle
        if self._headers_due is None and (cycle is None or cycle.response_complete):
            self._await_headers()
        super().data_received(data)
        if self.cycle is not cycle:  # the headers are complete
            self._forget_headers()
            if self._stopping:
                self._announce_end()

    def shutdown(self) -> None:
        """Stop gracefully. uvicorn would close an idle connection although a request may be on its way."""
        if self.cycle is None or self.cycle.response_complete:
            if not self._stopping:
                self._stopping = True
                self.loop.call_later(LINGER_SECONDS, self.shutdown)
            elif not self.transport.is_closing():
                super().shutdown()
        else:
            self._stopping = True
            self._announce_end()

    def _announce_end(self) -> None:
        """Let the current response say that the connection ends, so that the client sends nothing after it."""
        self.cycle.keep_alive = False
        self.cycle.scope["headers"] = [*self.cycle.scope["headers"], CLOSE_HEADER]  # uvicorn returns this header

    def _await_headers(self) -> None:
        reason = f"the headers did not arrive within {HEADER_SECONDS:g} s"
        late = HTTPStatus.REQUEST_TIMEOUT, reason
        self._headers_due = self.loop.call_later(HEADER_SECONDS, self._refuse, *late)

    def _forget_headers(self) -> None:
        if self._headers_due is not None:
            self._headers_due.cancel()
            self._headers_due = None

    def _refuse(self, status: HTTPStatus, reason: str) -> None:
        """Answer without the application, and close the connection."""
        if self.transport.is_closing():
            return
        content = json.dumps({"error": reason}).encode()
        fields: dict[str, Any] = {"Content-Type": "application/json", "Content-Length": len(content)}
        fields |= {"Connection": "close", **({"Retry-After": 1} if status == HTTPStatus.SERVICE_UNAVAILABLE else {})}
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        self.transport.write(f"HTTP/1.1 {status.value} {status.phrase}\r\n{head}\r\n".encode() + content)
        self.transport.close()
