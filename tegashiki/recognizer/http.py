"""The page and the recogniser behind HTTP, by FastAPI and uvicorn (the extra `serve`).

    GET  /                 the page, which reads ink by itself
    POST /recognize?n=5    an ink, InkML or JSON, to candidates: for whose client cannot run the model
    GET  /openapi.json     what is asked and answered, for programs; /docs shows it, with scripts from a CDN

An answer to POST is `{"candidates": [{"latex", "probability", "tokens", "strokes", "complete"}, ...]}`, an error
`{"error": "what is wrong"}` with a status of 400 or above.
"""

# No `from __future__ import annotations`: FastAPI reads those of functions within `create_app`.
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
from fastapi.responses import FileResponse, JSONResponse, RedirectResponse
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
from tegashiki.recognizer.recognizer import Recognizer

PAGE = Path(__file__).parent.parent / "assets" / "web"
MODEL = "/default.tflite"  # where the page looks for its model
MAX_BODY = 2 * 2**20  # bytes of one ink
BODY_SECONDS = 30.0  # that an ink may take to arrive
IDLE_SECONDS = 20  # that a connection is kept for a client's next request
STOP_SECONDS = 3  # that answers under way may take when the server is stopped
DEFAULT_CANDIDATES = 5
BEFORE_TEXT = (
    b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"  # byte order marks, blanks, and the empty half of UTF-16's first character
)
TYPES = {".js": "text/javascript", ".css": "text/css", ".wasm": "application/wasm"}
HEADERS = [("Cache-Control", "no-cache"), ("X-Content-Type-Options", "nosniff")]


class CandidateAnswer(BaseModel):
    """One reading of the ink."""

    latex: str = Field(description="as one would type it", examples=[r"x^2"])
    probability: float = Field(description="that this is what is written, calibrated", examples=[0.93])
    tokens: list[str] = Field(description="canonical", examples=[["x", "^", "{", "2", "}"]])
    strokes: list[list[int]] = Field(
        description="for each token the strokes that draw it, counted from 0", examples=[[[0], [], [], [1], []]]
    )
    complete: bool = Field(description="false where the ink goes on behind the most that the model writes")


class Answer(BaseModel):
    """The readings of an ink."""

    candidates: list[CandidateAnswer] = Field(description="distinct, the likeliest first")


class Refusal(BaseModel):
    """An error of any status."""

    error: str = Field(description="what is wrong, for a person", examples=["not well-formed XML"])


