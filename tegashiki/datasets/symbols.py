"""Isolated symbols: single characters and commands that people drew, as inks of one token each.

They teach letters, commands and habits that a set of formulas lacks: training puts them in the place of other symbols
(`data.symbols` of a config). `detypify`, `chars74k` and `unipen_people` are for validation only, and training refuses
them. The source is a folder with the files of `FILES` (or some of them, or unpacked), in itself or in `symbols/`: one
JSON object a line, with "label" (or "typst", a name of Typst's), "strokes" ([[x, y], ...] each, y down) and perhaps
"id", "writer" and "contributor". `unipen-isolated-writers.tsv` names the writers of `unipen-isolated` (id, tab,
writer).
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import tensorflow_datasets as tfds
from tqdm import tqdm

from tegashiki.datasets.builder import DatasetError, InkBuilder, find_source
from tegashiki.datasets.terms import in_words, symbol_terms
from tegashiki.datasets.writers import VALIDATION_ONLY, is_held_out
from tegashiki.ink.example import Example
from tegashiki.ink.ink import Ink, InkError
from tegashiki.latex.errors import LatexError
from tegashiki.latex.normalize import normalize
from tegashiki.latex.vocabulary import DEFAULT_VOCABULARY
from tegashiki.safe_files import iterate_lines

# Names of Typst's symbols (its `sym` module) that are tokens of the vocabulary, and nothing else, in LaTeX.
TYPST = dict(line.split() for line in Path(__file__).with_name("typst.tsv").read_text("utf-8").splitlines())
WRITERS = "unipen-isolated-writers.tsv"
FILES = {  # split -> the files that it is read from
    "unipen": ("unipen-isolated.jsonl",),
    "unipen_train": ("unipen-isolated.jsonl", "unipen-isolated-rest.jsonl"),
    "unipen_people": ("unipen-isolated.jsonl", "unipen-isolated-rest.jsonl"),
    "detexify": ("detexify.jsonl",),
    "detypify": ("detypify.jsonl",),
    "digilets": ("digilets-train.jsonl",),
    "omniglot": ("omniglot.jsonl",),
    "chars74k": ("chars74k.jsonl",),
}
BY_PERSON = {"unipen_train": False, "unipen_people": True}  # split -> whether it has the held-out people, or all others
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
    VERSION = tfds.core.Version("2.0.0")
    MANUAL_DOWNLOAD_INSTRUCTIONS = __doc__
    DESCRIPTION = """Isolated handwritten symbols, those whose label is one token of the vocabulary, with their writers.

To train with in the place of formulas' own symbols: `unipen_train` (digits, letters and ASCII signs of UNIPEN
train_r01_v07, without the held-out people), `digilets` (digits and letters), `omniglot` (small letters, Latin and
Greek) and `detexify` (LaTeX commands). `unipen` has everybody of UNIPEN, at most 800 drawings of a class: earlier
models learnt from it. For validation only: `unipen_people` (the held-out people of UNIPEN), `chars74k` (digits and
letters) and `detypify` (Typst's symbols, in LaTeX).
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
}
@misc{digilets,
  title={{DigiLeTs}: Extending the {Omniglot} Challenge},
  author={Fabi, Sarah and Otte, Sebastian and others},
  howpublished={https://github.com/CognitiveModeling/DigiLeTs}
}
@article{lake2015human,
  title={Human-level Concept Learning through Probabilistic Program Induction},
  author={Lake, Brenden M. and Salakhutdinov, Ruslan and Tenenbaum, Joshua B.}, journal={Science}, year={2015}
}
@inproceedings{decampos2009character,
  title={Character Recognition in Natural Images},
  author={de Campos, Teofilo E. and Babu, Bodla Rakesh and Varma, Manik}, booktitle={VISAPP}, year={2009}
}"""
    LICENSE = in_words(symbol_terms(tuple(FILES)))
    TRAINING_SPLITS: ClassVar = frozenset(FILES) - VALIDATION_ONLY["symbols"]

    def _split_generators(self, dl_manager: tfds.download.DownloadManager) -> dict[str, Any]:
        source = self.source or Path(dl_manager.manual_dir)
        writers = read_writers(source)
        generators = {}
        for split, files in FILES.items():
            paths = [path for path in (find_source(source, name, ("", ".xz"), "symbols") for name in files) if path]
            if paths and (writers or split not in BY_PERSON):
                generators[split] = self._generate_examples(split, self._read(split, paths, writers))
        if not generators:
            names = ", ".join(f"{name}[.xz]" for name in dict.fromkeys(chain.from_iterable(FILES.values())))
            raise DatasetError(f"{source} holds none of {names}, nor does a folder symbols/ in it")
        return generators

    def _read(self, split: str, paths: Sequence[Path], writers: Mapping[str, str]) -> Iterator[Example]:
        """Yield a split's drawings whose label is one token of the vocabulary."""
        taken = 0
        lines = ((path, number, line) for path in paths for number, line in enumerate(iterate_lines(path), start=1))
        for path, number, line in tqdm(lines, desc=split, unit=" inks", dynamic_ncols=True):
            if taken == self.limit:
                break
            try:
                token, ink = _read_symbol(line, f"{split}/{number}", writers)
                other = split in BY_PERSON and is_held_out(ink.writer) != BY_PERSON[split]
            except (ValueError, KeyError, TypeError, InkError) as error:
                raise DatasetError(f"{path} line {number} is not a symbol: {error}") from error
            if other:
                continue
            if token is None:
                self.skip(split, ink.source, "not one token of the vocabulary")
                continue
            taken += 1
            yield Example(ink, (token,), np.zeros(len(ink.strokes), np.int32))


def read_writers(source: Path) -> dict[str, str]:
    """Read who wrote the lines of `unipen-isolated`, by their ids; empty where there is no such list."""
    path = find_source(source, WRITERS, ("", ".xz"), "symbols")
    rows = [line.rstrip("\n").split("\t") for line in iterate_lines(path) if line.strip()] if path else []
    wrong = next((number for number, row in enumerate(rows, start=1) if len(row) != 2 or not all(row)), None)
    if wrong:
        raise DatasetError(f"{path} line {wrong} is not an id, a tab and a writer")
    return dict(rows)


def token_of(label: str) -> str | None:
    r"""Return the canonical token of a label, None where it is not exactly one of the vocabulary.

    `\mathscr` teaches `\mathcal`: drawn by hand they are the same.
    """
    try:
        tokens = normalize(CHARACTERS.get(label, label.replace(r"\mathscr", r"\mathcal")))
    except LatexError:
        return None
    return tokens[0] if len(tokens) == 1 and tokens[0] in DEFAULT_VOCABULARY else None


def _read_symbol(line: str, name: str, writers: Mapping[str, str]) -> tuple[str | None, Ink]:
    """Return the token and the ink of a line; a line without an id gets `name`."""
    row: dict[str, Any] = json.loads(line)
    label = TYPST.get(row["typst"], "") if "typst" in row else row["label"]
    name = str(row.get("id", name))
    contributor = str(row.get("contributor", ""))
    writer = writers.get(name) or row.get("writer") or (f"unipen-{contributor}" if contributor else "")
    return token_of(label), Ink(strokes=tuple(row["strokes"]), label=label, writer=str(writer), source=name)
