"""Origins: the scheme, host and port of a web page, such as `http://localhost:3000`."""

import re
from urllib.parse import urlsplit

from tegashiki.errors import UserError

ANY = "*"  # any origin
DEFAULT_PORTS = {"http": 80, "https": 443}  # browsers omit these
HOST = re.compile(r"[a-z0-9_.-]+|\[[0-9a-f:.]+\]")


def check_origin(origin: str) -> str:
    """Return the origin if it is written as browsers send it, or is `*`.

    Raises:
        UserError: The origin is written differently, so that it would never match. The error suggests the correct
            spelling if it is clear.
    """
    if origin == ANY:
        return origin
    meant = _as_sent(origin)
    if meant and meant == origin:
        return origin
    way_out = f"give {meant}" if meant else "give scheme://host or scheme://host:port, such as http://localhost:3000"
    raise UserError(f"--allow-origin {origin[:200]!r} is not an origin as browsers send it: {way_out}")


def _as_sent(address: str) -> str:
    """Return the origin of an address as browsers send it, or "" if the address has none."""
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
