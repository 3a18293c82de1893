"""The evaluation's pages in headless Chromium: the pictures in docs/evaluation.md, and how fast a large page is.

    python -m benchmarks.figures.pages pictures --data-dir data    # writes docs/pictures/report.png and compare.png
    python -m benchmarks.figures.pages speed --data-dir data       # of validation, and of nine times as many inks

The pages show readings of the shipped model with five candidates, as `make results` has them. The comparison is with
the model trained on official ink alone. Needs Chromium (the variable CHROMIUM names one that is not on the path) and
prepared CROHME data.
"""

import argparse
import base64
import fcntl
import json
import os
import shutil
import statistics
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tegashiki.cli import run_command
from tegashiki.evaluation.pages.html import write_page
from tegashiki.evaluation.pages.report_page import SCRIPTS

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "docs" / "pictures"
OFFICIAL = os.path.relpath(ROOT / "weights" / "official.tflite")  # relative, because the page shows it
INK = "18_em_15"  # of test_2014: a 1 with so many zeros that a model loses count of them
PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
TIMES = 9  # a large page has this many times the inks of validation
FRAMES = 300  # to scroll
WIDTH = 1100  # pixels

# Finds the token of the first card's reading whose attention is spread most. Its value is the centre on the screen.
SPREAD = """(() => {
  const block = document.querySelectorAll(".card .reading")[1];
  const most = (looks) => Math.max(...looks.split(" ").filter((_, i) => i % 2).map(Number));
  const drawn = block.looks.map((looks, i) => (block.strokes[i].length ? most(looks) : 100));
  const token = block.querySelector(`.tokens [data-t="${drawn.indexOf(Math.min(...drawn))}"]`);
  const { x, y, width, height } = token.getBoundingClientRect();
  return [x + width / 2, y + height / 2];
})()"""
PARSE = "(() => { const start = performance.now(); pageData(); return performance.now() - start; })()"
SCROLL = """(async () => {
  const frame = () => new Promise(requestAnimationFrame);
  const times = [];
  let before = await frame();
  for (let i = 0; i < FRAMES; i++) {
    scrollBy(0, 150);
    const now = await frame();
    times.push(now - before);
    before = now;
  }
  return times;
})()"""
FILTER = """(async () => {
  const start = performance.now();
  const done = new Promise((resolve) => addEventListener("hashchange", resolve, { once: true }));
  writeHash({ show: "wrong" });
  await done;
  document.body.getBoundingClientRect();
  return performance.now() - start;
})()"""


