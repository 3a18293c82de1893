"""See the whole system work in minutes: train on synthetic ink, evaluate, export, read. Needs a checkout.

    make quickstart

Trains the config on embedded ink, and beside it, equally long, its blind decoder, which sees no strokes and shows
what knowing the language of formulas alone is worth. Exports the model to int8 TFLite, reads held-out ink from that
file and, with the model that comes with the package, a few real inks. WORKDIR then holds model/ and blind/ (work
directories of `tegashiki train`), model.tflite and inks.png. The same command again goes on where it was stopped. Run
it in the repository's root.
"""

import argparse
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from tegashiki.errors import UserError

SPLIT = "test"  # neither its formulas nor its writers occur in training
SHOWN = 8  # of its inks in the picture
STROKES = 32  # that the exported file takes; this ink has 20 at most


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `tegashiki quickstart`."""
    parser.add_argument("--workdir", type=Path, default=Path("runs/quickstart"), help="default runs/quickstart")
    parser.add_argument("--config", default="configs/quickstart.py", help="default configs/quickstart.py")
    parser.add_argument(
        "--set",
        dest="settings",
        action="append",
        default=[],
        metavar="SECTION.KEY=VALUE",
        help="override a setting of the config; may be given several times",
    )
    parser.add_argument(
        "--real-ink",
        type=Path,
        default=Path("tests/fixtures/crohme"),
        metavar="PATH",
        help="InkML for the shipped model to read (default tests/fixtures/crohme)",
    )


def run(args: argparse.Namespace) -> int:
    """Do it all; 1 where the model reads no better than the blind decoder."""
    model, blind, file = (args.workdir / name for name in ("model", "blind", "model.tflite"))
    settings = [word for setting in args.settings for word in ("--set", setting)]
    args.workdir.mkdir(parents=True, exist_ok=True)
    _tegashiki("train", args.config, "--workdir", model, *settings)
    _tegashiki("train", args.config, "--workdir", blind, *settings, "--set", "model.blind=true")
    _tegashiki("export", model, "--output", file, "--quantize", "int8", "--strokes", STROKES)

    print(f"\njudging on the {SPLIT} split of the embedded ink: other formulas by other writers", flush=True)
    rows = [
        # The last checkpoint: with an ExpRate near 0 from first to last, "best" would be the first of them.
        ("blind decoder, sees no strokes", *_judge_checkpoint(blind, "latest")),
        ("the model", *_judge_checkpoint(model, "best")),
        ("the model as int8 .tflite", None, _judge_file(file)),
    ]
    picture = args.workdir / "inks.png"
    _draw([*_read_embedded(file), *_read_real(args.real_ink)], picture)
    print(f"\n{picture} shows these inks and what was read\n\n{_table(rows)}")
    if rows[1][2].exprate <= rows[0][2].exprate:
        print("the model reads no better than the blind decoder: it has not learnt to see", file=sys.stderr)
        return 1
    return 0


def _tegashiki(*words: Any) -> None:
    """Run another subcommand in a process of its own: each sets up JAX or TensorFlow for itself."""
    texts = [str(word) for word in words]
    print(f"\n$ tegashiki {' '.join(texts)}", flush=True)
    status = subprocess.run([sys.executable, "-m", "tegashiki.cli", *texts], check=False).returncode
    if status:
        raise UserError(f"tegashiki {texts[0]} ended with status {status}; what it said is above")


def _judge_checkpoint(workdir: Path, kind: str) -> tuple[float, Any]:
    """Return the accuracy on known tokens (a fraction, end tokens aside) and the scores of free greedy decoding."""
    from tegashiki.training.checkpoint import load_checkpoint
    from tegashiki.training.feed import open_feed
    from tegashiki.training.validation import make_validate

    checkpoint = load_checkpoint(workdir, kind)
    # A feed has training ink too: the least of it. One shape, since each is compiled.
    data = replace(checkpoint.config.data, validation=SPLIT, validation_inks=0, train_inks=1, buckets=1)
    feed = open_feed(replace(checkpoint.config, data=data), checkpoint.vocabulary, None, 1)
    found = make_validate(checkpoint.model, checkpoint.vocabulary, feed, data.limits.tokens)(checkpoint.state.ema)
    return found.accuracy_without_end, found.score


def _judge_file(file: Path) -> Any:
    from tegashiki.evaluation.evaluate import evaluate
    from tegashiki.evaluation.samples import dataset_samples
    from tegashiki.open_model import recognizer_opener

    return evaluate(recognizer_opener(str(file), beams=1), dataset_samples("embedded", SPLIT, None)).scores


def _read_embedded(file: Path) -> list[Any]:
    from tegashiki.evaluation.samples import dataset_samples
    from tegashiki.recognizer.recognizer import Recognizer

    print(f"\nembedded ink, read by {file}:")
    return _read(Recognizer.load(file), dataset_samples("embedded", f"{SPLIT}[:{SHOWN}]", None))


def _read_real(path: Path) -> list[Any]:
    """Read real ink with the shipped model, if both are there."""
    from tegashiki.evaluation.samples import ink_samples
    from tegashiki.recognizer.recognizer import DEFAULT_MODEL, Recognizer

    missing = [each for each in (DEFAULT_MODEL, path) if not each.exists()]
    if missing:
        print(f"\nno real ink is read: there is no {missing[0]}")
        return []
    print(f"\nreal ink, {path}, read by the model that comes with the package:")
    try:
        return _read(Recognizer.load(), ink_samples(path))
    except UserError as error:  # a damaged tar, say: the table is worth more
        print(f"  {error}")
        return []


def _read(recognizer: Any, samples: Iterable[Any]) -> list[Any]:
    """Print the three likeliest readings of each ink, or why it has none; returns the likeliest for the picture."""
    from tegashiki.evaluation.drawing import SheetEntry
    from tegashiki.evaluation.evaluate import judge_truth

    readings = []
    for sample in samples:
        try:
            if sample.ink is None:
                raise UserError(sample.error)
            candidates = recognizer.recognize(sample.ink, 3)
        except UserError as error:  # too long, say
            print(f"  not read: {sample.file}: {str(error).removeprefix(f'{sample.file}: ')}")
            continue
        print("  " + "   ".join(f"{candidate.latex} ({candidate.probability:.2f})" for candidate in candidates))
        readings.append(SheetEntry(sample.ink, " ".join(candidates[0].tokens), judge_truth(sample.truth)[0]))
    return readings


def _draw(readings: list[Any], path: Path) -> None:
    from tegashiki.evaluation.drawing import draw_sheet

    draw_sheet(readings, path, title="green: read as written; red: not, the truth below")


def _table(rows: list[tuple[str, float | None, Any]]) -> str:
    from tegashiki.evaluation.report import align

    lines: list[tuple[str, ...]] = [("held-out embedded ink", "token accuracy", "ExpRate", "<=1", "<=2", "CER")]
    for name, accuracy, scores in rows:
        rates = (f"{rate:.1f} %" for rate in (scores.exprate, scores.exprate_le1, scores.exprate_le2))
        lines.append((name, "" if accuracy is None else f"{100 * accuracy:.1f} %", *rates, f"{scores.cer:.3f}"))
    return align(lines)
