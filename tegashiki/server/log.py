"""The server's log: a line for each request, as text or as one JSON object."""

import json
import logging
import time
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tegashiki.server.metrics import Metrics

REQUESTS = "tegashiki.server"  # the logger of the requests
PROBES = {"/healthz", "/metrics"}  # orchestrators ask for them every few seconds
LONGEST_PATH = 200


class JsonLines(logging.Formatter):
    """Formats a record as one JSON object with the fields of its `extra={"fields": {...}}`."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        milliseconds = f".{record.msecs:03.0f}Z"
        moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + milliseconds
        line: dict[str, Any] = {"time": moment, "level": record.levelname.lower(), "message": record.getMessage()}
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line | getattr(record, "fields", {}), ensure_ascii=False)


def log_config(kind: str) -> dict[str, Any]:
    """Return the configuration of `logging`: `text` is for people, `json` has one object a line."""
    formatter = {"()": JsonLines} if kind == "json" else {"format": "%(asctime)s %(levelname)s %(message)s"}
    handlers = {
        "output": {"class": "logging.StreamHandler", "formatter": "line", "stream": "ext://sys.stdout"},
        "errors": {"class": "logging.StreamHandler", "formatter": "line", "stream": "ext://sys.stderr"},
    }
    loggers = {
        REQUESTS: {"handlers": ["output"], "level": "INFO", "propagate": False},
        "uvicorn": {"handlers": ["errors"], "level": "WARNING", "propagate": False},
        "asyncio": {"handlers": ["errors"], "level": "WARNING", "propagate": False},
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": formatter},
        "handlers": handlers,
        "loggers": loggers,
    }


class Watched:
    """An application whose requests are counted and logged. Routes may add fields to `scope["state"]["fields"]`."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics
        self._log = logging.getLogger(REQUESTS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        status = 0  # no answer

        async def watch(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        began = time.perf_counter()
        try:
            await self._app(scope, receive, watch)
        finally:
            if scope["type"] == "http":
                self._note(scope, status, time.perf_counter() - began)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        method, path, query = scope["method"], scope["path"][:LONGEST_PATH], scope["query_string"].decode("latin-1")
        if path == "/recognize" and method == "POST":
            self._metrics.answered(status, seconds)
        if path in PROBES and status == 200:
            return
        target = json.dumps(f"{path}?{query[:LONGEST_PATH]}" if query else path, ensure_ascii=False)[1:-1]
        client = scope["client"][0] if scope.get("client") else ""
        fields = {"client": client, "method": method, "path": target, "status": status, "seconds": round(seconds, 4)}
        fields |= scope.get("state", {}).get("fields", {})
        details = {"fields": {"event": "request", **fields}}
        self._log.info("%s %s %s %d %.3f s", client, method, target, status, seconds, extra=details)
