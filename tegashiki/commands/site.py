"""Write the web page that recognises mathematics during writing as a static site.

    tegashiki site DIR [--model FILE]

DIR gets the page, the model and everything that they need (14 MB). Any web server can host it, under any path: all
addresses in it are relative, and it makes no requests to other hosts. Over https:// and on this machine, browsers keep
the page for use without a network and can install it as an application.

Run the command again to update the site: it replaces the files that it wrote, and refuses to replace any other. Pages
that are open say that there is a new version.
"""

import argparse
from pathlib import Path

from tegashiki.file_names import expand_home, expand_text


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `tegashiki site`."""
    parser.add_argument("folder", type=expand_home, metavar="DIR", help="folder to write to, created if it is missing")
    parser.add_argument(
        "--model",
        type=expand_text,
        metavar="FILE",
        help="a .tflite file (default: the model that comes with the package)",
    )


def run(args: argparse.Namespace) -> int:
    """Write the site; return the exit status."""
    from tegashiki import __version__
    from tegashiki.kit.kit import model_terms
    from tegashiki.recognizer.metadata import read_metadata
    from tegashiki.recognizer.page import page_files
    from tegashiki.recognizer.recognizer import DEFAULT_MODEL
    from tegashiki.recognizer.site import write_site

    model = Path(args.model or DEFAULT_MODEL)
    terms = model_terms(read_metadata(model))
    files = page_files(model) | {"MODEL-LICENSE.txt": terms.encode()}
    write_site(args.folder, files, __version__)
    size = sum(len(content) for content in files.values())
    print(f"{args.folder}: {len(files)} files, {size / 1e6:.1f} MB; MODEL-LICENSE.txt has the terms of the model")
    print(f"Try it: python -m http.server --directory {args.folder} 8000, then open http://localhost:8000/")
    print("Host it: copy the folder to any web server, best one with https://")
    return 0
