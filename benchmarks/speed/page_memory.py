"""What does a full memory of the writer cost in the browser? Embedded ink, headless Chromium.

    python -m benchmarks.speed.page_memory [--inks 40]

Fills a memory with embedded formulas, and reads other ones with five candidates, by turns without and with the memory.
Python makes the keys of most formulas, which the browser reads from the memory's file. Prints medians. Needs Chromium
(the variable CHROMIUM names one that is not on the path).
"""

import argparse
import json

from benchmarks.figures.hand import served, wait
from benchmarks.figures.pages import chromium
from tegashiki.memory.file import write_formulas
from tegashiki.memory.memory import MOST_TOKENS, WriterMemory
from tegashiki.recognizer.recognizer import Recognizer
from tegashiki.synthesis.embedded import Drawn

UNKEYED = 5  # formulas whose keys the browser makes

MEASURE = """(async () => {
  const { loadRecognizer, readFormulas, WriterMemory } = await import("./recognizer.js");
  const model = new URL(document.querySelector('meta[name="model"]').content, document.baseURI).href;
  const recognizer = await loadRecognizer(model, "litert/litert_wasm_compat_internal.js");
  const memory = new WriterMemory(readFormulas(TEXT, "memory"));
  const time = async (action) => {
    const start = performance.now();
    await action();
    return performance.now() - start;
  };
  const unkeyed = memory.formulas.slice(-UNKEYED);
  let keys;
  for (let turn = 0; turn < 2; turn++) { // the first one warms up
    for (const formula of unkeyed) formula.keys = undefined;
    recognizer.remember(new WriterMemory(unkeyed));
    keys = await time(() => recognizer.refresh());
  }
  const times = [[], [], []];
  for (const strokes of READ) {
    for (const own of [undefined, memory]) {
      recognizer.remember(own);
      const combined = await time(() => recognizer.refresh());
      await recognizer.recognize(strokes, 5); // frames the strokes
      times[own ? 1 : 0].push(await time(() => recognizer.recognize(strokes, 5)));
      if (own) times[2].push(combined);
    }
  }
  const [without, remembering, combined] = times.map((each) => each.sort((a, b) => a - b)[each.length >> 1]);
  return { formulas: memory.formulas.length, keys: keys / UNKEYED, combined, without, remembering };
})()"""


def full_memory() -> str:
    """Return the file of a full memory. The last formulas have no keys."""
    memory, tokens = WriterMemory(), 0
    for example in Drawn("train", dialect="wide"):
        tokens += len(example.tokens) + 1
        if tokens > MOST_TOKENS:
            break
        memory.learn(example.ink, example.ink.label)
    Recognizer.load(memory=memory).make_keys()
    for formula in memory.formulas[-UNKEYED:]:
        formula.keys = None
    return write_formulas(memory.formulas)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inks", type=int, default=40, help="inks to read (default: 40)")
    args = parser.parse_args()
    text = full_memory()
    read = [[stroke.tolist() for stroke in example.ink.strokes] for example in Drawn("test", range(args.inks))]
    with served() as address, chromium() as tab:
        tab.send("Page.navigate", url=address)
        wait(tab, "document.body?.dataset.ready")
        code = MEASURE.replace("UNKEYED", str(UNKEYED)).replace("READ", json.dumps(read))
        found = tab.evaluate(code.replace("TEXT", json.dumps(text)))
    print(f"{found['formulas']} formulas: keys {found['keys']:.1f} ms each, combined in {found['combined']:.0f} ms")
    print(f"five candidates: {found['without']:.1f} ms without, {found['remembering']:.1f} ms with the memory")


if __name__ == "__main__":
    main()
