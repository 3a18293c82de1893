"""Judge a model on handwritten inks with known truths.

MODEL is a work directory, a checkpoint, a .tflite file, or the word `default`: the model that comes with the
package. Prints ExpRate (percent of inks read exactly), the same with at most one and two token edits, CER (token
edits over truth tokens, a fraction) and the milliseconds an ink takes, then all figures with 95 % intervals; what
each means is in docs/evaluation.md. An ink that cannot be read, that is too long for the model, or whose truth is
missing counts as wrong and is named.

    tegashiki eval --predictions TSV ...

scores somebody else's output (file name, tab, LaTeX) in the same way.

    tegashiki eval MODEL --inkml PATH --by-writer

shows what a memory of each writer gives: an ink is read without and with what was learnt of its writer before, then its
truth is learnt. Inks come by file name, with --seed by lot; those that name no writer are one writer's.
"""

import argparse
import sys
from pathlib import Path
from typing import Any

from tegashiki.commands.arguments import add_data_dir, usable_cores

Labels = dict[str, str] | None  # file name -> LaTeX

NAMED_IN_TABLE = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `tegashiki eval`."""
    parser.add_argument("model", nargs="?", metavar="MODEL", help="work directory, checkpoint, .tflite, or default")
    parser.add_argument("--predictions", type=Path, metavar="TSV", help="in place of MODEL: file name, tab, LaTeX")
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument(
        "--inkml", type=Path, metavar="PATH", help="an InkML file, a folder, a zip or a (compressed) tar"
    )
    source.add_argument("--dataset", metavar="D", help="a prepared dataset, with --split")
    parser.add_argument("--labels", type=Path, metavar="TSV", help="truths: file name, tab, LaTeX")
    parser.add_argument("--split", metavar="S", help="the dataset's split, such as test_2014")
    add_data_dir(parser)
    parser.add_argument("--beam", type=int, default=1, metavar="N", help="hypotheses kept, 1 to 5 (default 1, greedy)")
    parser.add_argument("--restrict", metavar="NAME", help="use a part of the vocabulary only: crohme or calculator")
    parser.add_argument("--no-grammar", action="store_true", help="also let the model write what does not parse")
    parser.add_argument("--processes", type=int, metavar="N", help="for a .tflite (default: all cores)")
    parser.add_argument("--by-writer", action="store_true", help="also read with a memory of each ink's writer")
    parser.add_argument("--seed", type=int, metavar="N", help="of the order of a writer's inks (default: file names)")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the figures and every ink's reading there")
    parser.add_argument("--report", type=Path, metavar="DIR", help="write one page with charts and every ink there")
    parser.add_argument(
        "--label-graphs",
        type=Path,
        metavar="DIR",
        help="write CROHME's .lg files there, for LgEval; those in DIR/{symbols,strokes}/{truth,read}/ are replaced",
    )


def run(args: argparse.Namespace) -> int:
    """Evaluate, print the tables, write the files asked for."""
    from tegashiki.evaluation.figures import SEED
    from tegashiki.evaluation.report import figure_table, part_table, table, write_json
    from tegashiki.ink.labels import read_labels
    from tegashiki.open_model import origin

    _check(args)
    labels = read_labels(args.labels) if args.labels else None
    report = _judge(args, labels)
    if labels:
        _warn_of_unused(args.labels, labels, report)
    name = args.model or str(args.predictions)
    borrowed = _borrowed(args, report)
    found = origin(args.model, bootstrap=SEED)
    if args.json:  # first: whoever reads what is printed may stop reading
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


def _judge(args: argparse.Namespace, labels: Labels) -> Any:
    from tegashiki.evaluation.evaluate import evaluate
    from tegashiki.evaluation.predictions import judge_predictions
    from tegashiki.open_model import is_checkpoint, recognizer_opener

    if args.predictions:
        return judge_predictions(args.predictions, _samples(args, labels))
    processes = 1 if is_checkpoint(args.model) else args.processes or usable_cores()
    expected = len(labels) if labels else None
    if args.by_writer:
        from tegashiki.evaluation.by_writer import evaluate_by_writer

        opener = recognizer_opener(args.model, **_settings(args))
        return evaluate_by_writer(opener, _samples(args, labels), args.seed, expected)
    return evaluate(recognizer_opener(args.model, **_settings(args)), _samples(args, labels), processes, expected)


def _by_writer(args: argparse.Namespace, report: Any) -> dict[str, Any]:
    """Return what a result also says where inks were read by writer."""
    if not args.by_writer:
        return {}
    from tegashiki.evaluation.by_writer import stage_entries, stages

    return {"order_seed": args.seed, "by_writer": stage_entries(stages(report.per_ink))}


def _warn_of_unused(path: Path, labels: dict[str, str], report: Any) -> None:
    """Say which truths were for no ink: their names, or the ink, may be others than was meant."""
    from tegashiki.ink.labels import unused_names

    warning = unused_names(labels, (reading.file for reading in report.per_ink), str(path))
    if warning:
        print(warning, file=sys.stderr)


def _samples(args: argparse.Namespace, labels: Labels) -> Any:
    from tegashiki.evaluation.samples import dataset_samples, ink_samples

    if args.inkml:
        return ink_samples(args.inkml, labels)
    return dataset_samples(args.dataset, args.split, args.data_dir)


def _borrowed(args: argparse.Namespace, report: Any) -> dict[str, Any]:
    """Return what a dataset that is put together says of symbols by other people than the ink's own."""
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
    """Say in words what a report came from: seeds and versions."""
    seeds = [f"{name} seed {seed}" for name, seed in found["seeds"].items() if seed is not None]
    return [*seeds, *(f"{package} {version}" for package, version in found["versions"].items())]


