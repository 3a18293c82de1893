"""Write the kit for apps: a model file with instructions, test vectors and a reference implementation in Java.

Works without JAX and TensorFlow, for any .tflite file that `tegashiki export` wrote.
"""

import dataclasses
import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tegashiki.decoding.calibration import Calibration
from tegashiki.errors import UserError
from tegashiki.ink.preprocess import MAX_BOX, frame_stroke
from tegashiki.kit.grammar_table import grammar_table
from tegashiki.kit.memory_vectors import memory_vectors
from tegashiki.kit.page_vectors import page_vectors
from tegashiki.kit.recording import record_readings, record_signatures, shapes
from tegashiki.kit.sessions import sessions
from tegashiki.kit.vectors import as_text as one_line_an_entry
from tegashiki.kit.vectors import vectors
from tegashiki.latex.automaton import as_text as one_line_a_key
from tegashiki.latex.vocabulary import Vocabulary
from tegashiki.recognizer.metadata import read_metadata

PACKAGE = Path(__file__).parent.parent
SOURCES = Path(__file__).parent / "mobile"  # files shared by all kits; the .md files have <<placeholders>>
MODEL_TERMS = "assets/LICENSE"  # in the package; applies to models whose metadata names this file
SUMS = "SHA256SUMS"
EXAMPLE = ((0, 0), (10, 0), (10, 0), (10, 5))  # a stroke that preprocessing.md frames


class KitError(UserError):
    """The kit cannot be written to the given folder."""


def check_folder(folder: Path) -> None:
    """Check that `write_kit` can create a folder, before any long computation.

    Raises:
        KitError: The folder exists, or its parent does not.
    """
    if folder.exists():
        raise KitError(f"--kit {folder} exists already and is not overwritten: give a new name or remove the folder")
    if not folder.absolute().parent.is_dir():
        raise KitError(f"--kit {folder} cannot be created: there is no folder {folder.parent}")


def write_kit(model: Path, folder: Path) -> list[Path]:
    """Write the kit of a model into a new folder. If this fails, nothing is left behind.

    Args:
        model: A .tflite file that `tegashiki export` wrote.
        folder: A folder that does not exist yet. Its parent must exist.

    Returns:
        The files, relative to the folder, with SHA256SUMS last.

    Raises:
        KitError: The folder exists, or its parent does not.
        RecognizerError: The model is not a .tflite file written by `tegashiki export`.
    """
    check_folder(folder)
    unfinished = folder.with_name(f".{folder.name}.{os.getpid()}")
    sums, files = [], []
    try:
        for name, content in contents(model):
            path = unfinished / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            sums.append(f"{hashlib.sha256(content).hexdigest()}  {name}\n")
            files.append(Path(name))
        (unfinished / SUMS).write_text("".join(sums), "utf-8")
        unfinished.replace(folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return [*files, Path(SUMS)]


def contents(model: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the name in the kit and the content of each file except SHA256SUMS."""
    metadata = read_metadata(model)
    vocabulary = Vocabulary(metadata["vocabulary"])
    yield "model.tflite", model.read_bytes()
    texts = {
        "model.json": one_line_a_key(about(model, metadata)),
        "vocabulary.json": vocabulary.to_json() + "\n",
        "grammar.json": one_line_a_key(grammar_table(vocabulary)),
        "golden/frames.json": (SOURCES / "frames.json").read_text("utf-8"),
        "golden/vectors.json": one_line_an_entry(vectors(vocabulary)),
        "golden/sessions.json": one_line_an_entry(sessions(vocabulary)),
        "golden/memory.json": one_line_an_entry(memory_vectors(vocabulary)),
        "golden/pages.json": one_line_an_entry(page_vectors(vocabulary)),
        "golden/signatures.json": one_line_an_entry(record_signatures(model)),
        "golden/readings.json": one_line_an_entry({"readings": record_readings(model)}),
        "LICENSE": code_terms(),
        "MODEL-LICENSE": model_terms(metadata),
    }
    blanks = fill_in(model, metadata)
    for source in sorted(path for path in SOURCES.rglob("*") if path.suffix in (".md", ".java")):
        text = source.read_text("utf-8")
        for blank, value in blanks.items():
            text = text.replace(f"<<{blank}>>", value)
        texts[source.relative_to(SOURCES).as_posix()] = text
    for name, text in texts.items():
        yield name, text.encode()


def about(model: Path, metadata: dict[str, Any]) -> dict[str, Any]:
    """Return the metadata of a model file without the vocabulary, with the calibration and the signatures' shapes."""
    kept = {name: value for name, value in metadata.items() if name != "vocabulary"}
    calibration = Calibration(**metadata.get("calibration", {}))
    fitted = {name: float(value) for name, value in dataclasses.asdict(calibration).items()}
    return {**kept, "calibration": fitted, "signatures": shapes(model)}


def code_terms() -> str:
    """Return the text of the Apache License, which is the end of the page's LICENSES.txt."""
    text = (PACKAGE / "assets" / "web" / "LICENSES.txt").read_text("utf-8")
    return text[text.rindex("\n", 0, text.index("  Apache License\n")) + 1 :]


def model_terms(metadata: dict[str, Any]) -> str:
    """Return the licence of the model."""
    licence = metadata.get("licence", "not stated in the file: ask the people who trained the model")
    text = f"model.tflite ({metadata.get('name', 'unnamed')}): {licence}\n"
    return text + "\n" + (PACKAGE / MODEL_TERMS).read_text("utf-8") if MODEL_TERMS in licence else text


def fill_in(model: Path, metadata: dict[str, Any]) -> dict[str, str]:
    """Return the values of the placeholders in the .md files, by name."""
    points_P2, box = frame_stroke(EXAMPLE)
    return {
        "name": str(metadata.get("name", "unnamed")),
        "megabytes": f"{model.stat().st_size / 1e6:.2f}",
        "quantize": str(metadata.get("quantize", "none")),
        "strokes": ", ".join(map(str, metadata["stroke_sizes"])),
        "most_strokes": str(metadata["stroke_sizes"][-1]),
        "beams": ", ".join(map(str, metadata["beam_sizes"])),
        "widest": str(metadata["beam_sizes"][-1]),
        "tokens": str(metadata["max_tokens"]),
        "most_written": str(metadata["max_tokens"] - 1),
        "ids": str(3 + len(metadata["vocabulary"])),
        "points": str(metadata["points_per_stroke"]),
        "last_point": str(metadata["points_per_stroke"] - 1),
        "epsilon": str(metadata["rdp_epsilon"]),
        "max_box": f"{MAX_BOX:,.0f}",
        "example": " ".join(f"({x}, {y})" for x, y in EXAMPLE),
        "example_box": "({:g}, {:g}, {:g})".format(*box),
        "example_points": " ".join(f"({x:.6f}, {y:.6f})" for x, y in points_P2[[0, 1, 20, 21, -1]].tolist()),
    }
