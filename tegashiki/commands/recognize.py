r"""Recognise handwritten inks and print LaTeX with probabilities.

    tegashiki recognize [MODEL] INK_OR_PICTURE_OR_DIR...

MODEL is a .tflite file, a work directory, a checkpoint, or `default` for the model that comes with the package, which
is also used without MODEL. Inks are InkML or JSON files, or folders, zips or tars of them; `-` is one ink on standard
input. Pictures of handwriting (PNG, JPEG, WebP, BMP, TIFF, GIF) are read too, also among inks: their strokes are traced
first (docs/pictures.md; extra `pictures`). If a picture has several lines of writing, each is read apart, and the lines
are named FILE:1, FILE:2, ... With --lines this also holds for inks, whose strokes must be in the order of writing.

Each line of output is: file, tab, probability, tab, LaTeX. Tabs, line ends and other control characters in the name of
a file are printed as escapes such as \t. With -n a file can have several lines, most probable first.

An ink that cannot be recognised is reported on standard error, and the exit status is then 1. The same holds for an ink
whose candidates are all less probable than --reject-below. If `tegashiki export` calibrated the model, a probability is
the share of such candidates that are right (docs/input-method.md).

For very large sets, --results OUT writes the lines of --jsonl to a file instead, after a first line with the settings,
and --processes N reads with several processes. The memory does not grow with the number of inks. After an interruption
the same command with --resume continues.

--memory FILE also uses what was learnt of the writer of the inks (`tegashiki memory`, docs/memory.md). The file is not
changed. If it cannot be read, a message is printed and the inks are recognised without it.
"""

import argparse
import functools
import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from tegashiki.errors import UserError
from tegashiki.file_names import expand_home, expand_text, printable

