"""Evaluate a model on handwritten inks with known truths.

    tegashiki eval MODEL --inkml PATH [--labels TSV]
    tegashiki eval MODEL --dataset D --split S
    tegashiki eval MODEL --pictures PATH --labels TSV

MODEL is a work directory, a checkpoint, a .tflite file, or `default` for the model that comes with the package. Prints
ExpRate (percent of inks recognised exactly), ExpRate with at most one and two token edits, CER (token edits / truth
tokens, a fraction) and the milliseconds per ink. Then it prints all figures with 95 % intervals; docs/evaluation.md
explains them. An ink that cannot be read, is too long for the model or has no truth counts as wrong and is listed.

--pictures reads photos and scans of handwriting (PNG, JPEG, WebP, BMP, TIFF, GIF): their strokes are traced first
(docs/pictures.md; extra `pictures`). All lines of a picture together are one ink.

    tegashiki eval --predictions TSV --inkml PATH

Scores the output of another recogniser (file name, tab, LaTeX) in the same way.

    tegashiki eval MODEL --inkml PATH --results OUT [--resume]

For very large sets: the memory does not grow with the number of inks. The result of each ink becomes a line of OUT as
soon as it is known, and the figures are added up ink by ink. After an interruption the same command with --resume
continues. Pages, label graphs, BLEU and the results by groups need all inks at once and are left out.

    tegashiki eval MODEL --inkml PATH --by-writer

Measures the effect of writer memory: each ink is recognised without and with what was learnt from earlier inks of its
writer, and then its truth is learnt. The inks of a writer are ordered by file name, or at random with --seed. Inks that
name no writer count as inks of one writer.
"""

import argparse
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tegashiki.commands.arguments import add_data_dir, usable_cores
from tegashiki.file_names import expand_home, expand_text, printable

Labels = dict[str, str] | None  # file name -> LaTeX

