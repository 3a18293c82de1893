"""What is written into a model file about itself."""

import dataclasses
from typing import Any

import tegashiki
from tegashiki.export.signatures import Signatures, Sizes
from tegashiki.ink.preprocess import POINTS_PER_STROKE, RDP_EPSILON
from tegashiki.models.seq2seq import stem_width
from tegashiki.recognizer.metadata import FORMAT
from tegashiki.training.checkpoint import Checkpoint

NON_COMMERCIAL = "trained on ink under {}: for non-commercial use, share alike; see tegashiki/assets/LICENSE"
LICENCES = {
    "crohme": NON_COMMERCIAL.format("CC BY-NC-SA 3.0 (CROHME)"),
    "mathwriting": NON_COMMERCIAL.format("CC BY-NC-SA 4.0 (MathWriting)"),
    "embedded": "Apache-2.0",
}
OWN_INK = "that of the ink it was trained on"


def describe(checkpoint: Checkpoint, signatures: Signatures, sizes: Sizes, quantize: str) -> dict[str, Any]:
    """Return the metadata of a file: what a recogniser needs beside the graph, and where it comes from.

    Only `calibration` is not among it, which `export` adds once the file can be read.
    """
    config = checkpoint.config
    return {
        "format": FORMAT,
        "tegashiki": tegashiki.__version__,
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
        "data": {"dataset": config.data.dataset, "splits": list(config.data.train)},
        "licence": LICENCES.get(config.data.dataset.split("/")[0], OWN_INK),
        "progress": checkpoint.progress,
    }
