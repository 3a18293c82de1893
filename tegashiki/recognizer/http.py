"""Serve the web page and the recogniser over HTTP, with FastAPI and uvicorn (the extra `serve`).

    GET  /                 the page, which runs the model in the browser
    POST /recognize?n=5    candidates for an ink, InkML or JSON, for clients that cannot run the model
    GET  /openapi.json     the description of the API; /docs displays it, with scripts from a CDN

The response to POST is `{"candidates": [{"latex", "probability", "tokens", "strokes", "complete", "doubtful"}, ...]}`.
An error is `{"error": "what is wrong"}` with a status of 400 or above.
"""

# No `from __future__ import annotations`: FastAPI evaluates the annotations of the functions inside `create_app`.
import asyncio
import logging
import mimetypes
import socket
from collections.abc import Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any

import uvicorn
from fastapi import Depends, FastAPI, HTTPException, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse, RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel, Field
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException as AnyHTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp

from tegashiki.decoding.search import NoReadingError, SearchError
from tegashiki.ink.ink import Ink, InkError
from tegashiki.ink.inkml import read_inkml
from tegashiki.ink.json_ink import read_json
from tegashiki.ink.trace import MAX_NUMBERS
from tegashiki.recognizer.candidate import Candidate, RecognizerError
from tegashiki.recognizer.page import MEDIA_TYPES, MODEL, PAGE, START, WORKER, service_worker, start_page
from tegashiki.recognizer.recognizer import Recognizer

MODEL_PATH = "/default.tflite"  # for other pages that load the model; this page has it beside its files
MAX_BODY = 2 * 2**20  # bytes of one ink
BODY_SECONDS = 30.0  # maximum time for a request body to arrive
IDLE_SECONDS = 20  # time that an idle connection stays open
STOP_SECONDS = 3  # time that pending requests get when the server stops
DEFAULT_CANDIDATES = 5
# Byte order marks, blanks, and the zero byte of the first character in UTF-16.
BEFORE_TEXT = b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"
HEADERS = [("Cache-Control", "no-cache"), ("X-Content-Type-Options", "nosniff")]


class CandidateAnswer(BaseModel):
    """One reading of the ink."""

    latex: str = Field(description="LaTeX as one would type it", examples=[r"x^2"])
    probability: float = Field(description="calibrated probability that the reading is right", examples=[0.93])
    tokens: list[str] = Field(description="canonical tokens", examples=[["x", "^", "{", "2", "}"]])
    strokes: list[list[int]] = Field(
        description="for each token the indices of its strokes, from 0", examples=[[[0], [], [], [1], []]]
    )
    complete: bool = Field(description="false if the reading ends at the model's maximum length")
    doubtful: list[int] = Field(description="indices of the tokens in doubt", examples=[[3]])


class Answer(BaseModel):
    """The readings of an ink."""

    candidates: list[CandidateAnswer] = Field(description="distinct readings, the likeliest first")


class Refusal(BaseModel):
    """An error."""

    error: str = Field(description="a message for people", examples=["not well-formed XML"])


JSON_INK = {
    "type": "object",
    "required": ["strokes"],
    "properties": {
        "strokes": {
            "description": "in the order of writing, each a list of points [x, y]; y downwards, any unit",
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "array",
                "minItems": 1,
                "items": {"type": "array", "minItems": 2, "maxItems": MAX_NUMBERS, "items": {"type": "number"}},
            },
        }
    },
}
PLUS = '<ink xmlns="http://www.w3.org/2003/InkML"><trace>0 5, 10 5</trace><trace>5 0, 5 10</trace></ink>'
BODY: dict[str, Any] = {
    "description": f"One ink of at most {MAX_BODY} bytes. Its first character shows the format, not the Content-Type.",
    "required": True,
    "content": {
        "application/json": {
            "schema": JSON_INK,
            "example": {"strokes": [[[0, 5], [10, 5]], [[5, 0], [5, 10]]]},
        },
        "application/inkml+xml": {"schema": {"type": "string"}, "example": PLUS},
    },
}
REFUSALS: dict[int | str, dict[str, Any]] = {
    400: {"model": Refusal, "description": "Ink that cannot be read, too many strokes, or n out of range"},
    408: {"model": Refusal, "description": f"The ink took longer than {BODY_SECONDS:.0f} s to arrive"},
    413: {"model": Refusal, "description": f"More than {MAX_BODY} bytes"},
    415: {"model": Refusal, "description": "A form, or an ink with a Content-Encoding"},
    422: {"model": Refusal, "description": "The model has no finite results for the ink"},
    "default": {"model": Refusal, "description": "Any other error"},
}


