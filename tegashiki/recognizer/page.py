"""The files of the web page as a browser gets them.

The built page in `assets/web` has no model, and its service worker no list of files. Both are added here, in the same
way for a static site and for the server. The service worker keeps the listed files for use without a network.
"""

import hashlib
import json
from pathlib import Path

PAGE = Path(__file__).parent.parent / "assets" / "web"
START, WORKER, MODEL = "index.html", "service-worker.js", "model.tflite"  # relative to the page
MEDIA_TYPES = {
    ".html": "text/html",
    ".js": "text/javascript",
    ".css": "text/css",
    ".wasm": "application/wasm",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webmanifest": "application/manifest+json",
}
# Files beside the page that it does not load: the recogniser as a module for other pages, and the licences.
_NOT_LOADED = ("recognizer.", "types/", "LICENSES.txt")
_BUILT_MODEL = b'<meta name="model" content="../default.tflite">'


def page_files(model: Path) -> dict[str, bytes]:
    """Return the content of every file by its path relative to the page, with `/` as separator.

    Args:
        model: The .tflite file that the page loads.
    """
    return _files(model) | {WORKER: service_worker(model)}


def start_page(*, offline: bool = True) -> bytes:
    """Return the HTML document.

    Args:
        offline: Whether the page installs its service worker.
    """
    metas = [_meta("model", MODEL)] + [_meta("service-worker", WORKER)] * offline
    built = (PAGE / START).read_bytes()
    assert _BUILT_MODEL in built, f"{PAGE / START} is from another version: run `make web`"
    return built.replace(_BUILT_MODEL, b"\n    ".join(metas))


def _meta(name: str, content: str) -> bytes:
    return f'<meta name="{name}" content="{content}">'.encode()


def service_worker(model: Path) -> bytes:
    """Return the script of the service worker, with the list of the files that it keeps and their SHA-256."""
    files = sorted(_files(model).items())
    hashes = {path: sha256(content) for path, content in files if not path.startswith(_NOT_LOADED) and path != WORKER}
    return b"self.FILES = " + json.dumps(hashes, indent=1).encode() + b";\n" + (PAGE / WORKER).read_bytes()


def sha256(content: bytes) -> str:
    """Return the SHA-256 of a file's content in hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def _files(model: Path) -> dict[str, bytes]:
    """Return all files, the service worker without its list."""
    built = {path.relative_to(PAGE).as_posix(): path.read_bytes() for path in PAGE.rglob("*") if path.is_file()}
    return built | {START: start_page(), MODEL: model.read_bytes()}
