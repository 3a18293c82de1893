"""Write self-contained HTML pages: style, scripts and data are inside the file, and nothing is fetched."""

import json
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

from tegashiki.safe_files import atomic_write

HERE = Path(__file__).parent


def write_page(path: Path, title: str, scripts: Sequence[str], data: Any) -> None:
    """Write a page atomically.

    Args:
        path: The file to write. Its folder is created.
        title: Title of the browser window.
        scripts: Names of .js files in this folder, in the order in which they run.
        data: JSON values that `pageData()` returns to the scripts. Numbers must be finite.
    """
    text = page(title, scripts, data)
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_write(path) as unfinished:
        unfinished.write_text(text, encoding="utf-8", errors="backslashreplace")  # a file name may be invalid text


def page(title: str, scripts: Sequence[str], data: Any) -> str:
    """Return the HTML of a page; see `write_page` for the arguments."""
    style = (HERE / "style.css").read_text("utf-8")
    script = "\n".join((HERE / name).read_text("utf-8") for name in scripts)
    # "</" within a JSON string would end the script element.
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
