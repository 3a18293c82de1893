"""Handwritten lines of numbers, dates, telephone numbers and simple sums from UNIPEN.

The source is a folder with `unipen-lines.jsonl[.xz]`, directly or in `lines/`. Each line of this file is a JSON object
with "text" (the written text), "label" (LaTeX tokens, or null if CROHME's tokens lack a character), "lines" (number of
handwritten lines), "writer" and "strokes". The tokens are made from the characters of "text".
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import tensorflow_datasets as tfds
from tqdm import tqdm

from tegashiki.datasets.builder import DatasetError, InkBuilder, find_source
from tegashiki.datasets.held_out_people import is_held_out
from tegashiki.datasets.terms import UNIPEN
from tegashiki.ink.example import Example
from tegashiki.ink.ink import Ink, InkError
from tegashiki.latex.errors import LatexError
from tegashiki.latex.normalize import normalize
from tegashiki.latex.symbols import ESCAPED, ROW_BREAK, TABLE_BEGIN, TABLE_END
from tegashiki.latex.vocabulary import DEFAULT_VOCABULARY
from tegashiki.safe_files import iterate_lines

FILE = "unipen-lines.jsonl"
ESCAPES = {token[1:]: token for token in ESCAPED}
WORD = r"\(\d+\) \S+|\S+"
FEWEST_ROWS = 3
AMBIGUOUS = frozenset("'^~`\"")  # characters without a LaTeX symbol on the line, or with several similar ones


class Lines(InkBuilder):
    """TFDS builder `lines`; prepare it with `tegashiki prepare lines --source DIR`."""

    name = "lines"
    VERSION = tfds.core.Version("1.0.0")
    MANUAL_DOWNLOAD_INSTRUCTIONS = __doc__
    DESCRIPTION = """Lines of numbers, dates, telephone numbers and simple sums, as people wrote them for UNIPEN.

`train` and `validation` have different people: those of `validation` are held out in every file of UNIPEN, and training
refuses this split. Several handwritten lines are the rows of a table. The name of an ink is `KIND/PERSON/NUMBER`, where
the kind is `numbers` for one line and `rows` for several lines.
"""
    HOMEPAGE = "https://zenodo.org/records/1195803"
    CITATION = """@inproceedings{guyon1994unipen,
  title={{UNIPEN} Project of On-line Data Exchange and Recognizer Benchmarks},
  author={Guyon, Isabelle and Schomaker, Lambert and Plamondon, R{\\'e}jean and Liberman, Mark and Janet, Stan},
  booktitle={ICPR}, year={1994}
}"""
    LICENSE = str(UNIPEN)
    TRAINING_SPLITS: ClassVar = frozenset({"train"})

    def _split_generators(self, dl_manager: tfds.download.DownloadManager) -> dict[str, Any]:
        source = self.source or Path(dl_manager.manual_dir)
        path = find_source(source, FILE, ("", ".xz"), "lines")
        if path is None:
            raise DatasetError(f"{source} does not hold {FILE}[.xz], directly or in lines/")
        return {
            split: self._generate_examples(split, self._read(path, split, held_out))
            for split, held_out in (("train", False), ("validation", True))
        }

    def _read(self, path: Path, split: str, held_out: bool) -> Iterator[Example]:
        """Yield the inks of the held-out people, or those of all other people."""
        taken = 0
        lines = tqdm(iterate_lines(path), desc=split, unit=" inks", dynamic_ncols=True)
        for number, line in enumerate(lines, start=1):
            if taken == self.limit:
                break
            try:
                row = json.loads(line)
                ink = _ink(row, number)
                tokens, reason = _tokens(row)
                wanted = is_held_out(ink.writer) == held_out
            except (ValueError, KeyError, TypeError, AttributeError, InkError) as error:
                raise DatasetError(f"{path} line {number} is not a handwritten line: {error}") from error
            if wanted and reason:
                self.skip(split, ink.source, reason)
            elif wanted:
                taken += 1
                yield Example(ink, tokens, np.full(len(ink.strokes), -1, np.int32))


def _ink(row: dict[str, Any], number: int) -> Ink:
    kind = "numbers" if int(row["lines"]) == 1 else "rows"
    name = f"{kind}/{row['writer']}/{number:04d}"
    return Ink(strokes=tuple(row["strokes"]), label=row["text"], writer=row["writer"], source=name)


def _tokens(row: dict[str, Any]) -> tuple[tuple[str, ...], str]:
    """Return the canonical tokens of a text and "", or () and the reason why it has none."""
    rows = rows_of(row["text"], int(row["lines"]))
    if not rows:
        return (), "the ends of its handwritten lines are unknown"
    characters = [[ESCAPES.get(character, character) for character in line if character != " "] for line in rows]
    used = {character for line in characters for character in line}
    unknown = sorted(character for character in used if character in AMBIGUOUS or character not in DEFAULT_VOCABULARY)
    if unknown:
        return (), f"the vocabulary has no token for {' '.join(unknown)}"
    try:
        return _canonical(characters), ""
    except LatexError as error:
        return (), str(error)


def _canonical(rows: list[list[str]]) -> tuple[str, ...]:
    if len(rows) == 1:
        return normalize(rows[0])
    tokens = [token for row in rows for token in (*row, ROW_BREAK)]
    return normalize([TABLE_BEGIN, *tokens[:-1], TABLE_END])


def rows_of(text: str, count: int) -> list[str]:
    """Return the lines of a text that was written in `count` lines, or an empty list if they are unknown.

    UNIPEN does not record where a line ends. A text of at least three words in as many lines has one word on each line,
    as a visual inspection showed. (A telephone number with its area code is one word.) Other texts are divided into
    lines differently by different writers.
    """
    words = re.findall(WORD, text)
    if count == 1 and words:
        return [text]
    return words if count == len(words) >= FEWEST_ROWS else []
