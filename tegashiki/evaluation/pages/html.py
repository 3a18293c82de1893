"""A page that opens anywhere: one HTML file with its style, scripts and data inside, and nothing fetched."""

import json
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

from tegashiki.safe_files import atomic_write

HERE = Path(__file__).parent


def write_page(path: Path, title: str, scripts: Sequence[str], data: Any) -> None:
    """Write a page in one move.

    Args:
        path: Where to; its folder is made.
        title: Of the window.
        scripts: Names of the .js files beside this one, in the order in which they run.
        data: What `pageData()` gives them, as JSON; numbers must be finite.
    """
    text = page(title, scripts, data)
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_write(path) as unfinished:
        unfinished.write_text(text, encoding="utf-8", errors="backslashreplace")  # a file's name need not be text


def page(title: str, scripts: Sequence[str], data: Any) -> str:
    """Return the page's HTML; arguments as of `write_page`."""
    style = (HERE / "style.css").read_text("utf-8")
    script = "\n".join((HERE / name).read_text("utf-8") for name in scripts)
    # "</" would end the element that the JSON is in, wherever it stands in a string.
    content = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":")).replace("</", "<\\/")
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title>
<style>
{style}</style>
</head>
<body>
<div id="page"><noscript>This page draws itself with JavaScript.</noscript></div>
<script type="application/json" id="data">{content}</script>
<script>
{script}</script>
</body>
</html>
"""
