"""Serve the web page and the recogniser over HTTP, with FastAPI and uvicorn (the extra `serve`).

    GET  /                 the page, which runs the model in the browser
    POST /recognize?n=5    candidates for an ink, InkML or JSON, or a picture, for clients that cannot run the model
    GET  /openapi.json     the description of the API; /docs displays it, with scripts from a CDN
    GET  /healthz          whether inks can be read, for orchestrators
    GET  /metrics          counters, for Prometheus

The response to POST is `{"candidates": [{"latex", "probability", "tokens", "strokes", "complete", "doubtful"}, ...]}`.
For a picture it also has `lines`: for each line of writing its candidates and the strokes that were traced. An error
is `{"error": "what is wrong"}` with a status of 400 or above.
"""

# No `from __future__ import annotations`: FastAPI evaluates the annotations of the functions inside `create_app`.
import asyncio
import mimetypes
from collections.abc import AsyncIterator, Coroutine, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException as AnyHTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp

from tegashiki.pictures.kinds import MAX_BYTES
from tegashiki.recognizer.page import MEDIA_TYPES, MODEL, PAGE, START, WORKER, service_worker, start_page
from tegashiki.server.description import BODY, BODY_SECONDS, MAX_BODY, REFUSALS, Answer, Health
from tegashiki.server.log import Watched
from tegashiki.server.metrics import CONTENT_TYPE, Metrics
from tegashiki.server.pool import BusyError, ReadingPool
from tegashiki.server.reading import Outcome

MODEL_PATH = "/default.tflite"  # for other pages that load the model; this page has it beside its files
MAX_BODIES = 64 * 2**20  # bytes of all inks that arrive, wait or are read
DEFAULT_CANDIDATES = 5


def create_app(pool: ReadingPool, model: Path, version: str, origins: Sequence[str] = ()) -> ASGIApp:
    """Make the application. It runs on any ASGI server; `connections` runs it on uvicorn.

    Args:
        pool: The workers that read the ink. The caller starts and ends them.
        model: The model file for the page.
        version: The version of the package.
        origins: The origins whose pages may use the API, such as `http://localhost:3000`; `*` for any.
    """
    app = FastAPI(title="tegashiki", version=version, description="Handwritten mathematics to LaTeX.", redoc_url=None)
    app.add_exception_handler(AnyHTTPException, _refuse)
    app.add_exception_handler(RequestValidationError, _refuse_query)
    app.add_exception_handler(Exception, _fail)
    metrics = Metrics(pool)
    _add_reading(app, pool, metrics)
    _add_state(app, pool, metrics, version)
    _add_page(app, model)
    return Watched(_shared(app, origins) if origins else app, metrics)


def _add_reading(app: FastAPI, pool: ReadingPool, metrics: Metrics) -> None:
    bodies = _Bodies()

    @app.post("/recognize", responses=REFUSALS, response_model=Answer, openapi_extra={"requestBody": BODY})
    async def recognize(
        request: Request,
        body: Annotated[bytes, Depends(bodies.arrive)],
        n: Annotated[int, Query(ge=1, le=pool.widest, description="number of candidates")] = min(
            DEFAULT_CANDIDATES, pool.widest
        ),
    ) -> Response:
        """Read an ink, InkML or JSON, or a picture."""
        try:
            outcome = await _while_connected(request, pool.read(body, n))
        except BusyError as error:
            headers = {"Retry-After": str(error.retry_after)}
            raise HTTPException(HTTPStatus.SERVICE_UNAVAILABLE, str(error), headers) from error
        metrics.read(outcome)
        waited, reading = round(outcome.waited, 4), round(outcome.seconds, 4)
        request.state.fields = {"bytes": len(body), "strokes": outcome.strokes, "waited": waited, "reading": reading}
        busy = outcome.status == HTTPStatus.SERVICE_UNAVAILABLE
        headers = {"Retry-After": str(pool.retry_after)} if busy else {}
        return Response(outcome.content, outcome.status, headers, "application/json")


