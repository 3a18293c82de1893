r"""Show and change a writer memory: the file in which `tegashiki recognize --memory FILE` finds what was learnt.

    tegashiki memory show me.json                              list the formulas, one per line
    tegashiki memory learn me.json inks/ --labels truths.tsv   learn inks with their labels
    tegashiki memory learn me.json x.inkml --latex 'x^{2}'     learn one ink with this label
    tegashiki memory forget me.json 12                         forget a formula by its number in `show`
    tegashiki memory forget me.json 'x^{2}'                    forget all formulas with this LaTeX
    tegashiki memory forget me.json --all                      forget all formulas
    tegashiki memory merge me.json phone.json tablet.json      add the formulas of other files
    tegashiki memory export me.json inks/                      write InkML, for fine-tuning (docs/input-method.md)
    tegashiki memory introduction me.json                      list symbols to draw first, without those in the file

The file is written atomically. After an error it is unchanged.
"""

from __future__ import annotations

import argparse
import sys
import time
from typing import TYPE_CHECKING

from tegashiki.file_names import expand_home, expand_text, printable

if TYPE_CHECKING:
    from tegashiki.memory.formula import Formula
    from tegashiki.memory.memory import WriterMemory

SHOWN_DIGITS = 20  # of a number in an error


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `tegashiki memory`."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True, help="the action")
    show = _action(actions, "show", "list the formulas: number, date, tokens that the model missed, LaTeX")
    show.add_argument("--last", type=int, metavar="N", help="only the last N formulas, 1 or more (default: all)")
    learn = _action(actions, "learn", "learn inks with their labels; creates the file if it does not exist")
    learn.add_argument(
        "inks",
        nargs="+",
        type=expand_home,
        metavar="INK_OR_DIR",
        help="InkML or JSON files, or folders, zips or tars of them",
    )
    learn.add_argument(
        "--labels",
        type=expand_home,
        metavar="TSV",
        help="labels: file name, tab, LaTeX (default: the labels in the files)",
    )
    learn.add_argument("--latex", metavar="LATEX", help="label of a single ink (default: the label in its file)")
    learn.add_argument(
        "--model",
        type=expand_text,
        default="default",
        metavar="MODEL",
        help="the .tflite file that will use the memory (default: the model that comes with the package)",
    )
    forget = _action(actions, "forget", "forget formulas by number or by LaTeX, or all formulas")
    forget.add_argument("which", nargs="*", metavar="NUMBER_OR_LATEX", help="as listed by `show`")
    forget.add_argument("--all", action="store_true", help="forget all formulas")
    merge = _action(actions, "merge", "add the formulas of other memories; creates the file if it does not exist")
    merge.add_argument(
        "others", nargs="+", type=expand_home, metavar="OTHER", help="memories to read; they are not changed"
    )
    introduction = _action(
        actions, "introduction", "list symbols to draw as an introduction, most confused first; the file may be missing"
    )
    introduction.add_argument(
        "--restrict", metavar="NAME", help="only symbols of this restriction, as of `recognize` (default: all)"
    )
    export = _action(actions, "export", "write the formulas as InkML")
    export.add_argument("folder", type=expand_home, metavar="DIR", help="the folder to write to; it is created")
    export.add_argument(
        "--writer", default="", metavar="NAME", help="writer annotation of every file (default: no annotation)"
    )


def _action(actions: argparse._SubParsersAction, name: str, text: str) -> argparse.ArgumentParser:
    parser = actions.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")
    parser.add_argument("file", type=expand_home, metavar="FILE", help="the memory, a .json file")
    return parser


def run(args: argparse.Namespace) -> int:
    """Run one action; return the exit status, 1 if an ink could not be learnt."""
    from tegashiki.memory.formula import LearningError
    from tegashiki.memory.memory import WriterMemory

    if args.action not in ("learn", "merge", "introduction") and not args.file.exists():
        raise LearningError(f"no memory {args.file}: `tegashiki memory learn` creates one")
    memory = WriterMemory.open(args.file)
    actions = {
        "show": _show,
        "learn": _learn,
        "forget": _forget,
        "merge": _merge,
        "export": _export,
        "introduction": _introduction,
    }
    return actions[args.action](args, memory)


def _show(args: argparse.Namespace, memory: WriterMemory) -> int:
    from tegashiki.memory.formula import LearningError

    if args.last is not None and args.last < 1:
        raise LearningError(f"--last {args.last}: give 1 or more")
    formulas = list(enumerate(memory.formulas))
    for number, formula in formulas[-args.last :] if args.last else formulas:
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(formula.learnt))
        missed = "?" if formula.keys is None else formula.keys.missed
        among = "" if formula.allowed is None else f"\tamong {len(formula.allowed)} tokens"
        print(f"{number}\t{when}\t{missed}/{formula.size}\t{formula.latex}{among}")
    size = args.file.stat().st_size / 1000
    print(f"{len(memory)} formulas, {memory.tokens} of at most {memory.most_tokens} tokens, {size:.0f} kB")
    return 0