LISTED = 20  # inks that are listed with their errors


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `tegashiki eval`."""
    parser.add_argument(
        "model", nargs="?", type=expand_text, metavar="MODEL", help="work directory, checkpoint, .tflite, or `default`"
    )
    parser.add_argument(
        "--predictions", type=expand_home, metavar="TSV", help="score these instead of a MODEL: file name, tab, LaTeX"
    )
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument(
        "--inkml", type=expand_home, metavar="PATH", help="an InkML or JSON file, a folder, a zip or a (compressed) tar"
    )
    source.add_argument(
        "--pictures",
        type=expand_home,
        metavar="PATH",
        help="a picture, or a folder, zip or tar of some; needs --labels",
    )
    source.add_argument("--dataset", metavar="D", help="a prepared dataset; needs --split")
    parser.add_argument(
        "--labels",
        type=expand_home,
        metavar="TSV",
        help="truths of --inkml or --pictures: file name, tab, LaTeX (default: the labels in the InkML files)",
    )
    parser.add_argument("--split", metavar="S", help="split of the dataset, such as test_2014")
    add_data_dir(parser)
    parser.add_argument("--beam", type=int, default=1, metavar="N", help="beam width, 1 to 5 (default: 1, greedy)")
    parser.add_argument(
        "--restrict",
        metavar="NAME",
        help="restrict the output to a part of the vocabulary: crohme or calculator (default: no restriction)",
    )
    parser.add_argument(
        "--no-grammar", action="store_true", help="allow output that does not parse (default: forbidden)"
    )
    parser.add_argument(
        "--processes",
        type=int,
        metavar="N",
        help="processes that run a .tflite, 1 or more (default: one per core; checkpoints always use 1)",
    )
    parser.add_argument("--by-writer", action="store_true", help="also recognise with a memory of each writer")
    parser.add_argument(
        "--seed",
        type=int,
        metavar="N",
        help="with --by-writer: seed of a random order of each writer's inks (default: order of file names)",
    )
    parser.add_argument(
        "--json", type=expand_home, metavar="OUT", help="write the figures and the result of every ink to this file"
    )
    parser.add_argument(
        "--results",
        type=expand_home,
        metavar="OUT",
        help="write the result of each ink to this file as a JSON line as soon as it is known, in constant memory",
    )
    parser.add_argument("--resume", action="store_true", help="continue the file of --results if it exists")
    parser.add_argument(
        "--report", type=expand_home, metavar="DIR", help="write a page with charts and every ink to this folder"
    )
    parser.add_argument(
        "--label-graphs",
        type=expand_home,
        metavar="DIR",
        help="write CROHME label graphs (.lg files for LgEval) to this folder; older ones in "
        "DIR/{symbols,strokes}/{truth,read}/ are deleted",
    )


def run(args: argparse.Namespace) -> int:
    """Evaluate the model, print the tables and write the requested files; return the exit status."""
    from tegashiki.evaluation.figures import SEED
    from tegashiki.evaluation.report import figure_table, part_table, table, write_json
    from tegashiki.ink.labels import read_labels
    from tegashiki.open_model import origin

    _check(args)
    labels = read_labels(args.labels) if args.labels else None
    if args.results:
        return _run_with_results(args, labels)
    report = _judge(args, labels)
    if labels:
        _warn_of_unused(args.labels, labels, report)
    name = args.model or str(args.predictions)
    borrowed = _borrowed(args, report)
    found = origin(args.model, bootstrap=SEED)
    if args.json:  # before printing, which ends the command if the reader of a pipe closes it
        content = {"model": name, **_source(args), **_settings(args), **found, **borrowed, **_by_writer(args, report)}
        write_json(args.json, {**content, **report.to_json()})
    print(table([(name, report)]))
    print(f"\n{figure_table(report)}")
    if report.breakdown.part:
        print(f"\n{part_table(report, borrowed.get('borrowed', {}))}")
    if args.by_writer:
        from tegashiki.evaluation.by_writer import stage_table, stages

        print(f"\n{stage_table(stages(report.per_ink))}")
    _print_errors(report)
    if args.report:
        _write_report(args, name, report, found, labels)
    if args.label_graphs:
        _write_label_graphs(args, report, labels)
    return 0


def _run_with_results(args: argparse.Namespace, labels: Labels) -> int:
    """Evaluate in constant memory; return the exit status."""
    from tegashiki.evaluation.evaluate import evaluate_to_file
    from tegashiki.evaluation.result_lines import ResultLines
    from tegashiki.evaluation.running import RunningFigures
    from tegashiki.open_model import fingerprint, recognizer_opener

    figures = RunningFigures()
    settings = {"model": fingerprint(args.model), **_source(args), **_settings(args)}
    lines = ResultLines(args.results, settings, args.resume, figures.add_entry)
    samples = _samples(args, labels, lines.is_new)
    processes = _processes(args)
    evaluate_to_file(recognizer_opener(args.model, **_settings(args)), samples, lines, figures, processes)
    print(figures.table(args.model))
    if figures.failed:
        print(f"\n{figures.failed} inks cannot count as right: {args.results} says why")
    return 0


def _processes(args: argparse.Namespace) -> int:
    from tegashiki.open_model import is_checkpoint

    return 1 if is_checkpoint(args.model) else args.processes or usable_cores()


def _judge(args: argparse.Namespace, labels: Labels) -> Any:
    from tegashiki.evaluation.evaluate import evaluate
    from tegashiki.evaluation.predictions import judge_predictions
    from tegashiki.open_model import recognizer_opener

    if args.predictions:
        return judge_predictions(args.predictions, _samples(args, labels))
    expected = len(labels) if labels else None
    opener = recognizer_opener(args.model, **_settings(args))
    if args.by_writer:
        from tegashiki.evaluation.by_writer import evaluate_by_writer

        return evaluate_by_writer(opener, _samples(args, labels), args.seed, expected)
    return evaluate(
        recognizer_opener(args.model, **_settings(args)), _samples(args, labels), _processes(args), expected
    )


def _by_writer(args: argparse.Namespace, report: Any) -> dict[str, Any]:
    """Return the further content of the JSON file with --by-writer."""
    if not args.by_writer:
        return {}
    from tegashiki.evaluation.by_writer import stage_entries, stages

    return {"order_seed": args.seed, "by_writer": stage_entries(stages(report.per_ink))}


def _warn_of_unused(path: Path, labels: dict[str, str], report: Any) -> None:
    """Print a warning about labels that match no ink, because their names or the choice of inks may be wrong."""
    from tegashiki.ink.labels import unused_names

    warning = unused_names(labels, (result.file for result in report.per_ink), str(path))
    if warning:
        print(warning, file=sys.stderr)


def _samples(args: argparse.Namespace, labels: Labels, wanted: Callable[[str], bool] | None = None) -> Iterator[Any]:
    from tegashiki.evaluation.samples import dataset_samples, ink_samples
    from tegashiki.pictures.files import PICTURE_READERS

    if args.pictures:
        return ink_samples(args.pictures, labels, readers=PICTURE_READERS)
    if args.inkml:
        return ink_samples(args.inkml, labels, wanted)
    samples = dataset_samples(args.dataset, args.split, args.data_dir)
    return samples if wanted is None else (sample for sample in samples if wanted(sample.file))


def _borrowed(args: argparse.Namespace, report: Any) -> dict[str, Any]:
    """Return the percent of symbols drawn by other people, for a dataset whose inks are put together from parts."""
    from tegashiki.evaluation.samples import borrowed_shares

    shares = borrowed_shares(args.dataset, args.data_dir) if args.dataset and report.breakdown.part else {}
    return {"borrowed": shares} if shares else {}


def _settings(args: argparse.Namespace) -> dict[str, Any]:
    if args.predictions:
        return {}
    return {"beams": args.beam, "restrict": args.restrict, "grammar": not args.no_grammar}


def _write_report(args: argparse.Namespace, name: str, report: Any, found: dict[str, Any], labels: Labels) -> None:
    from tegashiki.evaluation.pages.report_page import workdir_of, write_report

    parts = [part for part in _source(args).values() if part]
    settings = [f"{key} {value}" for key, value in _settings(args).items() if value is not None]
    subtitle = ", ".join([" ".join(parts), *settings, *_origin(found)])
    path = write_report(args.report, name, subtitle, report, _samples(args, labels), workdir_of(args.model))
    print(f"\nopen {path}")


def _origin(found: dict[str, Any]) -> list[str]:
    """Return the seeds and versions of a report in words."""
    seeds = [f"{name} seed {seed}" for name, seed in found["seeds"].items() if seed is not None]
    return [*seeds, *(f"{package} {version}" for package, version in found["versions"].items())]


def _write_label_graphs(args: argparse.Namespace, report: Any, labels: Labels) -> None:
    from tegashiki.evaluation.label_graph import write_graphs

    written = write_graphs(args.label_graphs, _samples(args, labels), report.per_ink)
    print(f"\n{written} label graphs of truths and predictions in {args.label_graphs}")


def _check(args: argparse.Namespace) -> None:
    """Check the arguments before the evaluation, which can take minutes."""
    from tegashiki.evaluation.samples import EvaluationError
    from tegashiki.safe_files import check_output

    if (args.model is None) == (args.predictions is None):
        raise EvaluationError("give either a MODEL to evaluate or --predictions TSV with finished predictions")
    if args.predictions and (args.beam != 1 or args.restrict or args.no_grammar or args.processes):
        raise EvaluationError(
            "--beam, --restrict, --no-grammar and --processes go with a MODEL, not with --predictions: leave them out"
        )
    if args.resume and not args.results:
        raise EvaluationError("--resume continues the file of --results: give both")
    if args.results:
        others = ("predictions", "by_writer", "json", "report", "label_graphs")
        given = [f"--{name.replace('_', '-')}" for name in others if getattr(args, name)]
        if given:
            raise EvaluationError(f"{' and '.join(given)} cannot be made with --results: leave out one or the other")
        check_output("--results", args.results, args.model, args.inkml, args.labels)
    if args.by_writer and args.predictions:
        raise EvaluationError(
            "--by-writer goes with a MODEL, not with --predictions: finished predictions cannot learn"
        )
    if args.seed is not None and not args.by_writer:
        raise EvaluationError("--seed sets the order of each writer's inks and goes with --by-writer: give both")
    if args.by_writer and args.processes not in (None, 1):
        raise EvaluationError(
            f"--processes {args.processes}: --by-writer runs in one process, as each ink depends on the one before: "
            "leave --processes out"
        )
    if args.pictures and not args.labels:
        raise EvaluationError("--pictures needs --labels TSV: a picture does not contain its truth")
    if args.dataset is not None and not args.split:
        raise EvaluationError(f"--dataset {args.dataset} needs --split, such as --split test_2014")
    if args.dataset is None and (args.split or args.data_dir):
        raise EvaluationError("--split and --data-dir go with --dataset, not with --inkml or --pictures")
    if args.labels and args.dataset is not None:
        raise EvaluationError("--labels goes with --inkml or --pictures: a prepared dataset contains its truths")
    if args.processes is not None and args.processes < 1:
        raise EvaluationError(f"--processes {args.processes}: give 1 or more")
    for folder in filter(None, (args.report, args.label_graphs)):
        there = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
        if not there.is_dir():
            raise EvaluationError(f"{there} is a file: give a folder, which is created if it does not exist")
    if args.json:
        check_output("--json", args.json, args.model, args.predictions, args.inkml, args.pictures, args.labels)


def _source(args: argparse.Namespace) -> dict[str, str | None]:
    if args.dataset is None:
        kind = "pictures" if args.pictures else "inkml"
        return {kind: str(args.pictures or args.inkml), "labels": str(args.labels) if args.labels else None}
    return {"dataset": args.dataset, "split": args.split}


def _print_errors(report: Any) -> None:
    failed = [result for result in report.per_ink if result.error]
    if failed:
        print(f"\n{len(failed)} inks that cannot count as right:")
    for result in failed[:LISTED]:
        print(printable(f"  {result.file}: {result.error}"))
    if len(failed) > LISTED:
        print(f"  ... and {len(failed) - LISTED} more: --json OUT lists all")