def _add_state(app: FastAPI, pool: ReadingPool, metrics: Metrics, version: str) -> None:
    @app.get("/healthz", responses={503: {"model": Health}})
    async def healthz(response: Response) -> Health:
        """Say whether inks can be read."""
        if not pool.healthy:
            response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
        status = "ok" if pool.healthy else "failing"
        return Health(status=status, version=version, workers=pool.workers, busy=pool.busy, waiting=pool.waiting)

    @app.get("/metrics", include_in_schema=False)
    async def counters() -> Response:
        return Response(metrics.page(), media_type=CONTENT_TYPE)


def _add_page(app: FastAPI, model: Path) -> None:
    @app.api_route("/", methods=["GET", "HEAD"], include_in_schema=False)
    def start() -> RedirectResponse:
        return RedirectResponse("/web/", HTTPStatus.FOUND)

    @app.api_route(MODEL_PATH, methods=["GET", "HEAD"], include_in_schema=False)
    @app.api_route(f"/web/{MODEL}", methods=["GET", "HEAD"], include_in_schema=False)
    def model_file() -> FileResponse:
        if not model.is_file():  # removed since the start
            raise HTTPException(HTTPStatus.NOT_FOUND)
        return FileResponse(model, media_type="application/octet-stream")

    # The document and the service worker are made anew when they are asked for.
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
        app,
        allow_origins=origins,
        allow_methods=["GET", "POST"],
        allow_headers=["*"],
        allow_private_network=True,
        expose_headers=["Retry-After"],
    )


async def _while_connected(request: Request, reading: Coroutine[Any, Any, Outcome]) -> Outcome:
    """Return the outcome of a reading. If the client disconnects first, an ink that still waits is not read."""
    job = asyncio.ensure_future(reading)
    gone = asyncio.ensure_future(request.receive())  # the body has been received, so this is the end of the connection
    try:
        await asyncio.wait({job, gone}, return_when=asyncio.FIRST_COMPLETED)
        if job.done():
            return job.result()
        raise HTTPException(HTTPStatus.BAD_REQUEST, "the connection was closed before the ink was read")
    finally:
        job.cancel()
        gone.cancel()


class _Bodies:
    """Receives the bodies of requests, and limits the memory that they take until the inks are read."""

    def __init__(self) -> None:
        self._held = 0  # bytes

    async def arrive(self, request: Request) -> AsyncIterator[bytes]:
        """Yield the body of a request, with at most MAX_BODY or MAX_BYTES bytes in memory, regardless of its headers.

        FastAPI's `max_body_size` would limit it too, but responds in plain text.
        """
        _check_form(request.headers)
        body = bytearray()
        try:
            await self._receive(request, body)
            yield bytes(body)
        finally:
            self._held -= len(body)

    async def _receive(self, request: Request, body: bytearray) -> None:
        try:
            async with asyncio.timeout(BODY_SECONDS):
                limit = _limit(request.headers)
                _check_size(int(request.headers.get("Content-Length", "0")), limit)  # before reading
                async for chunk in request.stream():
                    _check_size(len(body) + len(chunk), limit)
                    self._check_held(len(chunk))
                    body += chunk
                    self._held += len(chunk)
        except TimeoutError:
            reason = f"the ink did not arrive within {BODY_SECONDS:g} s"
            raise HTTPException(HTTPStatus.REQUEST_TIMEOUT, reason, {"Connection": "close"}) from None
        except ClientDisconnect as error:  # the client gets no response, but this is not a bug
            reason = "the connection was closed before the ink had arrived"
            raise HTTPException(HTTPStatus.BAD_REQUEST, reason) from error

    def _check_held(self, more: int) -> None:
        if self._held + more > MAX_BODIES:
            reason = f"the inks of all clients hold {MAX_BODIES} bytes, which is the limit: try again in 1 s"
            raise HTTPException(HTTPStatus.SERVICE_UNAVAILABLE, reason, {"Retry-After": "1", "Connection": "close"})


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


def _limit(headers: Headers) -> int:
    """Return the maximum number of bytes of a body."""
    return MAX_BYTES if headers.get("Content-Type", "").lower().startswith("image/") else MAX_BODY


def _check_size(size: int, limit: int) -> None:
    if size > limit:
        kind, remedy = ("picture", "reduce it") if limit == MAX_BYTES else ("ink", "thin or split it")
        reason = f"the {kind} is too large, the limit is {limit} bytes: {remedy}"
        raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, reason)


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
