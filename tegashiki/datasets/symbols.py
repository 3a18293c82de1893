"""Isolated symbols: UNIPEN's characters, Detexify's and Detypify's commands, as inks of one token each.

They teach letters, commands and habits that a set of formulas lacks: training puts the first two in the place of other
symbols (`data.symbols` of a config); the third, a few hundred, is to test on. The source is a folder with
`unipen-isolated.jsonl.xz`, `detexify.jsonl.xz` and `detypify.jsonl.xz` (or some of them, or unpacked), in itself or in
`symbols/`: one JSON object a line, with "label" (or "typst", a name of Typst's), "strokes" ([[x, y], ...] each, y down)
and perhaps "id" and "contributor".
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import tensorflow_datasets as tfds
from tqdm import tqdm

from tegashiki.datasets.builder import DatasetError, InkBuilder, find_source
from tegashiki.ink.example import Example
from tegashiki.ink.ink import Ink, InkError
from tegashiki.latex.errors import LatexError
from tegashiki.latex.normalize import normalize
from tegashiki.latex.vocabulary import DEFAULT_VOCABULARY
from tegashiki.safe_files import iterate_lines

# Names of Typst's symbols (its `sym` module) that are tokens of the vocabulary, and nothing else, in LaTeX.
TYPST = dict(line.split() for line in Path(__file__).with_name("typst.tsv").read_text("utf-8").splitlines())
FILES = {"unipen": "unipen-isolated.jsonl", "detexify": "detexify.jsonl", "detypify": "detypify.jsonl"}
# Characters of UNIPEN that LaTeX spells otherwise, or that look like one of its symbols.
CHARACTERS = {
    **{character: "\\" + character for character in "#$%&_{}"},
    "\\": r"\backslash",
    "~": r"\sim",
    "^": r"\wedge",
    "'": r"\prime",
}


class Symbols(InkBuilder):
    """TFDS builder `symbols`; prepare it with `tegashiki prepare symbols --source DIR`."""

    name = "symbols"
    VERSION = tfds.core.Version("1.1.0")
    MANUAL_DOWNLOAD_INSTRUCTIONS = __doc__
    DESCRIPTION = """Isolated handwritten symbols, those whose label is one token of the vocabulary.

`unipen` has digits, letters and ASCII signs of UNIPEN train_r01_v07, with contributors as writers; `detexify` has LaTeX
commands drawn for Detexify: to train with in the place of formulas' own symbols. `detypify` has Typst's symbols drawn
for Detypify, in LaTeX: to test on, no config learns from it.
"""
    HOMEPAGE = "https://zenodo.org/records/1195803"
    CITATION = """@inproceedings{guyon1994unipen,
  title={{UNIPEN} Project of On-line Data Exchange and Recognizer Benchmarks},
  author={Guyon, Isabelle and Schomaker, Lambert and Plamondon, R{\\'e}jean and Liberman, Mark and Janet, Stan},
  booktitle={ICPR}, year={1994}
}
@misc{detexify,
  title={Detexify}, author={Kirsch, Daniel}, howpublished={https://detexify.kirelabs.org}
}
@misc{detypify,
  title={Detypify}, author={QuarticCat}, howpublished={https://github.com/QuarticCat/detypify}
}"""
    LICENSE = "UNIPEN: CC BY 4.0; Detexify: ODbL 1.0; Detypify: MIT"
    TRAINING_SPLITS: ClassVar = frozenset({"unipen", "detexify"})

    def _split_generators(self, dl_manager: tfds.download.DownloadManager) -> dict[str, Any]:
        source = self.source or Path(dl_manager.manual_dir)
        found = {split: find_source(source, name, ("", ".xz"), "symbols") for split, name in FILES.items()}
        paths = {split: path for split, path in found.items() if path and path.is_file()}
        if not paths:
            files = ", ".join(f"{name}[.xz]" for name in FILES.values())
            raise DatasetError(f"{source} holds none of {files}, nor does a folder symbols/ in it")
        return {split: self._generate_examples(split, self._read(split, path)) for split, path in paths.items()}

    def _read(self, split: str, path: Path) -> Iterator[Example]:
        """Yield the drawings whose label is one token of the vocabulary."""
        taken = 0
        lines = tqdm(iterate_lines(path), desc=split, unit=" inks", dynamic_ncols=True)
        for number, line in enumerate(lines, start=1):
            if taken == self.limit:
                break
            try:
                row = json.loads(line)
                label = TYPST.get(row["typst"], "") if "typst" in row else row["label"]
                token, ink = token_of(label), _ink(row, label, f"{split}/{number}")
            except (ValueError, KeyError, TypeError, InkError) as error:
                raise DatasetError(f"{path} line {number} is not a symbol: {error}") from error
            if token is None:
                self.skip(split, ink.source, "not one token of the vocabulary")
                continue
            taken += 1
            yield Example(ink, (token,), np.zeros(len(ink.strokes), np.int32))


def token_of(label: str) -> str | None:
    r"""Return the canonical token of a label, None where it is not exactly one of the vocabulary.

    `\mathscr` teaches `\mathcal`: drawn by hand they are the same.
    """
    try:
        tokens = normalize(CHARACTERS.get(label, label.replace(r"\mathscr", r"\mathcal")))
    except LatexError:
        return None
    return tokens[0] if len(tokens) == 1 and tokens[0] in DEFAULT_VOCABULARY else None


def _ink(row: dict[str, Any], label: str, name: str) -> Ink:
    contributor = str(row.get("contributor", ""))
    return Ink(
        strokes=tuple(row["strokes"]),
        label=label,
        writer=f"unipen-{contributor}" if contributor else "",
        source=str(row.get("id", name)),
    )
