"""Serve the web page that recognises mathematics during writing, and the endpoint POST /recognize.

    tegashiki serve [--open] [--port 8765] [--host 127.0.0.1] [--allow-origin http://localhost:3000]
    tegashiki serve --host 0.0.0.0 --workers 4 --log json

The page itself recognises ink in the browser, without the endpoint. POST /recognize takes one ink, InkML or JSON, of at
most 2 MiB. It returns JSON with candidates, or with an error and a status of 400 or more (docs/browser.md).
/openapi.json describes the endpoint. /healthz and /metrics are for orchestrators and Prometheus (docs/service.md).

By default the server is reachable only from this machine; --host 0.0.0.0 makes it reachable from the network. There is
neither encryption nor a login. Browsers do not let pages of other origins read the answers unless --allow-origin names
the origin. Needs the extra `serve`: pip install 'tegashiki[serve]'.
"""

import argparse
import signal
import sys
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING

from tegashiki.errors import check_range
from tegashiki.file_names import expand_text

if TYPE_CHECKING:
    from tegashiki.server.pool import ReadingPool


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `tegashiki serve`."""
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1, this machine only)"
    )
    parser.add_argument("--port", type=int, default=8765, help="port to listen on, 0 for a free one (default: 8765)")
    parser.add_argument(
        "--model",
        type=expand_text,
        metavar="FILE",
        help="a .tflite file (default: the model that comes with the package)",
    )
    parser.add_argument(
        "--allow-origin",
        dest="origins",
        action="append",
        default=[],
        metavar="ORIGIN",
        help="origin whose pages may call this server, such as http://localhost:3000, or * for all; may be given "
        "several times (default: only its own page)",
    )
    parser.add_argument("--open", action="store_true", help="open the page in the browser of this machine")
    parser.add_argument(
        "--workers",
        type=int,
        default=1,
        metavar="N",
        help="inks to read at the same time, at most one for each core; more than 1 are processes with a model each "
        "(default: 1, in the server's own process)",
    )
    parser.add_argument(
        "--queue",
        type=int,
        metavar="N",
        help="inks that may wait for a worker; more are refused with status 503 (default: 32 for each worker)",
    )
    parser.add_argument(
        "--deadline",
        type=float,
        default=10.0,
        metavar="SECONDS",
        help="time after which an ink that waits or is being read is given up with status 503 (default: 10)",
    )
    parser.add_argument(
        "--log", choices=["text", "json"], default="text", help="form of the line for each request (default: text)"
    )


def run(args: argparse.Namespace) -> int:
    """Serve until interrupted; return the exit status."""
    from tegashiki import __version__
    from tegashiki.recognizer.recognizer import DEFAULT_MODEL
    from tegashiki.server.app import create_app
    from tegashiki.server.connections import bind, run_until_stopped, server, url
    from tegashiki.server.origin import check_origin

    origins = [check_origin(origin) for origin in args.origins]
    check_range("--workers", args.workers, 1, 1000)
    check_range("--queue", args.queue or 0, 0, 100_000)
    check_range("--deadline", args.deadline, 0.1, 3600)
    model = Path(args.model or DEFAULT_MODEL)
    with _open_pool(model, args) as pool, bind(args.host, args.port) as listener:
        app = create_app(pool, model, __version__, origins)
        print(f"{url(listener)}  (stop with Ctrl C)", flush=True)
        if args.open and not webbrowser.open(url(listener)):  # it waits at the bound socket until the server answers
            print(f"no browser could be opened: open {url(listener)} yourself", file=sys.stderr)
        terminated = run_until_stopped(server(app, log=args.log, deadline=args.deadline), listener)
    if terminated:
        signal.raise_signal(signal.SIGTERM)  # the status tells that it was the signal
    return 0


def _open_pool(model: Path, args: argparse.Namespace) -> "ReadingPool":
    from tegashiki.recognizer.recognizer import Recognizer
    from tegashiki.server.pool import ReadingPool

    limits = {"most_waiting": args.queue, "deadline": args.deadline}
    if args.workers == 1:
        return ReadingPool.in_thread(Recognizer.load(model), **limits)
    return ReadingPool.in_processes(model, args.workers, **limits)
