"""The metadata of a model file."""

import dataclasses
from typing import Any

import tegashiki
from tegashiki.datasets.terms import BEFORE_SPLITS, SYMBOL_SPLITS, UNIPEN, Terms, in_words, symbol_terms
from tegashiki.export.signatures import Signatures, Sizes
from tegashiki.ink.preprocess import POINTS_PER_STROKE, RDP_EPSILON
from tegashiki.models.seq2seq import stem_width
from tegashiki.recognizer.metadata import FORMAT
from tegashiki.training.checkpoint import Checkpoint
from tegashiki.versions import versions

NON_COMMERCIAL = {"crohme": "CROHME (CC BY-NC-SA 3.0)", "mathwriting": "MathWriting (CC BY-NC-SA 4.0)"}
TERMS = "see tegashiki/assets/LICENSE"


def build_metadata(checkpoint: Checkpoint, signatures: Signatures, sizes: Sizes, quantize: str) -> dict[str, Any]:
    """Return the metadata of a file: what a recogniser needs besides the graph, and the origin of the model.

    `export` adds the entries `hidden` and `calibration` later, because they are computed with the finished graph.

    Args:
        checkpoint: The exported checkpoint.
        signatures: The signatures of the file.
        sizes: The shapes of the file.
        quantize: The kind of quantisation, one of `quantize.KINDS`.

    Returns:
        JSON values by name; `tegashiki/recognizer/metadata.py` reads them.
    """
    config = checkpoint.config
    return {
        "format": FORMAT,
        "tegashiki": tegashiki.__version__,
        "versions": versions(),
        "trained_with": checkpoint.versions,
        "seed": config.train.seed,
        "name": config.name,
        "quantize": quantize,
        "vocabulary": list(checkpoint.vocabulary.tokens),
        "points_per_stroke": POINTS_PER_STROKE,
        "rdp_epsilon": RDP_EPSILON,
        "stem_width": stem_width(config.model),
        "stroke_sizes": list(sizes.strokes),
        "beam_sizes": list(sizes.beams),
        "max_tokens": sizes.tokens,
        "row_axes": signatures.row_axes,
        "model": dataclasses.asdict(config.model),
        "data": {
            "dataset": config.data.dataset,
            "splits": list(config.data.train),
            "symbols": list(config.data.symbols),
            "lines": list(config.data.lines),
            "formulas": config.data.formulas,
            "earlier": checkpoint.progress.get("learnt_from", []),
        },
        "licence": licence(checkpoint),
        "progress": checkpoint.progress,
    }


def licence(checkpoint: Checkpoint) -> str:
    """Describe the licence of the parameters.

    It depends on the ink of the run and of all earlier runs from which it started.
    """
    seen = {name.split("/")[0] for name in checkpoint.datasets}
    seen -= {"synthetic"}  # `datasets` also names the datasets that synthetic ink was made from
    strict = [text for name, text in NON_COMMERCIAL.items() if name in seen]
    others = small_sources(checkpoint)
    ink = " and ".join(strict + [f"isolated symbols and lines of {in_words(others)}"] * bool(others))
    if strict:
        return f"trained on {ink}: for non-commercial use, share alike; {TERMS}"
    if any(not source.commercial for source in others):
        return f"trained on {ink}: for non-commercial use; {TERMS}"
    if others:
        return f"trained on {ink}: name these sources and keep to their terms; {TERMS}"
    return "Apache-2.0" if seen == {"embedded"} else "that of the ink it was trained on"


def small_sources(checkpoint: Checkpoint) -> tuple[Terms, ...]:
    """Return the sources of the isolated symbols and lines of writing on which the parameters were trained.

    In older checkpoints "symbols" without a split means the two sources that existed then.
    """
    found: list[Terms] = []
    for name in sorted(checkpoint.datasets):
        dataset, _, split = name.partition("/")
        if dataset == "symbols":
            found += symbol_terms((split,)) if split in SYMBOL_SPLITS else BEFORE_SPLITS
        elif dataset == "lines":
            found.append(UNIPEN)
    return tuple(dict.fromkeys(found))
