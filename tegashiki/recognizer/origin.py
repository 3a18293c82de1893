"""Origins: what a browser calls the place that a page comes from, such as `http://localhost:3000`."""

import re
from urllib.parse import urlsplit

from tegashiki.errors import UserError

ANY = "*"  # pages from anywhere
DEFAULT_PORTS = {"http": 80, "https": 443}  # which a browser leaves out
HOST = re.compile(r"[a-z0-9_.-]+|\[[0-9a-f:.]+\]")


def check_origin(origin: str) -> str:
    """Return an origin as it was given, where that is how a browser sends it, or `*`.

    Raises:
      UserError: anything else, which no page's origin would ever equal; it names what was meant where that is clear.
    """
    if origin == ANY:
        return origin
    meant = _as_sent(origin)
    if meant and meant == origin:
        return origin
    way_out = f"give {meant}" if meant else "give scheme://host or scheme://host:port, such as http://localhost:3000"
    raise UserError(f"--allow-origin {origin[:200]!r} is no origin as browsers send it: {way_out}")


def _as_sent(address: str) -> str:
    """Return the origin of an address in a browser's spelling; "" where it has none."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return ""
    host = parts.netloc.rpartition("@")[2].removesuffix(f":{port}").removesuffix(":").lower()
    if not parts.scheme or not HOST.fullmatch(host):
        return ""
    shown = "" if port in (None, DEFAULT_PORTS.get(parts.scheme)) else f":{port}"
    return f"{parts.scheme}://{host}{shown}"
