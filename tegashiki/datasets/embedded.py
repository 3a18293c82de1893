"""Embedded ink as a prepared dataset: no download, formulas made up and drawn by `tegashiki.synthesis`.

`tegashiki prepare embedded` keeps what `generate` makes in memory; `--name wide` takes formulas from the whole
vocabulary instead of the easy ones.
"""

from collections.abc import Iterator
from typing import Any

import tensorflow_datasets as tfds
from tqdm import tqdm

from tegashiki.datasets.builder import InkBuilder
from tegashiki.ink.example import Example
from tegashiki.synthesis.embedded import SIZES, draw, generate
from tegashiki.synthesis.formulas import DIALECTS, EASY

__all__ = ["Embedded", "generate"]


class Embedded(InkBuilder):
    """TFDS builder `embedded`; a variant named like a dialect ("wide") is drawn from that dialect."""

    VERSION = tfds.core.Version("1.0.0")
    DESCRIPTION = """Handwriting made up from single-stroke fonts: random formulas with canonical LaTeX tokens.

Nothing is downloaded. Every stroke is linked to the token that it draws. `embedded` has easy formulas, `embedded/wide`
takes them from the whole vocabulary. Good for trying a system out; real handwriting is harder.
"""
    LICENSE = "Apache-2.0; the shapes of the letters are the Hershey fonts', see tegashiki/synthesis/data/hershey.tsv"

    def _split_generators(self, dl_manager: tfds.download.DownloadManager) -> dict[str, Any]:
        return {split: self._generate_examples(split, self._draw(split)) for split in SIZES}

    def _draw(self, split: str) -> Iterator[Example]:
        name = self.builder_config.name if self.builder_config else ""
        dialect = DIALECTS.get(name.removesuffix(f"_limit_{self.limit}"), EASY)
        count = min(SIZES[split], self.limit or SIZES[split])
        for index in tqdm(range(count), desc=split, unit=" inks", dynamic_ncols=True):
            yield draw(split, index, dialect=dialect)
