"""Serve the page that reads mathematics while one writes, and answer POST /recognize.

    tegashiki serve [--open] [--port 8765] [--host 127.0.0.1] [--allow-origin http://localhost:3000]

The page recognises by itself, in the browser. POST /recognize takes an ink, InkML or JSON, of at most 2 MiB, and
answers with JSON: candidates, or an error with a status of 400 or above (docs/browser.md). /openapi.json describes
it. Nobody but this machine is served unless --host says otherwise, such as 0.0.0.0; there is neither encryption nor a
login. Browsers let no page of another origin read the answers unless --allow-origin names it. Wants the extra `serve`:
pip install 'tegashiki[serve]'.
"""

import argparse
import sys
import webbrowser
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `tegashiki serve`."""
    parser.add_argument("--host", default="127.0.0.1", help="address to listen at (default: this machine alone)")
    parser.add_argument("--port", type=int, default=8765, help="port to listen at, 0 for a free one (default 8765)")
    parser.add_argument("--model", metavar="FILE", help="a .tflite (default: the one that comes with the package)")
    parser.add_argument(
        "--allow-origin",
        dest="origins",
        action="append",
        default=[],
        metavar="ORIGIN",
        help="let pages from there call this server, such as http://localhost:3000, or * for any page; may be given "
        "several times (default: none but its own page)",
    )
    parser.add_argument("--open", action="store_true", help="show the page in this machine's browser")


def run(args: argparse.Namespace) -> int:
    """Serve until interrupted."""
    from tegashiki import __version__
    from tegashiki.recognizer.http import bind, create_app, server, url
    from tegashiki.recognizer.origin import check_origin
    from tegashiki.recognizer.recognizer import DEFAULT_MODEL, Recognizer

    origins = [check_origin(origin) for origin in args.origins]
    model = Path(args.model or DEFAULT_MODEL)
    app = create_app(Recognizer.load(model), model, __version__, origins)
    with bind(args.host, args.port) as listener:
        print(f"{url(listener)}  (stop with Ctrl C)", flush=True)
        if args.open and not webbrowser.open(url(listener)):  # it waits at the bound socket until the server answers
            print("there is no browser here that could be opened", file=sys.stderr)
        server(app).run(sockets=[listener])
    return 0