def _write_label_graphs(args: argparse.Namespace, report: Any, labels: Labels) -> None:
    from tegashiki.evaluation.label_graph import write_graphs

    written = write_graphs(args.label_graphs, _samples(args, labels), report.per_ink)
    print(f"\n{written} label graphs of truths and readings in {args.label_graphs}")


def _check(args: argparse.Namespace) -> None:
    """Refuse at once what would otherwise fail after minutes of work."""
    from tegashiki.evaluation.samples import EvaluationError
    from tegashiki.safe_files import check_output

    if (args.model is None) == (args.predictions is None):
        raise EvaluationError("give either a MODEL to judge or --predictions TSV with what was read already")
    if args.predictions and (args.beam != 1 or args.restrict or args.no_grammar or args.processes):
        raise EvaluationError(
            "--beam, --restrict, --no-grammar and --processes go with a MODEL, not with --predictions"
        )
    if args.by_writer and args.predictions:
        raise EvaluationError("--by-writer goes with a MODEL, which reads; --predictions TSV is read already")
    if args.seed is not None and not args.by_writer:
        raise EvaluationError("--seed is the order of each writer's inks: it goes with --by-writer")
    if args.by_writer and args.processes not in (None, 1):
        raise EvaluationError(
            f"--processes {args.processes}: with --by-writer one process reads, since each ink waits for the one before"
        )
    if not args.inkml and not args.split:
        raise EvaluationError(f"--dataset {args.dataset} needs --split, such as --split test_2014")
    if args.inkml and (args.split or args.data_dir):
        raise EvaluationError("--split and --data-dir go with --dataset, not with --inkml")
    if args.labels and not args.inkml:
        raise EvaluationError("--labels goes with --inkml: a prepared dataset has its truths inside")
    if args.processes is not None and args.processes < 1:
        raise EvaluationError(f"--processes {args.processes}: give 1 or more")
    for folder in filter(None, (args.report, args.label_graphs)):
        there = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
        if not there.is_dir():
            raise EvaluationError(f"{there} is a file: give a folder, which is made where it is not there")
    if args.json:
        check_output("--json", args.json, args.model, args.predictions, args.inkml, args.labels)


def _source(args: argparse.Namespace) -> dict[str, str | None]:
    if args.inkml:
        return {"inkml": str(args.inkml), "labels": str(args.labels) if args.labels else None}
    return {"dataset": args.dataset, "split": args.split}


def _print_errors(report: Any) -> None:
    named = [reading for reading in report.per_ink if reading.error]
    if named:
        print(f"\n{len(named)} inks that cannot count as right:")
    for reading in named[:NAMED_IN_TABLE]:
        print(f"  {reading.file}: {reading.error}")
    if len(named) > NAMED_IN_TABLE:
        print(f"  ... and {len(named) - NAMED_IN_TABLE} more: --json OUT names all")
