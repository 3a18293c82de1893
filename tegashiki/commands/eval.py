"""Judge a model on handwritten inks with known truths.

MODEL is a work directory, a checkpoint, a .tflite file, or the word `default`: the model that comes with the
package. Prints ExpRate (percent of inks read exactly), the same with at most one and two token edits, CER (token
edits over truth tokens, a fraction) and the milliseconds an ink takes. An ink that cannot be read, that is too
long for the model, or whose truth is missing counts as wrong and is named.
"""

import argparse
import os
from pathlib import Path
from typing import Any

NAMED_IN_TABLE = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `tegashiki eval`."""
    parser.add_argument("model", metavar="MODEL", help="work directory, checkpoint, .tflite, or default")
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--inkml", type=Path, metavar="PATH", help="an InkML file, a folder or a (compressed) tar")
    source.add_argument("--dataset", metavar="D", help="a prepared dataset, with --split")
    parser.add_argument("--labels", type=Path, metavar="TSV", help="truths: file name without suffix, tab, LaTeX")
    parser.add_argument("--split", metavar="S", help="the dataset's split, such as test_2014")
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help="where datasets are prepared")
    parser.add_argument("--beam", type=int, default=1, metavar="N", help="hypotheses kept, 1 to 5 (default 1, greedy)")
    parser.add_argument("--restrict", metavar="NAME", help="use a part of the vocabulary only: crohme")
    parser.add_argument("--no-grammar", action="store_true", help="also let the model write what does not parse")
    parser.add_argument("--processes", type=int, metavar="N", help="for a .tflite (default: all cores)")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the figures and every ink's reading there")


def run(args: argparse.Namespace) -> int:
    """Evaluate, print the table, write the JSON."""
    from tegashiki.evaluation.evaluate import evaluate, is_checkpoint, recognizer_opener
    from tegashiki.evaluation.report import table, write_json
    from tegashiki.evaluation.samples import dataset_samples, ink_samples, read_labels

    _check(args)
    settings = {"beams": args.beam, "restrict": args.restrict, "grammar": not args.no_grammar}
    processes = 1 if is_checkpoint(args.model) else args.processes or len(_cores())
    labels = read_labels(args.labels) if args.labels else None
    if args.dataset:
        samples = dataset_samples(args.dataset, args.split, args.data_dir)
    else:
        samples = ink_samples(args.inkml, labels)
    report = evaluate(recognizer_opener(args.model, **settings), samples, processes, len(labels) if labels else None)
    print(table([(args.model, report)]))
    _print_errors(report)
    if args.json:
        write_json(args.json, {"model": args.model, **_source(args), **settings, **report.to_json()})
    return 0


def _check(args: argparse.Namespace) -> None:
    """Refuse at once what would otherwise fail after minutes of work."""
    from tegashiki.evaluation.samples import EvaluationError

    if args.dataset and not args.split:
        raise EvaluationError(f"--dataset {args.dataset} needs --split, such as --split test_2014")
    if args.inkml and (args.split or args.data_dir):
        raise EvaluationError("--split and --data-dir go with --dataset, not with --inkml")
    if args.labels and not args.inkml:
        raise EvaluationError("--labels goes with --inkml: a prepared dataset has its truths inside")
    if args.processes is not None and args.processes < 1:
        raise EvaluationError(f"--processes {args.processes}: give 1 or more")
    if args.json and (args.json.is_dir() or not os.access(args.json.absolute().parent, os.W_OK)):
        raise EvaluationError(f"--json {args.json} cannot be written: give a file in a folder that exists")


def _source(args: argparse.Namespace) -> dict[str, str | None]:
    if args.dataset:
        return {"dataset": args.dataset, "split": args.split}
    return {"inkml": str(args.inkml), "labels": str(args.labels) if args.labels else None}


def _cores() -> range | set[int]:
    """Return the cores that this process may use."""
    return os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else range(os.cpu_count() or 1)


def _print_errors(report: Any) -> None:
    named = [reading for reading in report.per_ink if reading.error]
    if named:
        print(f"\n{len(named)} inks that cannot count as right:")
    for reading in named[:NAMED_IN_TABLE]:
        print(f"  {reading.file}: {reading.error}")
    if len(named) > NAMED_IN_TABLE:
        print(f"  ... and {len(named) - NAMED_IN_TABLE} more: --json OUT names all")
