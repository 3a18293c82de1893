"""How long does tracing a picture take in Python, Node and Chromium? A page of embedded ink, about 8 formulas.

    python -m benchmarks.speed.page_pictures [--turns 7]

Prints medians, measured by turns, so that other work on the machine slows all alike. Python and Chromium decode the
file too; Chromium also starts the worker, as for every picture on the page. Node gets the decoded bitmap. Needs
Chromium (the variable CHROMIUM names one that is not on the path), node with the packages of web/, and the extra
`pictures`.
"""

import argparse
import base64
import io
import json
import statistics
import subprocess
import time
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.accuracy.pictures import PAGES, page_picture
from benchmarks.figures.hand import served, wait
from benchmarks.figures.pages import ROOT, Tab, chromium
from tegashiki.pictures.picture import read_picture

IN_CHROMIUM = """(async () => {
  const bytes = Uint8Array.from(atob(BASE64), (letter) => letter.charCodeAt(0));
  const start = performance.now();
  const worker = new Worker("pictures.js");
  const answer = new Promise((resolve) => (worker.onmessage = ({ data }) => resolve(data)));
  worker.postMessage(new Blob([bytes]));
  const { traced } = await answer;
  worker.terminate();
  return [performance.now() - start, traced.lines.flat().length];
})()"""
# Traces the bitmap on its standard input, RGBA.
IN_NODE = """
import { build } from "esbuild";
import { readFileSync } from "node:fs";
const options = { entryPoints: ["src/pictures/picture.ts"], bundle: true, format: "esm", write: false };
const { outputFiles } = await build(options);
const code = Buffer.from(outputFiles[0].contents).toString("base64");
const { tracePicture } = await import(`data:text/javascript;base64,${code}`);
const [width, height] = process.argv.slice(-2).map(Number);
const data = readFileSync(0);
const times = [];
for (let turn = 0; turn < TURNS; turn++) {
  const start = performance.now();
  tracePicture({ width, height, data });
  times.push(performance.now() - start);
}
console.log(JSON.stringify(times));
"""


def in_python(data: bytes) -> float:
    start = time.perf_counter()
    read_picture(data)
    return 1000 * (time.perf_counter() - start)


def in_node(data: bytes, turns: int) -> list[float]:
    image = Image.open(io.BytesIO(data)).convert("RGBA")
    code = IN_NODE.replace("TURNS", str(turns))
    command = ["node", "--input-type=module", "--eval", code, "--", str(image.width), str(image.height)]
    pixels = np.asarray(image).tobytes()
    times: list[float] = json.loads(
        subprocess.run(command, input=pixels, cwd=ROOT / "web", capture_output=True, check=True).stdout
    )
    return times


def in_chromium(tab: Tab, data: bytes) -> float:
    taken, strokes = tab.evaluate(IN_CHROMIUM.replace("BASE64", json.dumps(base64.b64encode(data).decode())))
    assert strokes > 0
    return float(taken)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=7, help="times that each picture is traced (default: 7)")
    turns = parser.parse_args().turns
    script = Path(ROOT / "tegashiki" / "assets" / "web" / "pictures.js")
    print(f"pictures.js: {script.stat().st_size} bytes")
    print("| picture | Python, ms | Node, ms | Chromium, ms |\n| --- | --- | --- | --- |")
    with served() as address, chromium() as tab:
        tab.send("Page.navigate", url=address)
        wait(tab, "document.body?.dataset.ready")
        for kind in PAGES:
            data = page_picture(kind)
            node = statistics.median(in_node(data, turns))
            pairs = [(in_python(data), in_chromium(tab, data)) for _ in range(turns)]
            python, browser = (statistics.median(times) for times in zip(*pairs, strict=True))
            print(f"| {kind} | {python:.0f} | {node:.0f} | {browser:.0f} |", flush=True)


if __name__ == "__main__":
    main()
