"""What happens to an accepted reading when the writer goes on, and what holding it costs.

    python benchmarks/accuracy/pins.py MODEL.tflite --split validation --data-dir data

Of every ink half of the strokes are written, the first candidate is accepted, and the rest is written. Printed, apart
for readings whose tokens are in the label in their order and for the others: how often the pin was released. Then the
processor time of the last candidates over that of the same without the pin.
"""

import argparse
import time
from collections import Counter
from pathlib import Path

from tegashiki.datasets.prepared import load_examples
from tegashiki.recognizer.recognizer import Recognizer


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("--dataset", default="crohme")
    parser.add_argument("--split", default="validation")
    parser.add_argument("--data-dir", type=Path)
    args = parser.parse_args()
    examples = [e for e in load_examples(args.dataset, args.split, args.data_dir) if len(e.ink.strokes) > 1]
    for beams in Recognizer.load(args.model).backend.beam_sizes:
        measure(Recognizer.load(args.model, beams=beams, restrict="crohme"), examples)


def measure(recognizer, examples):
    """Write every ink with a pin and without."""
    pins, released, pinned, free = Counter(), Counter(), 0.0, 0.0
    for example in examples:
        strokes = example.ink.strokes
        session = recognizer.session()
        write(session, strokes[: len(strokes) // 2])
        first = session.candidates()[0]
        session.accept(first)
        write(session, strokes[len(strokes) // 2 :])
        there = is_within(first.tokens, example.tokens)
        pins[there] += 1
        released[there] += session.candidates().pin_released
        pinned += seconds(session)
        without = recognizer.session()
        write(without, strokes)
        without.candidates()
        free += seconds(without)
    print(f"with {recognizer.beams} hypotheses:")
    for there, name in ((True, "are"), (False, "are not")):
        print(f"  {released[there]} of {pins[there]} pins released whose tokens {name} in the label in their order")
    print(f"  decoding takes {pinned / free:.2f} times as long as without a pin")


def write(session, strokes):
    for stroke in strokes:
        session.add_stroke(stroke)


def seconds(session):
    """Processor seconds of decoding once more what was read before."""
    session.restrict("crohme")  # an edit: the readings are forgotten, what is encoded is kept
    start = time.thread_time()
    session.candidates()
    return time.thread_time() - start


def is_within(tokens, label):
    """Whether all tokens are in the label in their order."""
    rest = iter(label)
    return all(token in rest for token in tokens)


if __name__ == "__main__":
    main()
