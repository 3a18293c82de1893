"""Export of a checkpoint to a model file, which is compared with the model before it is written."""

import dataclasses
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tegashiki.datasets.prepared import load_examples
from tegashiki.decoding.calibration import UNCALIBRATED
from tegashiki.errors import UserError
from tegashiki.export.calibrate import calibrate
from tegashiki.export.convert import to_tflite
from tegashiki.export.hidden import describe_hidden
from tegashiki.export.model_file import finish
from tegashiki.export.model_metadata import build_metadata
from tegashiki.export.parity import Parity, ParityError, compare, read_with_model
from tegashiki.export.quantize import quantize
from tegashiki.export.signatures import DEFAULT_SIZES, Sizes, make_signatures
from tegashiki.input_pipeline.batching import EncodedInk, Limits, stroke_sizes
from tegashiki.input_pipeline.packed import PackedInks, open_store, select_packed
from tegashiki.latex.tokenizer import join
from tegashiki.models.seq2seq import Seq2Seq
from tegashiki.recognizer.litert import LiteRTBackend
from tegashiki.safe_files import atomic_write
from tegashiki.training.checkpoint import Checkpoint


@dataclass(frozen=True)
class Export:
    """Description of an exported file."""

    path: Path
    size: int  # bytes
    signatures: tuple[str, ...]
    parity: Parity
    metadata: dict[str, Any]


def sizes_for(limits: Limits) -> Sizes:
    """Return the shapes of a file that can read every ink within the limits of a run."""
    return Sizes(strokes=stroke_sizes(DEFAULT_SIZES.strokes, limits), tokens=limits.tokens)


def export(
    checkpoint: Checkpoint,
    output: str | Path,
    kind: str,
    inks: Mapping[str, EncodedInk],
    sizes: Sizes | None = None,
    say: Callable[[str], None] = print,
) -> Export:
    """Write the averaged parameters of a checkpoint as one .tflite, if the file reads the inks as the model does.

    Call this function in a process in which JAX runs on the CPU: other devices round matrix products differently.

    Args:
        checkpoint: The checkpoint.
        output: The file to write. If an error occurs, an existing file stays.
        kind: The kind of quantisation, one of `quantize.KINDS`.
        inks: Labelled inks by name, on which file and model are compared (see `check_inks`).
        sizes: The shapes of the file; None chooses them from the limits of the run.
        say: Called with one line of text for each step of the export.

    Returns:
        A description of the file.

    Raises:
        ParityError: The file does not match the model. The message names the difference and the inks.
        ConversionError: The model has operators that TFLite lacks.
        UserError: The export extra is not installed.
    """
    output, sizes = Path(output), sizes or sizes_for(checkpoint.config.data.limits)
    # The file computes in float32, whatever dtype training used, and has no auxiliary heads.
    model = Seq2Seq(dataclasses.replace(checkpoint.config.model, dtype="float32"), len(checkpoint.vocabulary))
    params = {"model": checkpoint.state.ema["model"]}
    signatures = make_signatures(model, params, sizes)
    say(f"converting {len(signatures.functions)} signatures")
    content = to_tflite(signatures.functions, params)
    metadata = build_metadata(checkpoint, signatures, sizes, kind)
    quantized = quantize(content, kind)
    content = finish(quantized, metadata)
    say(f"comparing {len(content) / 1e6:.2f} MB ({kind}) with the model on {len(inks)} inks")
    expected = read_with_model(model, checkpoint.state.ema, list(inks.values()), sizes.tokens)
    with atomic_write(output) as unchecked:
        unchecked.write_bytes(content)
        parity = compare(expected, LiteRTBackend(unchecked), inks)
        try:
            parity.check(kind)
        except ParityError as error:
            lines = describe_differing(parity, checkpoint)
            raise ParityError("\n".join([f"not written: {error}", *lines])) from None
        backend = LiteRTBackend(unchecked)
        metadata["hidden"] = describe_hidden(backend, quantized, inks.values())
        calibration = calibrate(backend, checkpoint.vocabulary, inks)
        if calibration != UNCALIBRATED:
            metadata["calibration"] = dataclasses.asdict(calibration)
        content = finish(quantized, metadata)
        unchecked.write_bytes(content)
        say(f"calibration: {calibration}" if calibration != UNCALIBRATED else "too few inks to calibrate on")
    names = tuple(signature.name for signature in signatures.functions)
    return Export(output, len(content), names, parity, metadata)


def check_inks(
    checkpoint: Checkpoint, data_dir: str | Path | None, count: int, sizes: Sizes | None = None
) -> dict[str, EncodedInk]:
    """Read the first inks of a run's validation split that fit a file.

    Args:
        checkpoint: A checkpoint of the run.
        data_dir: Directory of the prepared datasets; None for the default one.
        count: Maximum number of inks.
        sizes: The shapes of the file; None chooses them from the limits of the run.

    Returns:
        The encoded inks by name.

    Raises:
        UserError: No ink fits.
    """
    data = checkpoint.config.data
    sizes = sizes or sizes_for(data.limits)
    limits = Limits(strokes=min(sizes.strokes[-1], data.limits.strokes), tokens=min(sizes.tokens, data.limits.tokens))
    store = open_store(data.dataset, data.validation, data_dir=data_dir)
    chosen = select_packed(store, checkpoint.vocabulary, limits)[0][:count]
    if not len(chosen):
        raise UserError(f"{data.dataset}/{data.validation} has no ink to compare on within {limits}")
    examples = load_examples(data.dataset, data.validation, data_dir)
    names = (f"{data.validation}[{index}] {examples[int(index)].ink.source}".strip() for index in chosen)
    return dict(zip(names, PackedInks([(store, chosen)], checkpoint.vocabulary), strict=True))


def describe_differing(parity: Parity, checkpoint: Checkpoint) -> list[str]:
    """Return one line for each ink that the file and the model read differently."""
    decode = checkpoint.vocabulary.decode
    return [
        f"  {name}: the model {join(decode(by_model))}, the file {join(decode(by_file))}"
        for name, by_model, by_file in parity.differing
    ]


def write_report(path: Path, result: Export, checkpoint: Checkpoint) -> None:
    """Write a JSON report of an export: the file, its signatures and its comparison with the model."""
    parity = dataclasses.asdict(result.parity)
    decode = checkpoint.vocabulary.decode
    parity["differing"] = [
        {"ink": name, "model": " ".join(decode(by_model)), "file": " ".join(decode(by_file))}
        for name, by_model, by_file in result.parity.differing
    ]
    report = {
        "file": str(result.path),
        "bytes": result.size,
        "quantize": result.metadata["quantize"],
        "signatures": result.signatures,
        "parity": parity,
    }
    with atomic_write(path) as unfinished:
        unfinished.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", "utf-8")
