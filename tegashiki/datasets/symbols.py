"""Isolated symbols: single characters and commands that people drew, as inks of one token each.

Training uses them in place of symbols of formulas (`data.symbols` of a config). They contain letters, commands and
habits that a dataset of formulas lacks. `detypify`, `chars74k` and `unipen_people` are for validation only, and
training refuses them.

The source is a folder with some of the files in `FILES`, directly or in `symbols/`, compressed by xz or not. Each line
is a JSON object with "label" (or "typst", a name in Typst), "strokes" (each [[x, y], ...] with y downwards) and
optionally "id", "writer" and "contributor". `unipen-isolated-writers.tsv` (id, tab, writer) has the writers of
`unipen-isolated`.
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
from tegashiki.datasets.held_out_people import VALIDATION_ONLY, is_held_out
from tegashiki.datasets.terms import in_words, symbol_terms
from tegashiki.ink.example import Example
from tegashiki.ink.ink import Ink, InkError
from tegashiki.latex.errors import LatexError
from tegashiki.latex.normalize import normalize
from tegashiki.latex.vocabulary import DEFAULT_VOCABULARY
from tegashiki.safe_files import iterate_lines

# Names of Typst's `sym` module -> the corresponding single token of the vocabulary.
TYPST = dict(line.split() for line in Path(__file__).with_name("typst.tsv").read_text("utf-8").splitlines())
WRITERS = "unipen-isolated-writers.tsv"
FILES = {  # split -> its files
    "unipen": ("unipen-isolated.jsonl",),
    "unipen_train": ("unipen-isolated.jsonl", "unipen-isolated-rest.jsonl"),
    "unipen_people": ("unipen-isolated.jsonl", "unipen-isolated-rest.jsonl"),
    "detexify": ("detexify.jsonl",),
    "detypify": ("detypify.jsonl",),
    "digilets": ("digilets-train.jsonl",),
    "omniglot": ("omniglot.jsonl",),
    "chars74k": ("chars74k.jsonl",),
}
BY_PERSON = {"unipen_train": False, "unipen_people": True}  # split -> whether it has the held-out people or all others
# Characters of UNIPEN with another spelling in LaTeX, or that look like a LaTeX symbol.
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
    DESCRIPTION = """Isolated handwritten symbols whose label is one token of the vocabulary, with their writers.

For training, in place of symbols of formulas: `unipen_train` (digits, letters and ASCII signs of UNIPEN train_r01_v07
without the held-out people), `digilets` (digits and letters), `omniglot` (small Latin and Greek letters) and `detexify`
(LaTeX commands). `unipen` has all people of UNIPEN and at most 800 drawings per class; earlier models were trained on
it. For validation only: `unipen_people` (the held-out people of UNIPEN), `chars74k` (digits and letters) and `detypify`
(symbols of Typst, labelled in LaTeX).
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
            raise DatasetError(f"{source} holds none of {names}, directly or in symbols/")
        return generators

    def _read(self, split: str, paths: Sequence[Path], writers: Mapping[str, str]) -> Iterator[Example]:
        """Yield the drawings of a split whose label is one token of the vocabulary."""
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
    """Read the writers of `unipen-isolated` by id; empty if there is no such list.

    Raises:
        DatasetError: The list is malformed.
    """
    path = find_source(source, WRITERS, ("", ".xz"), "symbols")
    rows = [line.rstrip("\n").split("\t") for line in iterate_lines(path) if line.strip()] if path else []
    wrong = next((number for number, row in enumerate(rows, start=1) if len(row) != 2 or not all(row)), None)
    if wrong:
        raise DatasetError(f"{path} line {wrong} is not an id, a tab and a writer")
    return dict(rows)


def token_of(label: str) -> str | None:
    r"""Return the canonical token of a label, or None if it is not exactly one token of the vocabulary.

    `\mathscr` is read as `\mathcal`, because the two look the same in handwriting.
    """
    try:
        tokens = normalize(CHARACTERS.get(label, label.replace(r"\mathscr", r"\mathcal")))
    except LatexError:
        return None
    return tokens[0] if len(tokens) == 1 and tokens[0] in DEFAULT_VOCABULARY else None


def _read_symbol(line: str, name: str, writers: Mapping[str, str]) -> tuple[str | None, Ink]:
    """Return the token and the ink of a line. The ink is called `name` if the line has no id."""
    row: dict[str, Any] = json.loads(line)
    label = TYPST.get(row["typst"], "") if "typst" in row else row["label"]
    name = str(row.get("id", name))
    contributor = str(row.get("contributor", ""))
    writer = writers.get(name) or row.get("writer") or (f"unipen-{contributor}" if contributor else "")
    return token_of(label), Ink(strokes=tuple(row["strokes"]), label=label, writer=str(writer), source=name)
