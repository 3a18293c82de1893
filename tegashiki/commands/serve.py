"""Serve the web page that recognises mathematics during writing, and the endpoint POST /recognize.

    tegashiki serve [--open] [--port 8765] [--host 127.0.0.1] [--allow-origin http://localhost:3000]

The page itself recognises ink in the browser, without the endpoint. POST /recognize takes one ink, InkML or JSON, of at
most 2 MiB. It returns JSON with candidates, or with an error and a status of 400 or more (docs/browser.md).
/openapi.json describes the endpoint.

By default the server is reachable only from this machine; --host 0.0.0.0 makes it reachable from the network. There is
neither encryption nor a login. Browsers do not let pages of other origins read the answers unless --allow-origin names
the origin. Needs the extra `serve`: pip install 'tegashiki[serve]'.
"""

import argparse
import sys
import webbrowser
from pathlib import Path

from tegashiki.file_names import expand_text


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


def run(args: argparse.Namespace) -> int:
    """Serve until interrupted; return the exit status."""
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
            print(f"no browser could be opened: open {url(listener)} yourself", file=sys.stderr)
        server(app).run(sockets=[listener])
    return 0