JSON_INK = {
    "type": "object",
    "required": ["strokes"],
    "properties": {
        "strokes": {
            "description": "in the order of writing; of each its points [x, y], y downwards, any unit",
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
    "description": f"One ink of at most {MAX_BODY} bytes, told apart by its first character, not by its Content-Type.",
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
    400: {"model": Refusal, "description": "Ink that cannot be read, too many strokes, an impossible n"},
    408: {"model": Refusal, "description": f"An ink that takes longer than {BODY_SECONDS:.0f} s to arrive"},
    413: {"model": Refusal, "description": f"More than {MAX_BODY} bytes"},
    415: {"model": Refusal, "description": "A form, or an ink with a Content-Encoding"},
    422: {"model": Refusal, "description": "Ink for which the model's numbers cannot be searched"},
    "default": {"model": Refusal, "description": "Any other error"},
}


def create_app(recognizer: Recognizer, model: Path, version: str, origins: Sequence[str] = ()) -> ASGIApp:
    """Make the application. It runs on any ASGI server; `bind` and `server` run it on uvicorn.

    Args:
        recognizer: what answers to ink.
        model: the file that the page gets.
        version: the package's.
        origins: of the pages from elsewhere that may ask, such as `http://localhost:3000`; `*` is any.
    """
    app = FastAPI(title="tegashiki", version=version, description="Handwritten mathematics to LaTeX.", redoc_url=None)
    app.add_exception_handler(AnyHTTPException, _refuse)
    app.add_exception_handler(RequestValidationError, _refuse_query)
    app.add_exception_handler(Exception, _fail)
    widest = recognizer.backend.beam_sizes[-1]

    # Not `async`: such a function runs in a worker thread; the recogniser takes threads one after the other.
    @app.post("/recognize", responses=REFUSALS, openapi_extra={"requestBody": BODY})
    def recognize(
        body: Annotated[bytes, Depends(_body)],
        n: Annotated[int, Query(ge=1, le=widest, description="candidates wanted")] = min(DEFAULT_CANDIDATES, widest),
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

    @app.api_route(MODEL, methods=["GET", "HEAD"], include_in_schema=False)
    def model_file() -> FileResponse:
        if not model.is_file():  # taken away since it was read
            raise HTTPException(HTTPStatus.NOT_FOUND)
        return FileResponse(model, media_type="application/octet-stream")

    for ending, kind in TYPES.items():  # some machines' own tables have others, with which browsers run no script
        mimetypes.add_type(kind, ending)
    app.mount("/web", StaticFiles(directory=PAGE, html=True))
    return _shared(app, origins) if origins else app


def _shared(app: ASGIApp, origins: Sequence[str]) -> ASGIApp:
    """Let pages of these origins read every answer, also those of a bug, which FastAPI's own middleware never sees."""
    return CORSMiddleware(
        app, allow_origins=origins, allow_methods=["GET", "POST"], allow_headers=["*"], allow_private_network=True
    )


def bind(host: str, port: int) -> socket.socket:
    """Listen at an address; port 0 is a free one.

    Raises RecognizerError where that is not possible.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family)
    except (OSError, OverflowError) as error:
        raise RecognizerError(f"cannot listen at {host}, port {port}: {error}") from error
    # `create_server` names no protocol, and asyncio sets TCP_NODELAY only where it is TCP by name: every answer would
    # wait for its client's delayed acknowledgement, some 40 ms.
    return socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP, listener.detach())


def url(listener: socket.socket) -> str:
    """Where a browser finds what is served there."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def server(app: ASGIApp, *, log: bool = True) -> uvicorn.Server:
    """Make the server of an application; `run(sockets=[bind(...)])` serves until interrupted.

    Args:
        app: what `create_app` made.
        log: print a line for every request.
    """
    config = uvicorn.Config(
        app,
        loop="asyncio",  # these four: the same whatever else is installed
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
    """The request's body, never more of it in memory than is allowed, whatever its headers say.

    FastAPI's own `max_body_size` would do, but it refuses in plain text.
    """
    _check_form(request.headers)
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            _check_size(int(request.headers.get("Content-Length", "0")))  # before anything of it is read
            async for chunk in request.stream():
                _check_size(len(body) + len(chunk))
                body += chunk
    except TimeoutError:
        reason = f"the ink did not arrive within {BODY_SECONDS:g} s"
        raise HTTPException(HTTPStatus.REQUEST_TIMEOUT, reason, {"Connection": "close"}) from None
    except ClientDisconnect as error:  # nobody hears it, but it is no fault of ours
        raise HTTPException(HTTPStatus.BAD_REQUEST, "the connection was closed before the ink had arrived") from error
    return bytes(body)


def _check_form(headers: Headers) -> None:
    """Refuse what wraps the ink. Other types pass: curl says of every body that it is a form of the other kind."""
    kind, encoding = headers.get("Content-Type", ""), headers.get("Content-Encoding", "identity")
    if kind.lower().startswith("multipart/"):
        found = f"Content-Type {kind.partition(';')[0][:40]}"
    elif encoding.lower() != "identity":
        found = f"Content-Encoding {encoding[:40]}"
    else:
        return
    reason = f"{found}: send the ink itself, no form and not compressed, such as curl --data-binary @some.inkml"
    raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, reason)


def _check_size(size: int) -> None:
    if size > MAX_BODY:
        reason = f"the ink is too large, the limit is {MAX_BODY} bytes: thin or split it"
        raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, reason)


def _read(body: bytes) -> Ink:
    """Read an ink, told apart by its first character, in whatever encoding. Raises InkError."""
    return read_inkml(body) if body.lstrip(BEFORE_TEXT).startswith(b"<") else read_json(body)


def _described(candidate: Candidate) -> CandidateAnswer:
    return CandidateAnswer(
        latex=candidate.latex,
        probability=round(candidate.probability, 6),
        tokens=list(candidate.tokens),
        strokes=[list(strokes) for strokes in candidate.strokes_of_token],
        complete=candidate.complete,
    )


async def _refuse(request: Request, error: Exception) -> JSONResponse:
    """Answer an error of the application, of its routes or of the page's files."""
    assert isinstance(error, AnyHTTPException)
    reason, path = error.detail, request.url.path[:200]
    if error.status_code == HTTPStatus.NOT_FOUND:
        reason = f"there is nothing at {path}" + (": ink goes to /recognize" if request.method == "POST" else "")
    elif error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        reason = f"{request.method[:20]} is not for {path}"
    return JSONResponse({"error": reason}, error.status_code, error.headers)


async def _refuse_query(_: Request, error: Exception) -> JSONResponse:
    """Answer a query that does not fit `recognize`; its body is no business of FastAPI's."""
    assert isinstance(error, RequestValidationError)
    wrong = error.errors()[0]
    reason = f"{wrong['loc'][-1]} is {str(wrong['input'])[:40]!r}: {wrong['msg']}"
    return JSONResponse({"error": reason}, HTTPStatus.BAD_REQUEST)


async def _fail(_: Request, error: Exception) -> JSONResponse:
    """Answer a bug of ours; its stack trace is in the server's log, not here."""
    return JSONResponse({"error": "the server failed: its log says how"}, HTTPStatus.INTERNAL_SERVER_ERROR)