Read = Callable[[Iterable[Any]], Iterator[dict[str, Any]]]  # samples with their names -> the lines of the output


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `tegashiki recognize`."""
    parser.add_argument(
        "paths",
        nargs="+",
        type=expand_text,
        metavar="[MODEL] INK_OR_PICTURE_OR_DIR",
        help="the model (default: `default`), then the inks",
    )
    parser.add_argument(
        "-n", type=int, default=1, metavar="N", help="candidates per ink, 1 to the beam width (default: 1)"
    )
    parser.add_argument(
        "--beam", type=int, metavar="N", help="beam width (default: the widest of the model, usually 5)"
    )
    parser.add_argument(
        "--lines", action="store_true", help="read each line of an ink apart (default: an ink is one formula)"
    )
    parser.add_argument(
        "--restrict",
        metavar="NAME",
        help="restrict the output to a part of the vocabulary: crohme or calculator (default: no restriction)",
    )
    parser.add_argument(
        "--reject-below",
        type=float,
        default=0.0,
        metavar="P",
        help="leave out candidates with a probability below P, 0 to 1 (default: 0, none)",
    )
    parser.add_argument(
        "--memory",
        type=expand_home,
        metavar="FILE",
        help="memory of the writer, see `tegashiki memory` (default: none)",
    )
    parser.add_argument(
        "--processes",
        type=int,
        default=1,
        metavar="N",
        help="processes that run a .tflite, 1 or more (default: 1; checkpoints always use 1)",
    )
    parser.add_argument(
        "--results",
        type=expand_home,
        metavar="OUT",
        help="write the lines of --jsonl to this file, each as soon as it is known (default: print)",
    )
    parser.add_argument("--resume", action="store_true", help="continue the file of --results if it exists")
    parser.add_argument(
        "--jsonl",
        action="store_true",
        help="print one JSON object per ink, with tokens, their strokes and the time in ms",
    )


def run(args: argparse.Namespace) -> int:
    """Recognise every ink; return the exit status, 1 if one could not be recognised."""
    from tegashiki.evaluation.parallel import map_inks
    from tegashiki.evaluation.samples import EvaluationError
    from tegashiki.ink.files import STANDARD_INPUT
    from tegashiki.open_model import is_checkpoint, recognizer_opener

    if "" in args.paths:  # Path would take it for the current directory
        raise EvaluationError(
            "one of the paths is empty, perhaps from an unset shell variable: give files or folders of ink"
        )
    model, inks = split_model(args.paths)
    if not inks:
        raise EvaluationError(f"no ink given after the model {model}: give files or folders of ink")
    if not 0 <= args.reject_below <= 1:
        raise EvaluationError(f"--reject-below {args.reject_below}: give a probability, 0 to 1")
    missing = [path for path in inks if path != STANDARD_INPUT and not Path(path).exists()]
    if missing:
        raise EvaluationError(f"no ink {missing[0]}: give a file, a folder, a zip or a tar of ink")
    if inks.count(STANDARD_INPUT) > 1:
        raise EvaluationError("- is there more than once, but standard input can be read only once: give it once")
    _check_results(args, model, inks)
    settings = {"beams": args.beam, "restrict": args.restrict, "memory": _open_memory(args.memory)}
    opener = recognizer_opener(model, **settings)
    opener().check_candidates(args.n)
    work = functools.partial(_read, n=args.n, reject_below=args.reject_below)
    read = functools.partial(map_inks, opener, work, processes=1 if is_checkpoint(model) else args.processes)
    counts = _write_results(args, model, inks, read) if args.results else _print_readings(args, inks, read)
    if not counts["read"]:
        raise EvaluationError(f"no ink in {', '.join(inks)}: give files or folders of .inkml, .json or pictures")
    return 1 if counts["failed"] else 0


def _print_readings(args: argparse.Namespace, inks: list[str], read: Read) -> Counter[str]:
    counts: Counter[str] = Counter()
    for line in read(_named_samples(inks, args.lines)):
        counts.update(_counts(line))
        _print(line, args.jsonl)
    return counts


def _write_results(args: argparse.Namespace, model: str, inks: list[str], read: Read) -> Counter[str]:
    """Write a line for each ink that the file does not have; return the counts of all lines."""
    from tqdm import tqdm

    from tegashiki.evaluation.result_lines import ResultLines
    from tegashiki.open_model import fingerprint

    counts: Counter[str] = Counter()
    memory = None if args.memory is None else fingerprint(str(args.memory))
    settings = {"model": fingerprint(model), "memory": memory, "inks": inks}
    settings |= {name: getattr(args, name) for name in ("n", "beam", "restrict", "reject_below", "lines")}
    lines = ResultLines(args.results, settings, args.resume, lambda line: counts.update(_counts(line)))
    with lines:
        results = read(_named_samples(inks, args.lines, lines.is_new))
        for line in tqdm(results, desc="reading", unit=" inks", disable=None, smoothing=0.05):
            counts.update(_counts(line))
            lines.append(line)
    return counts


def _counts(line: dict[str, Any]) -> dict[str, int]:
    return {"read": 1, "failed": int(line["error"] is not None)}


def _check_results(args: argparse.Namespace, model: str, inks: list[str]) -> None:
    from tegashiki.evaluation.samples import EvaluationError
    from tegashiki.ink.files import STANDARD_INPUT
    from tegashiki.safe_files import check_output

    if args.processes < 1:
        raise EvaluationError(f"--processes {args.processes}: give 1 or more")
    if args.resume and not args.results:
        raise EvaluationError("--resume continues the file of --results: give both")
    if args.results:
        if args.jsonl:
            raise EvaluationError("--results writes the lines of --jsonl to a file: leave out --jsonl")
        if STANDARD_INPUT in inks:
            raise EvaluationError("- cannot be read again after an interruption: give files or folders with --results")
        check_output("--results", args.results, model, args.memory, *inks)


def _full_name(path: str, name: str) -> str:
    """Return the name of an ink with the path that was given; a file is its own only ink, or its lines NAME:1 ..."""
    alone, colon, number = name.rpartition(":")
    if Path(path).name == name:
        return path
    return f"{path}:{number}" if colon and Path(path).name == alone else f"{path}/{name}"


def split_model(paths: list[str]) -> tuple[str, list[str]]:
    """Split the arguments into the model and the inks. Without a model as the first path it is `default`."""
    from tegashiki.open_model import looks_like_model

    return (paths[0], paths[1:]) if looks_like_model(paths[0]) else ("default", paths)


def _open_memory(path: Path | None) -> Any:
    """Open the memory of a writer. Return None if there is no `path`, or, with a message, if it cannot be read."""
    from tegashiki.evaluation.samples import EvaluationError
    from tegashiki.memory.file import MemoryFileError
    from tegashiki.memory.memory import WriterMemory

    if path is None:
        return None
    if not path.exists():
        raise EvaluationError(f"no memory {path}: `tegashiki memory learn` creates one")
    try:
        return WriterMemory.open(path)
    except MemoryFileError as error:
        print(f"{error}; reading goes on without it", file=sys.stderr)
        return None


def _named_samples(
    inks: list[str], lines: bool, is_new: Callable[[str], bool] | None = None
) -> Iterator[tuple[Any, str]]:
    """Yield the inks, or with `lines` their lines, with the names of the output, those for which `is_new` holds."""

    def has_lines(file: str) -> bool:
        """Whether an ink may have lines, whose names are known only once it is read."""
        return lines or _is_of_picture(file)

    for path in inks:

        def name(file: str, path: str = path) -> str:
            if len(inks) == 1:  # names are unique only within one folder or archive
                return file
            return _full_name(path, file)

        def wanted(file: str, name: Callable[[str], str] = name) -> bool:
            return is_new is None or has_lines(file) or is_new(name(file))

        for sample in _samples(path, lines, wanted):
            if is_new is None or not has_lines(sample.file) or is_new(name(sample.file)):
                yield sample, name(sample.file)


def _is_of_picture(name: str) -> bool:
    """Whether a name is that of a picture or, with a colon and a number, of a line in it."""
    from tegashiki.pictures.kinds import SUFFIXES

    file, _, number = name.rpartition(":")
    return (file if number.isdecimal() else name).lower().endswith(SUFFIXES)


def _samples(path: str, lines: bool, wanted: Callable[[str], bool] | None = None) -> Iterable[Any]:
    from tegashiki.evaluation.samples import Sample, ink_samples
    from tegashiki.ink.files import STANDARD_INPUT, read_standard_input
    from tegashiki.ink.ink import InkError
    from tegashiki.pictures.files import READERS

    if path != STANDARD_INPUT:
        for sample in ink_samples(Path(path), wanted=wanted, readers=READERS):
            yield from _lines(sample, lines)
        return
    try:
        yield from _lines(Sample(path, read_standard_input()), lines)
    except InkError as error:
        yield Sample(path, None, error=str(error))


def _lines(sample: Any, lines: bool) -> Iterable[Any]:
    """Return one sample for each line of writing of a picture, or with `lines` of an ink; any other sample as it is."""
    from tegashiki.ink.ink import Ink
    from tegashiki.pictures.files import split_lines
    from tegashiki.recognizer.lines import tell_apart

    inks = split_lines(sample.ink) if sample.ink else []
    if len(inks) == 1 and lines:
        ink = sample.ink
        apart = tell_apart(ink.strokes)
        inks = [Ink(tuple(ink.strokes[i] for i in line), writer=ink.writer, source=ink.source) for line in apart]
    if len(inks) < 2:
        return [sample]
    return [replace(sample, file=f"{sample.file}:{number}", ink=ink) for number, ink in enumerate(inks, start=1)]


def _read(recognizer: Any, named: tuple[Any, str], n: int, reject_below: float) -> dict[str, Any]:
    sample, name = named
    line: dict[str, Any] = {"file": name, "candidates": [], "ms": None, "error": sample.error}
    if sample.ink is None:  # the reason begins with the name, which is in the line already
        return {**line, "error": (sample.error or "").removeprefix(f"{sample.file}: ")}
    start = time.perf_counter()
    try:
        candidates = recognizer.recognize(sample.ink, n)
    except UserError as error:  # the model cannot take the ink, or finds no candidate that the grammar allows
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
        line["error"] = f"rejected: its best candidate has probability {candidates[0].probability:.2f}"
    return line


def _print(line: dict[str, Any], jsonl: bool) -> None:
    if jsonl:
        print(json.dumps(line, ensure_ascii=False))
    else:
        for candidate in line["candidates"]:
            print(f"{printable(line['file'])}\t{candidate['probability']:.4f}\t{candidate['latex']}")
    if line["error"]:
        print(printable(f"{line['file']}: {line['error']}"), file=sys.stderr)
