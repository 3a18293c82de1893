"""Open the page that reads mathematics while one writes, and answer POST /recognize.

    tegashiki serve [--port 8765] [--host 127.0.0.1]

The page recognises by itself, in the browser. POST /recognize takes an ink, InkML or JSON, of at most 2 MiB, and
answers with JSON: candidates, or an error with a status of 400 or above (docs/browser.md). Nobody but this machine is
served unless --host says otherwise, such as 0.0.0.0; there is neither encryption nor a login.
"""

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `tegashiki serve`."""
    parser.add_argument("--host", default="127.0.0.1", help="address to listen at (default: this machine alone)")
    parser.add_argument("--port", type=int, default=8765, help="port to listen at, 0 for a free one (default 8765)")
    parser.add_argument("--model", metavar="FILE", help="a .tflite (default: the one that comes with the package)")


def run(args: argparse.Namespace) -> int:
    """Serve until interrupted."""
    from tegashiki.recognizer.http import Server
    from tegashiki.recognizer.recognizer import DEFAULT_MODEL, Recognizer, RecognizerError

    model = Path(args.model or DEFAULT_MODEL)
    recognizer = Recognizer.load(model)
    try:
        server = Server((args.host, args.port), recognizer, model)
    except (OSError, OverflowError) as error:
        raise RecognizerError(f"cannot listen at {args.host}, port {args.port}: {error}") from error
    with server:
        print(f"{server.url}  (stop with Ctrl C)", flush=True)
        server.serve_forever()
    return 0
