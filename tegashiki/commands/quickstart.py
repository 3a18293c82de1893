"""Train, evaluate, export and run a small model on synthetic ink, in minutes. Run it in the root of a checkout.

    make quickstart

Trains a small model on embedded ink. For comparison it trains the same model for the same number of steps without
strokes as input (the blind decoder), which shows how far knowledge of formulas alone goes. Exports the model as an int8
.tflite file and recognises held-out ink with it. Recognises a few real inks with the model that comes with the package.

WORKDIR then contains model/ and blind/ (work directories of `tegashiki train`), model.tflite and inks.png. After an
interruption the same command continues the training.
"""

import argparse
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from tegashiki.errors import UserError
from tegashiki.file_names import expand_home, expand_text

SPLIT = "test"  # neither its formulas nor its writers occur in training
SHOWN = 8  # inks of the split in the picture
STROKES = 32  # limit of the exported file; embedded ink has at most 20 strokes


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `tegashiki quickstart`."""
    parser.add_argument(
        "--workdir",
        type=expand_home,
        default=Path("runs/quickstart"),
        help="folder for all files of the quickstart (default: runs/quickstart)",
    )
    parser.add_argument(
        "--config",
        type=expand_text,
        default="configs/quickstart.py",
        help="config of the model and its training (default: configs/quickstart.py)",
    )
    parser.add_argument(
        "--set",
        dest="settings",
        action="append",
        default=[],
        metavar="SECTION.KEY=VALUE",
        help="override a setting of the config, such as train.steps=100; may be given several times",
    )
    parser.add_argument(
        "--real-ink",
        type=expand_home,
        default=Path("tests/fixtures/crohme"),
        metavar="PATH",
        help="real ink to recognise with the model of the package (default: tests/fixtures/crohme)",
    )


def run(args: argparse.Namespace) -> int:
    """Run all steps; return the exit status, 1 if the model is no better than the blind decoder."""
    model, blind, file = (args.workdir / name for name in ("model", "blind", "model.tflite"))
    settings = [word for setting in args.settings for word in ("--set", setting)]
    args.workdir.mkdir(parents=True, exist_ok=True)
    _tegashiki("train", args.config, "--workdir", model, *settings)
    _tegashiki("train", args.config, "--workdir", blind, *settings, "--set", "model.blind=true")
    _tegashiki("export", model, "--output", file, "--quantize", "int8", "--strokes", STROKES)

    print(f"\nevaluating on the {SPLIT} split of the embedded ink: other formulas by other writers", flush=True)
    rows = [
        # Its ExpRate stays near 0, so its "best" checkpoint would be the first one. Use the last.
        ("blind decoder, sees no strokes", *_judge_checkpoint(blind, "latest")),
        ("the model", *_judge_checkpoint(model, "best")),
        ("the model as int8 .tflite", None, _judge_file(file)),
    ]
    picture = args.workdir / "inks.png"
    _draw([*_read_embedded(file), *_read_real(args.real_ink)], picture)
    print(f"\n{picture} shows these inks with the recognised LaTeX\n\n{_table(rows)}")
    if rows[1][2].exprate <= rows[0][2].exprate:
        print("the model is no better than the blind decoder: it has not learnt to use the strokes", file=sys.stderr)
        return 1
    return 0


def _tegashiki(*words: Any) -> None:
    """Run another subcommand in its own process, because each configures JAX or TensorFlow differently."""
    texts = [str(word) for word in words]
    print(f"\n$ tegashiki {' '.join(texts)}", flush=True)
    status = subprocess.run([sys.executable, "-m", "tegashiki.cli", *texts], check=False).returncode
    if status:
        raise UserError(f"tegashiki {texts[0]} ended with status {status}: see its output above")


def _judge_checkpoint(workdir: Path, kind: str) -> tuple[float, Any]:
    """Evaluate a checkpoint on the test split.

    Returns:
        The token accuracy with teacher forcing (a fraction, without end tokens) and the scores of greedy decoding.
    """
    from tegashiki.training.checkpoint import load_checkpoint
    from tegashiki.training.feed import open_feed
    from tegashiki.training.validation import make_validate

    checkpoint = load_checkpoint(workdir, kind)
    # A feed needs training ink too: take one. Use a single shape, because each shape is compiled.
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

    print(f"\nembedded ink, recognised by {file}:")
    return _read(Recognizer.load(file), dataset_samples("embedded", f"{SPLIT}[:{SHOWN}]", None))


def _read_real(path: Path) -> list[Any]:
    """Recognise real ink with the model of the package if both exist."""
    from tegashiki.evaluation.samples import ink_samples
    from tegashiki.recognizer.recognizer import DEFAULT_MODEL, Recognizer

    missing = [each for each in (DEFAULT_MODEL, path) if not each.exists()]
    if missing:
        print(f"\nskipped real ink: there is no {missing[0]}")
        return []
    print(f"\nreal ink, {path}, recognised by the model that comes with the package:")
    try:
        return _read(Recognizer.load(), ink_samples(path))
    except UserError as error:  # such as a damaged tar; the final table must still be printed
        print(f"  {error}")
        return []


def _read(recognizer: Any, samples: Iterable[Any]) -> list[Any]:
    """Print the three best candidates of each ink, or why it has none. Return the best ones for the picture."""
    from tegashiki.evaluation.drawing import SheetEntry
    from tegashiki.evaluation.evaluate import judge_truth

    entries = []
    for sample in samples:
        try:
            if sample.ink is None:
                raise UserError(sample.error)
            candidates = recognizer.recognize(sample.ink, 3)
        except UserError as error:  # such as an ink that is too long
            print(f"  not recognised: {sample.file}: {str(error).removeprefix(f'{sample.file}: ')}")
            continue
        print("  " + "   ".join(f"{candidate.latex} ({candidate.probability:.2f})" for candidate in candidates))
        entries.append(SheetEntry(sample.ink, " ".join(candidates[0].tokens), judge_truth(sample.truth)[0]))
    return entries


def _draw(entries: list[Any], path: Path) -> None:
    from tegashiki.evaluation.drawing import draw_sheet

    draw_sheet(entries, path, title="green: right; red: wrong, with the truth below")


def _table(rows: list[tuple[str, float | None, Any]]) -> str:
    from tegashiki.evaluation.report import align

    lines: list[tuple[str, ...]] = [("held-out embedded ink", "token accuracy", "ExpRate", "<=1", "<=2", "CER")]
    for name, accuracy, scores in rows:
        rates = (f"{rate:.1f} %" for rate in (scores.exprate, scores.exprate_le1, scores.exprate_le2))
        lines.append((name, "" if accuracy is None else f"{100 * accuracy:.1f} %", *rates, f"{scores.cer:.3f}"))
    return align(lines)