def create_app(recognizer: Recognizer, model: Path, version: str, origins: Sequence[str] = ()) -> ASGIApp:
    """Make the application. It runs on any ASGI server; `bind` and `server` run it on uvicorn.

    Args:
        recognizer: The recogniser that reads the ink.
        model: The model file for the page.
        version: The version of the package.
        origins: The origins whose pages may use the API, such as `http://localhost:3000`; `*` for any.
    """
    app = FastAPI(title="tegashiki", version=version, description="Handwritten mathematics to LaTeX.", redoc_url=None)
    app.add_exception_handler(AnyHTTPException, _refuse)
    app.add_exception_handler(RequestValidationError, _refuse_query)
    app.add_exception_handler(Exception, _fail)
    widest = recognizer.backend.beam_sizes[-1]

    # Not `async`, so that FastAPI calls it in a worker thread. The recogniser serves one thread at a time.
    @app.post("/recognize", responses=REFUSALS, openapi_extra={"requestBody": BODY})
    def recognize(
        body: Annotated[bytes, Depends(_body)],
        n: Annotated[int, Query(ge=1, le=widest, description="number of candidates")] = min(DEFAULT_CANDIDATES, widest),
    ) -> Answer:
        """Read an ink, InkML or JSON."""
        try:
            candidates = recognizer.recognize(_read(body), n)
        except (InkError, RecognizerError, NoReadingError) as error:
            raise HTTPException(HTTPStatus.BAD_REQUEST, str(error)) from error
        except SearchError as error:
            raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, str(error)) from error
        return Answer(candidates=[_described(candidate) for candidate in candidates])

    @app.api_route("/", methods=["GET", "HEAD"], include_in_schema=False)
    def start() -> RedirectResponse:
        return RedirectResponse("/web/", HTTPStatus.FOUND)

    @app.api_route(MODEL_PATH, methods=["GET", "HEAD"], include_in_schema=False)
    @app.api_route(f"/web/{MODEL}", methods=["GET", "HEAD"], include_in_schema=False)
    def model_file() -> FileResponse:
        if not model.is_file():  # removed since the start
            raise HTTPException(HTTPStatus.NOT_FOUND)
        return FileResponse(model, media_type="application/octet-stream")

    _mount_page(app, model)
    return _shared(app, origins) if origins else app


def _mount_page(app: FastAPI, model: Path) -> None:
    """Serve the page at /web/. The document and the service worker are made anew when they are asked for."""

    @app.api_route("/web/", methods=["GET", "HEAD"], include_in_schema=False)
    @app.api_route(f"/web/{START}", methods=["GET", "HEAD"], include_in_schema=False)
    def document() -> Response:
        return Response(start_page(), media_type="text/html")

    @app.api_route(f"/web/{WORKER}", methods=["GET", "HEAD"], include_in_schema=False)
    def worker() -> Response:
        if not model.is_file():
            raise HTTPException(HTTPStatus.NOT_FOUND)
        return Response(service_worker(model), media_type=MEDIA_TYPES[".js"])

    for ending, kind in MEDIA_TYPES.items():  # some systems have other types, with which browsers refuse scripts
        mimetypes.add_type(kind, ending)
    app.mount("/web", StaticFiles(directory=PAGE))


def _shared(app: ASGIApp, origins: Sequence[str]) -> ASGIApp:
    """Let pages of these origins read every response, even after a bug, which FastAPI's middleware does not see."""
    return CORSMiddleware(
        app, allow_origins=origins, allow_methods=["GET", "POST"], allow_headers=["*"], allow_private_network=True
    )


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