def _learn(args: argparse.Namespace, memory: WriterMemory) -> int:
    from tegashiki.errors import UserError
    from tegashiki.evaluation.samples import ink_samples
    from tegashiki.ink.labels import read_labels
    from tegashiki.memory.formula import LearningError
    from tegashiki.open_model import open_model

    if args.labels and args.latex is not None:
        raise LearningError("--labels and --latex both give the label of the ink: give only one of them")
    labels = read_labels(args.labels) if args.labels else None
    samples = [sample for path in args.inks for sample in ink_samples(path, labels)]
    if args.latex is not None and len(samples) != 1:
        raise LearningError(
            f"--latex is the label of one ink, and there are {len(samples)} inks: give --labels TSV instead"
        )
    recognizer = open_model(args.model, memory=memory)
    failed, before = 0, len(memory)
    for sample in samples:
        latex = args.latex if args.latex is not None else sample.truth
        try:
            if sample.ink is None:
                raise LearningError(sample.error or "cannot be read")
            memory.learn(sample.ink, latex)
        except UserError as error:
            failed += 1
            _complain(sample.file, error)
    if not samples:
        raise LearningError(f"no ink in {', '.join(map(str, args.inks))}: give files or folders of .inkml or .json")
    if failed < len(samples):
        recognizer.make_keys()
        memory.save()
    _say(memory, before, f"{len(samples) - failed} of {len(samples)} inks learnt")
    return 1 if failed else 0


def _forget(args: argparse.Namespace, memory: WriterMemory) -> int:
    from tegashiki.memory.formula import LearningError

    if args.all == bool(args.which):
        raise LearningError("give the formulas to forget, either by numbers or LaTeX, or with --all")
    before = len(memory)
    if args.all:
        memory.clear()
    for each in _chosen(args.which, memory):
        memory.forget(each)
    memory.save()
    _say(memory, before, f"{before - len(memory)} formulas forgotten")
    return 0


def _chosen(choices: list[str], memory: WriterMemory) -> list[Formula]:
    """Return the formulas chosen by number or LaTeX, each once although several choices can name it."""
    from tegashiki.memory.formula import LearningError

    formulas = memory.formulas
    chosen: dict[int, Formula] = {}
    for choice in choices:
        if not choice.isdecimal():
            found = memory.find(choice)
        elif len(choice.lstrip("0")) <= len(str(len(formulas))) and int(choice) < len(formulas):
            found = [formulas[int(choice)]]
        else:
            number = choice if len(choice) <= SHOWN_DIGITS else f"{choice[:SHOWN_DIGITS]}..."
            raise LearningError(f"no formula {number}: the memory has {len(formulas)}, numbered from 0")
        chosen.update((id(formula), formula) for formula in found)
    return list(chosen.values())


def _merge(args: argparse.Namespace, memory: WriterMemory) -> int:
    from tegashiki.memory.formula import LearningError
    from tegashiki.memory.memory import WriterMemory

    missing = [path for path in args.others if not path.exists()]
    if missing:
        raise LearningError(f"no memory {missing[0]}: give files that `tegashiki memory` or a recogniser wrote")
    others = [WriterMemory.open(path) for path in args.others]
    before = len(memory)
    for other in others:
        memory.merge(other)
    memory.save()
    _say(memory, before, f"{len(others)} memories merged")
    return 0


def _export(args: argparse.Namespace, memory: WriterMemory) -> int:
    count = memory.export(args.folder, args.writer)
    print(f"{args.folder}: {count} inks")
    return 0


def _introduction(args: argparse.Namespace, memory: WriterMemory) -> int:
    from tegashiki.latex.vocabulary import RESTRICTIONS
    from tegashiki.memory.formula import LearningError
    from tegashiki.memory.introduction import introduction

    if args.restrict is not None and args.restrict not in RESTRICTIONS:
        names = ", ".join(sorted(RESTRICTIONS))
        raise LearningError(f"no restriction {args.restrict!r}: choose from {names}")
    writable = None if args.restrict is None else RESTRICTIONS[args.restrict]
    for symbol in introduction(memory, writable):
        print(symbol)
    return 0


def _say(memory: WriterMemory, before: int, what: str) -> None:
    print(f"{memory.path}: {what}; {before} formulas before, {len(memory)} now, {memory.tokens} tokens")


def _complain(file: str, error: Exception) -> None:
    print(printable(f"{file}: {error}"), file=sys.stderr)