class Tab:
    """A page of a headless Chromium, driven through the DevTools protocol over a pipe."""

    def __init__(self, to_browser: int, from_browser: int) -> None:
        self._to, self._from = to_browser, os.fdopen(from_browser, "rb")
        self._sent = 0
        self._session: str | None = None
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.send("Page.enable")

    def send(self, method: str, **params: Any) -> dict[str, Any]:
        self._sent += 1
        message = {"id": self._sent, "method": method, "params": params}
        message |= {"sessionId": self._session} if self._session else {}
        os.write(self._to, json.dumps(message).encode() + b"\0")
        while (answer := self._receive()).get("id") != self._sent:
            pass
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']['message']}")
        return answer["result"]

    def open(self, path: Path, part: str = "", height: int = 800) -> None:
        self.send("Emulation.setDeviceMetricsOverride", width=WIDTH, height=height, deviceScaleFactor=1, mobile=False)
        self.send("Page.navigate", url=f"file://{path.resolve()}{part}")
        while self._receive().get("method") != "Page.loadEventFired":
            pass

    def evaluate(self, expression: str) -> Any:
        found = self.send("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in found:
            raise RuntimeError(json.dumps(found["exceptionDetails"]))
        return found["result"].get("value")

    def picture(self, path: Path) -> None:
        path.write_bytes(base64.b64decode(self.send("Page.captureScreenshot", format="png")["data"]))
        print(f"{path}: {path.stat().st_size / 1000:.0f} kB")

    def _receive(self) -> dict[str, Any]:
        text = bytearray()
        while (byte := self._from.read(1)) != b"\0":
            if not byte:
                raise SystemExit("Chromium ended")
            text += byte
        return json.loads(text)


@contextmanager
def chromium() -> Iterator[Tab]:
    program = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        raise SystemExit("no Chromium: put it on the path, or set CHROMIUM to its path")
    options = ["--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe", "--hide-scrollbars"]
    (its_in, our_out), (our_in, its_out) = os.pipe(), os.pipe()
    pipes = [
        fcntl.fcntl(end, fcntl.F_DUPFD, 10) for end in (its_in, its_out)
    ]  # not 3 or 4, which they will become in the child
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [program, *options, f"--user-data-dir={profile}"]
        browser = subprocess.Popen(
            command,
            preexec_fn=lambda: [os.dup2(end, place) for place, end in enumerate(pipes, start=3)],
            close_fds=False,  # which would close 3 and 4 too; Python's other descriptors are not inherited anyway
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for end in (its_in, its_out, *pipes):
            os.close(end)
        try:
            yield Tab(our_out, our_in)
        finally:
            browser.terminate()
            browser.wait()


def judge(model: str, split: str, data_dir: Path, *options: object) -> None:
    command = [model, "--dataset", "crohme", "--split", split, "--data-dir", data_dir, "--restrict", "crohme"]
    if run_command("eval", [*map(str, command), "--beam", "5", *map(str, options)]):
        raise SystemExit(2)  # the command has reported why


def pictures(tab: Tab, data_dir: Path, folder: Path) -> None:
    """Take the pictures of test_2014: an ink with the pointer on a token, and a comparison."""
    a, b = folder / "a.json", folder / "b.json"
    judge(OFFICIAL, "test_2014", data_dir, "--json", a)
    judge("default", "test_2014", data_dir, "--json", b, "--report", folder / "report")
    run_command("compare", [str(a), str(b), "--report", str(folder / "compare"), "--data-dir", str(data_dir)])
    tab.open(folder / "report" / "index.html", f"#name={INK}", height=470)
    tab.evaluate("document.querySelector('.controls').scrollIntoView()")
    x, y = tab.evaluate(SPREAD)
    tab.send("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)
    tab.picture(PICTURES / "report.png")
    tab.open(folder / "compare" / "index.html", height=860)
    tab.picture(PICTURES / "compare.png")


def speed(tab: Tab, data_dir: Path, folder: Path) -> None:
    """Print how long the page of validation, and one of `TIMES` as many inks, takes to open, filter and scroll."""
    judge("default", "validation", data_dir, "--report", folder)
    page = folder / "index.html"
    text = page.read_text("utf-8").partition('id="data">')[2].partition("</script>")[0]
    content = json.loads(text)
    large = folder / "large.html"
    write_page(large, "large", SCRIPTS, {**content, "inks": content["inks"] * TIMES})
    print("\n  inks    MB  open, s  of it JSON  filter, s  frame of scrolling, ms: median  95 %")
    for path, inks in ((page, len(content["inks"])), (large, TIMES * len(content["inks"]))):
        tab.open(path)
        opened = tab.evaluate("performance.getEntriesByType('navigation')[0].loadEventStart") / 1000
        parsed = tab.evaluate(PARSE) / 1000
        frames = tab.evaluate(SCROLL.replace("FRAMES", str(FRAMES)))
        filtered = tab.evaluate(FILTER) / 1000
        median, slow = statistics.median(frames), statistics.quantiles(frames, n=20)[-1]
        numbers = f"{path.stat().st_size / 1e6:5.1f} {opened:8.2f} {parsed:11.2f} {filtered:10.3f}"
        print(f"{inks:6} {numbers} {median:31.1f} {slow:5.1f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("pictures", "speed"), help="what to do, see above")
    parser.add_argument(
        "--data-dir", type=Path, default=Path("data"), metavar="DIR", help="prepared datasets (default: data)"
    )
    args = parser.parse_args()
    with chromium() as tab, tempfile.TemporaryDirectory() as folder:
        {"pictures": pictures, "speed": speed}[args.what](tab, args.data_dir, Path(folder))


if __name__ == "__main__":
    main()