def server(app: ASGIApp, *, log: bool = True) -> uvicorn.Server:
    """Make the server of an application. Its `run(sockets=[bind(...)])` serves until interrupted.

    Args:
        app: The application from `create_app`.
        log: Whether to print a line for every request.
    """
    config = uvicorn.Config(
        app,
        loop="asyncio",  # these four do not depend on other installed packages
        http="h11",
        ws="none",
        lifespan="off",
        log_level="warning",
        access_log=log,
        headers=HEADERS,
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=STOP_SECONDS,
    )
    logging.getLogger("uvicorn.access").setLevel(logging.INFO)
    return uvicorn.Server(config)


async def _body(request: Request) -> bytes:
    """Return the body of a request, with at most MAX_BODY bytes in memory, regardless of its headers.

    FastAPI's `max_body_size` would limit it too, but responds in plain text.
    """
    _check_form(request.headers)
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            _check_size(int(request.headers.get("Content-Length", "0")))  # before reading
            async for chunk in request.stream():
                _check_size(len(body) + len(chunk))
                body += chunk
    except TimeoutError:
        reason = f"the ink did not arrive within {BODY_SECONDS:g} s"
        raise HTTPException(HTTPStatus.REQUEST_TIMEOUT, reason, {"Connection": "close"}) from None
    except ClientDisconnect as error:  # the client gets no response, but this is not a bug
        raise HTTPException(HTTPStatus.BAD_REQUEST, "the connection was closed before the ink had arrived") from error
    return bytes(body)


def _check_form(headers: Headers) -> None:
    """Refuse forms and compression. Other types pass, because curl labels every body as a URL-encoded form."""
    kind, encoding = headers.get("Content-Type", ""), headers.get("Content-Encoding", "identity")
    if kind.lower().startswith("multipart/"):
        found = f"Content-Type {kind.partition(';')[0][:40]}"
    elif encoding.lower() != "identity":
        found = f"Content-Encoding {encoding[:40]}"
    else:
        return
    reason = f"{found}: send the ink itself, not in a form and not compressed, such as curl --data-binary @some.inkml"
    raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, reason)


def _check_size(size: int) -> None:
    if size > MAX_BODY:
        reason = f"the ink is too large, the limit is {MAX_BODY} bytes: thin or split it"
        raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, reason)


def _read(body: bytes) -> Ink:
    """Read InkML or JSON, depending on the first character, in any encoding. Raises InkError."""
    return read_inkml(body) if body.lstrip(BEFORE_TEXT).startswith(b"<") else read_json(body)


def _described(candidate: Candidate) -> CandidateAnswer:
    return CandidateAnswer(
        latex=candidate.latex,
        probability=round(candidate.probability, 6),
        tokens=list(candidate.tokens),
        strokes=[list(strokes) for strokes in candidate.strokes_of_token],
        complete=candidate.complete,
        doubtful=list(candidate.doubtful),
    )


async def _refuse(request: Request, error: Exception) -> JSONResponse:
    """Respond to an error of the application, of its routes or of the page's files."""
    assert isinstance(error, AnyHTTPException)
    reason, path = error.detail, request.url.path[:200]
    if error.status_code == HTTPStatus.NOT_FOUND:
        reason = f"there is nothing at {path}" + (": ink goes to /recognize" if request.method == "POST" else "")
    elif error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        reason = f"{request.method[:20]} is not allowed for {path}"
    return JSONResponse({"error": reason}, error.status_code, error.headers)


async def _refuse_query(_: Request, error: Exception) -> JSONResponse:
    """Respond to an invalid query of `recognize`. FastAPI does not validate the body."""
    assert isinstance(error, RequestValidationError)
    wrong = error.errors()[0]
    reason = f"{wrong['loc'][-1]} is {str(wrong['input'])[:40]!r}: {wrong['msg']}"
    return JSONResponse({"error": reason}, HTTPStatus.BAD_REQUEST)


async def _fail(_: Request, error: Exception) -> JSONResponse:
    """Respond to a bug. The stack trace goes to the server's log, not to the client."""
    return JSONResponse({"error": "the server failed: see its log"}, HTTPStatus.INTERNAL_SERVER_ERROR)
