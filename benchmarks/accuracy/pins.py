"""What happens to an accepted reading when the writer continues, and what keeping it costs.

    python -m benchmarks.accuracy.pins MODEL.tflite --split validation --data-dir data

Of every ink, half of the strokes are written, the first candidate is accepted, and the rest is written. Printed is how
often the accepted reading (the pin) was released, separately for readings whose tokens are in the label in their order
and for the others. Then the CPU time of decoding the whole ink with the pin, over that without it.
"""

import argparse
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from tegashiki.datasets.prepared import load_examples
from tegashiki.ink.example import Example
from tegashiki.recognizer.recognizer import Recognizer
from tegashiki.recognizer.session import Session


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path, help="a .tflite file")
    parser.add_argument("--dataset", default="crohme", help="default: crohme")
    parser.add_argument("--split", default="validation", help="default: validation")
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help="where datasets are prepared")
    args = parser.parse_args()
    examples = [e for e in load_examples(args.dataset, args.split, args.data_dir) if len(e.ink.strokes) > 1]
    for beams in Recognizer.load(args.model).backend.beam_sizes:
        measure(Recognizer.load(args.model, beams=beams, restrict="crohme"), examples)


def measure(recognizer: Recognizer, examples: Sequence[Example]) -> None:
    """Write every ink with a pin and without one, and print what differs."""
    pins: Counter[bool] = Counter()
    released: Counter[bool] = Counter()
    pinned = free = 0.0
    for example in examples:
        strokes = example.ink.strokes
        session = recognizer.session()
        write(session, strokes[: len(strokes) // 2])
        first = session.candidates()[0]
        session.accept(first)
        write(session, strokes[len(strokes) // 2 :])
        in_label = is_within(first.tokens, example.tokens)
        pins[in_label] += 1
        released[in_label] += session.candidates().pin_released
        pinned += seconds(session)
        without = recognizer.session()
        write(without, strokes)
        without.candidates()
        free += seconds(without)
    print(f"with {recognizer.beams} hypotheses:")
    for in_label, name in ((True, "are"), (False, "are not")):
        print(
            f"  {released[in_label]} of {pins[in_label]} pins released whose tokens {name} in the label in their order"
        )
    print(f"  decoding takes {pinned / free:.2f} times as long as without a pin")


def write(session: Session, strokes: Iterable[np.ndarray]) -> None:
    for stroke in strokes:
        session.add_stroke(stroke)


def seconds(session: Session) -> float:
    """CPU seconds of decoding again what was read before."""
    session.restrict("crohme")  # an edit: it discards the readings and keeps the encoded strokes
    start = time.thread_time()
    session.candidates()
    return time.thread_time() - start


def is_within(tokens: Iterable[str], label: Iterable[str]) -> bool:
    """Whether all tokens are in the label, in their order."""
    rest = iter(label)
    return all(token in rest for token in tokens)


if __name__ == "__main__":
    main()
