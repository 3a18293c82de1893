"""NaN in a batch, an empty batch, a damaged record, a changed vocabulary, a newer format, settings not known here."""

import argparse
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.reliability.faults.harness import (
    STEPS,
    Row,
    Undisturbed,
    newest,
    shortened,
    start,
    train_arguments,
    train_with,
)
from benchmarks.reliability.faults.process import Process

BATCHES = {"nan": "NaN in a batch", "empty": "a batch without ink"}


def wrong(args: argparse.Namespace, undisturbed: Undisturbed) -> Iterator[Row]:
    folder = args.work / "wrong"
    shutil.rmtree(folder, ignore_errors=True)
    for change, pattern in (("nan", f"not finite at step {STEPS // 2 + 1}"), ("empty", f"step {STEPS // 2 + 1}")):
        workdir = folder / change / "run"
        ended = start(workdir, change=change).ended()
        last = newest(workdir)
        good = ended.refuses(pattern) and last == STEPS // 2 and not undisturbed.problem_of(workdir)
        yield Row("wrong", BATCHES[change], f"step {last} kept: {shortened(ended.last_line)}", good, ended.seconds)
    yield damaged_record(folder)
    yield from changed_descriptions(folder, undisturbed)


def damaged_record(folder: Path) -> Row:
    data = folder / "record"
    data.mkdir(parents=True)
    command = ["-m", "tegashiki.cli", "prepare", "embedded", "--limit", "20", "--data-dir", str(data)]
    prepared = Process(command, data).ended()
    if prepared.status:
        return Row("wrong", "a damaged record", f"cannot prepare: {prepared.last_line}", False)
    path = next(path for path in data.rglob("*-train.array_record*") if path.is_file())
    content = bytearray(path.read_bytes())
    for place in range(len(content) // 20, len(content) // 5, 500):  # the records come first, then padding
        content[place] ^= 0xFF
    path.write_bytes(content)
    arguments = train_arguments(data / "run", data__dataset="embedded/limit_20", data__train_inks=0)
    ended = Process(lambda: train_with("", [*arguments, "--data-dir", str(data)]), data).ended()
    good = ended.refuses("embedded/limit_20.* record")
    return Row("wrong", "bytes of a dataset's records changed", shortened(ended.last_line), good, ended.seconds)


def changed_descriptions(folder: Path, undisturbed: Undisturbed) -> Iterator[Row]:
    """Resume from checkpoints whose description says something else, with checksums that fit."""

    def vocabulary(about: dict) -> None:
        tokens = json.loads(about["vocabulary"])["tokens"]
        about["vocabulary"] = json.dumps({"tokens": tokens[:-1]})

    cases: dict[str, tuple[Callable[[dict], object], str]] = {
        "a vocabulary with one token less": (vocabulary, "cannot be restored.*; .* is whole"),
        "a newer checkpoint format": (lambda about: about.update(format=99), "has format 99.*update tegashiki"),
        "settings of a newer version": (lambda about: about["config"]["model"].update(x=1), "does not know: x"),
    }
    for number, (case, (change, pattern)) in enumerate(cases.items()):
        workdir = folder / f"about{number}" / "run"
        shutil.copytree(undisturbed.workdir, workdir)
        rewrite_description(workdir, change)
        ended = start(workdir).ended()
        yield Row("wrong", case, shortened(ended.last_line), ended.refuses(pattern), ended.seconds)


def rewrite_description(workdir: Path, change: Callable[[dict], object]) -> None:
    """Change the newest checkpoint's description and its checksum, as the version that wrote it would have done."""
    from tegashiki.training.checkpoint import find_checkpoint
    from tegashiki.training.checksums import of_json

    path = Path(str(find_checkpoint(workdir, "latest"))) / "about" / "metadata"
    about = json.loads(path.read_text())
    change(about)
    about["checksums"]["about"] = of_json({name: about[name] for name in about if name != "checksums"})
    path.write_text(json.dumps(about))
