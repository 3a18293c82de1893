"""The browser's page learns a hand: the picture in docs/browser.md, with embedded ink.

    python -m benchmarks.figures.hand [--output docs/pictures/page-memory.png]

Opens the page in headless Chromium, gives it inks one after another, types their LaTeX, and finishes them. The last one
is then written again, with other proportions, and the panel with what the page has learnt is open. Needs Chromium (the
variable CHROMIUM names one that is not on the path).
"""

import argparse
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from benchmarks.figures.pages import PICTURES, ROOT, Tab, chromium
from tegashiki.ink.ink import Ink
from tegashiki.synthesis.embedded import Drawn

ASSETS = ROOT / "tegashiki" / "assets"
# The examples of the embedded test split that are taught. The model takes the x of the last one for a times sign.
LEARNT = (0, 1, 2, 3, 4, 5, 6, 9)
STRETCHED = (1.0, 0.85)  # x and y of the last one when it is written again
SIZE = (1000, 1215)  # pixels
SHEET = 270  # pixels, height of the sheet

# Gives the page an ink as a dropped file, as a person would.
DROP = """(() => {
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([JSON.stringify({ strokes: STROKES })], "ink.json"));
  document.dispatchEvent(new DragEvent("drop", { dataTransfer, cancelable: true }));
})()"""
TYPE = """(() => {
  document.getElementById("correct").click();
  document.getElementById("typed").value = LATEX;
  document.getElementById("spelling").requestSubmit();
})()"""
WAIT = """new Promise((resolve) => {
  const look = () => (WHAT ? resolve() : setTimeout(look, 20));
  look();
})"""
FIRST = 'document.querySelector("#candidates button")'
READ = f'{FIRST} && document.getElementById("candidates").dataset.state === "complete"'
ACCEPTED = f'{FIRST}.ariaPressed === "true"'
EMPTY = f"!{FIRST}"


def wait(tab: Tab, what: str) -> None:
    tab.evaluate(WAIT.replace("WHAT", what))


def drop(tab: Tab, ink: Ink) -> None:
    tab.evaluate(DROP.replace("STROKES", json.dumps([stroke.tolist() for stroke in ink.strokes])))
    wait(tab, READ)


def teach(tab: Tab, ink: Ink, count: int) -> None:
    """Type the LaTeX of an ink, which is then the formula number `count` that the page has learnt."""
    drop(tab, ink)
    tab.evaluate(TYPE.replace("LATEX", json.dumps(ink.label)))
    wait(tab, f"{READ} && {ACCEPTED}")
    tab.evaluate("document.getElementById('done').click()")
    wait(tab, f"{EMPTY} && document.getElementById('learnt').textContent.startsWith('Learnt from {count} ')")


@contextmanager
def served() -> Iterator[str]:
    handler = partial(_Quiet, directory=str(ASSETS))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/web/"
        server.shutdown()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Log nothing."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=PICTURES / "page-memory.png", help="PNG")
    args = parser.parse_args()
    examples = Drawn("test")
    with served() as address, chromium() as tab:
        width, height = SIZE
        tab.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        tab.send("Page.navigate", url=address)
        wait(tab, "document.body?.dataset.ready")
        tab.evaluate(f"document.getElementById('sheet').style.height = '{SHEET}px'")
        for count, place in enumerate(LEARNT, start=1):
            teach(tab, examples[place].ink, count)
        drop(tab, Ink(tuple(stroke * STRETCHED for stroke in examples[LEARNT[-1]].ink.strokes)))
        tab.evaluate("document.getElementById('memory-show').click()")
        wait(tab, "document.querySelector('#symbols ul button')")
        tab.evaluate("document.querySelector('#symbols button[title^=x]').click()")
        wait(tab, "document.querySelector('#symbols .details')")
        tab.picture(args.output)


if __name__ == "__main__":
    main()
