"""Read handwritten inks: N-best LaTeX with probabilities.

    tegashiki recognize [MODEL] INK_OR_DIR...

MODEL is a .tflite file, a work directory, a checkpoint, or the word `default`; without one the model that comes
with the package is used. Inks are InkML or JSON files, folders of them, zips or tars; `-` is one ink on standard
input. A line is: file, tab, probability, tab, LaTeX; with -n several lines a file, the likeliest first. What cannot
be read is named on standard error, and the exit status is then 1. So is an ink all of whose candidates are under
--reject-below: a probability is how often such a reading is right, for a model that `tegashiki export` calibrated
(docs/input-method.md).

With --memory FILE what was learnt of the inks' writer counts too (`tegashiki memory`, docs/memory.md); the file stays
as it is. One that cannot be read is named, and reading goes on without it.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tegashiki.errors import UserError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `tegashiki recognize`."""
    parser.add_argument("paths", nargs="+", metavar="[MODEL] INK_OR_DIR", help="the model, if not the default; inks")
    parser.add_argument("-n", type=int, default=1, metavar="N", help="candidates an ink (default 1)")
    parser.add_argument("--beam", type=int, metavar="N", help="hypotheses kept (default: the model's widest, 5)")
    parser.add_argument("--restrict", metavar="NAME", help="use a part of the vocabulary only: crohme, calculator")
    parser.add_argument("--reject-below", type=float, default=0.0, metavar="P", help="leave less likely candidates out")
    parser.add_argument("--memory", type=Path, metavar="FILE", help="what was learnt of the writer: `tegashiki memory`")
    parser.add_argument("--jsonl", action="store_true", help="one JSON object an ink, with tokens and their strokes")


def run(args: argparse.Namespace) -> int:
    """Read every ink; 1 where one could not be read."""
    from tegashiki.evaluation.samples import EvaluationError
    from tegashiki.ink.files import STANDARD_INPUT
    from tegashiki.open_model import open_model

    if "" in args.paths:  # to Path it is the current directory
        raise EvaluationError("one of the paths is empty, as an unset shell variable is: give files or folders of ink")
    model, inks = split_model(args.paths)
    if not inks:
        raise EvaluationError(f"no ink given beside the model {model}")
    if not 0 <= args.reject_below <= 1:
        raise EvaluationError(f"--reject-below {args.reject_below}: give a probability, 0 to 1")
    missing = [path for path in inks if path != STANDARD_INPUT and not Path(path).exists()]
    if missing:
        raise EvaluationError(f"no ink {missing[0]}: give a file, a folder, a zip or a tar of ink")
    if inks.count(STANDARD_INPUT) > 1:
        raise EvaluationError("- is there more than once: standard input can be read once")
    recognizer = open_model(model, beams=args.beam, restrict=args.restrict, memory=_open_memory(args.memory))
    recognizer.check_candidates(args.n)
    failed = read = 0
    for path in inks:
        for sample in _samples(path):
            line = _read(recognizer, sample, args.n, args.reject_below)
            if len(inks) > 1:  # a name within one folder or archive may be another's too
                line["file"] = path if Path(path).name == sample.file else f"{path}/{sample.file}"
            read += 1
            failed += line["error"] is not None
            _print(line, args.jsonl)
    if not read:
        raise EvaluationError(f"no ink in {', '.join(inks)}: give files or folders of .inkml or .json")
    return 1 if failed else 0


def split_model(paths: list[str]) -> tuple[str, list[str]]:
    """Tell the model from the inks: the first path where it can only be a model, else the default model."""
    from tegashiki.open_model import looks_like_model

    return (paths[0], paths[1:]) if looks_like_model(paths[0]) else ("default", paths)


def _open_memory(path: Path | None) -> Any:
    """Return a writer's memory; None where none is asked for, and where it cannot be read, which is said."""
    from tegashiki.evaluation.samples import EvaluationError
    from tegashiki.memory.file import MemoryFileError
    from tegashiki.memory.memory import WriterMemory

    if path is None:
        return None
    if not path.exists():
        raise EvaluationError(f"no memory {path}: `tegashiki memory learn` makes one")
    try:
        return WriterMemory.open(path)
    except MemoryFileError as error:
        print(f"{error}; reading goes on without it", file=sys.stderr)
        return None


def _samples(path: str) -> Iterable[Any]:
    from tegashiki.evaluation.samples import Sample, ink_samples
    from tegashiki.ink.files import STANDARD_INPUT, read_standard_input
    from tegashiki.ink.ink import InkError

    if path != STANDARD_INPUT:
        return ink_samples(Path(path))
    try:
        return [Sample(path, read_standard_input())]
    except InkError as error:
        return [Sample(path, None, error=str(error))]


def _read(recognizer: Any, sample: Any, n: int, reject_below: float) -> dict[str, Any]:
    line: dict[str, Any] = {"file": sample.file, "candidates": [], "ms": None, "error": sample.error}
    if sample.ink is None:
        return line
    start = time.perf_counter()
    try:
        candidates = recognizer.recognize(sample.ink, n)
    except UserError as error:  # one that the model cannot take, or for which no reading obeys the rules
        return {**line, "error": str(error)}
    line["ms"] = round(1000 * (time.perf_counter() - start), 2)
    line["candidates"] = [
        {
            "latex": candidate.latex,
            "probability": round(candidate.probability, 6),
            "tokens": candidate.tokens,
            "strokes": candidate.strokes_of_token,
            "complete": candidate.complete,
        }
        for candidate in candidates
        if candidate.probability >= reject_below
    ]
    if not line["candidates"]:
        line["error"] = f"rejected: its likeliest reading has probability {candidates[0].probability:.2f}"
    return line


def _print(line: dict[str, Any], jsonl: bool) -> None:
    if jsonl:
        print(json.dumps(line, ensure_ascii=False))
    else:
        for candidate in line["candidates"]:
            print(f"{line['file']}\t{candidate['probability']:.4f}\t{candidate['latex']}")
    if line["error"]:
        print(f"{line['file']}: {line['error']}", file=sys.stderr)
