"""What does a full memory of the writer cost in the browser? Embedded ink, headless Chromium.

    python -m benchmarks.speed.page_memory [--inks 40]

Fills a memory with embedded formulas, and reads other ones with five candidates, by turns without and with the memory.
Prints medians. Needs Chromium (the variable CHROMIUM names one that is not on the path).
"""

import argparse
import json

from benchmarks.figures.hand import served, wait
from benchmarks.figures.pages import chromium
from tegashiki.memory.memory import MOST_TOKENS
from tegashiki.synthesis.embedded import Drawn

MEASURE = """(async () => {
  const { loadRecognizer, WriterMemory } = await import("./recognizer.js");
  const model = new URL(document.querySelector('meta[name="model"]').content, document.baseURI).href;
  const recognizer = await loadRecognizer(model, "litert/litert_wasm_compat_internal.js");
  const memory = new WriterMemory();
  for (const [strokes, latex] of TAUGHT) memory.learn(strokes, latex);
  const time = async (action) => {
    const start = performance.now();
    await action();
    return performance.now() - start;
  };
  recognizer.remember(memory);
  const keys = await time(() => recognizer.refresh());
  recognizer.remember(memory);
  const combined = await time(() => recognizer.refresh());
  const times = [[], []];
  for (const strokes of READ) {
    for (const own of [undefined, memory]) {
      recognizer.remember(own);
      await recognizer.refresh();
      await recognizer.recognize(strokes, 5); // frames the strokes, and warms up
      times[own ? 1 : 0].push(await time(() => recognizer.recognize(strokes, 5)));
    }
  }
  const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];
  return { formulas: memory.formulas.length, keys, combined, without: median(times[0]), with: median(times[1]) };
})()"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inks", type=int, default=40, help="inks to read (default: 40)")
    args = parser.parse_args()
    taught, tokens = [], 0
    for example in Drawn("train", dialect="wide"):
        tokens += len(example.tokens) + 1
        if tokens > MOST_TOKENS:
            break
        taught.append(([stroke.tolist() for stroke in example.ink.strokes], example.ink.label))
    read = [[stroke.tolist() for stroke in example.ink.strokes] for example in Drawn("test", range(args.inks))]
    with served() as address, chromium() as tab:
        tab.send("Page.navigate", url=address)
        wait(tab, "document.body?.dataset.ready")
        code = MEASURE.replace("TAUGHT", json.dumps(taught)).replace("READ", json.dumps(read))
        found = tab.evaluate(code)
    count = found["formulas"]
    print(f"{count} formulas: keys {found['keys'] / count:.1f} ms each, combined in {found['combined']:.0f} ms")
    print(f"five candidates: {found['without']:.1f} ms without, {found['with']:.1f} ms with the memory")


if __name__ == "__main__":
    main()
