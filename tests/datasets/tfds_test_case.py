"""The test case of TFDS for all builders: `python -m tests.datasets.tfds_test_case FOLDER`.

It needs TensorFlow and dill. FOLDER has an artificial source for each builder, with the builder's name. The test case
reads with `tf.data`, which supports only TFRecord files, so the builders write these instead of array_record.
`synthetic` always writes its shards as array_record. It is read as a data source, but passes all other checks.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import tensorflow_datasets as tfds
from absl.testing import absltest

from tegashiki.datasets.builder import InkBuilder, InkConfig
from tegashiki.datasets.crohme import Crohme
from tegashiki.datasets.embedded import Embedded
from tegashiki.datasets.ink_folder import InkFolder
from tegashiki.datasets.lines import Lines
from tegashiki.datasets.mathwriting import MathWriting
from tegashiki.datasets.symbols import Symbols
from tegashiki.datasets.synthetic import Recipe, Synthetic
from tegashiki.ink.example import Example
from tegashiki.input_pipeline.batching import decode_example
from tegashiki.latex.vocabulary import DEFAULT_VOCABULARY
from tegashiki.synthesis.embedded import Drawn, generate
from tests.input_pipeline.encoding import encode_example

FOLDER = Path(sys.argv[-1])


class Common:
    SKIP_CHECKSUMS = True  # there is no published checksum of MathWriting's archive
    MOCK_OUT_FORBIDDEN_OS_FUNCTIONS = False  # sources are local and are read with pathlib and tarfile
    dataset_class: type[InkBuilder]  # set by TFDS, as is tmp_dir
    tmp_dir: str

    def _make_builder(self, config: InkConfig | None = None) -> InkBuilder:
        return self.dataset_class(data_dir=self.tmp_dir, config=config, file_format="tfrecord")


class CrohmeTest(Common, tfds.testing.DatasetBuilderTestCase):
    DATASET_CLASS = Crohme
    EXAMPLE_DIR = FOLDER / "crohme"
    SPLITS = {"train": 4, "validation": 1, "train_2019_extra": 1, "test_2012": 1, "test_2014": 1}  # noqa: RUF012


class MathWritingTest(Common, tfds.testing.DatasetBuilderTestCase):
    DATASET_CLASS = MathWriting
    EXAMPLE_DIR = FOLDER / "mathwriting"
    SPLITS = {"train": 2, "valid": 1}  # noqa: RUF012


class InkFolderTest(Common, tfds.testing.DatasetBuilderTestCase):
    DATASET_CLASS = InkFolder
    EXAMPLE_DIR = FOLDER / "ink_folder"
    SPLITS = {"train": 2, "validation": 1}  # noqa: RUF012


class SymbolsTest(Common, tfds.testing.DatasetBuilderTestCase):
    DATASET_CLASS = Symbols
    EXAMPLE_DIR = FOLDER / "symbols"
    SPLITS = {"unipen": 2}  # noqa: RUF012


class LinesTest(Common, tfds.testing.DatasetBuilderTestCase):
    DATASET_CLASS = Lines
    EXAMPLE_DIR = FOLDER / "lines"
    SPLITS = {"train": 1, "validation": 1}  # noqa: RUF012


class EmbeddedTest(Common, tfds.testing.DatasetBuilderTestCase):
    DATASET_CLASS = Embedded
    EXAMPLE_DIR = FOLDER  # required by TFDS but not used
    SPLITS = {"train": 3, "validation": 3, "test": 3}  # noqa: RUF012
    BUILDER_CONFIG_NAMES_TO_TEST = [InkConfig(name="limit_3", version=Embedded.VERSION, limit=3)]  # noqa: RUF012


def framed(start: int, count: int) -> Iterator[Example]:
    """Make embedded ink in the arrays for a model, in place of recombined ink."""
    for number in range(start, start + count):
        ink = encode_example(Drawn("train")[number], DEFAULT_VOCABULARY)
        yield decode_example(ink, DEFAULT_VOCABULARY, f"framed/{number}")


class SyntheticTest(Common, tfds.testing.DatasetBuilderTestCase):
    DATASET_CLASS = Synthetic
    EXAMPLE_DIR = FOLDER  # required by TFDS but not used
    SPLITS = {"train": 3, "validation": 2}  # noqa: RUF012

    def _make_builder(self, config: InkConfig | None = None) -> Synthetic:
        recipe = Recipe(framed, 3, {}, ("embedded/1.0.0",), "free", generate("validation", 2))
        return Synthetic(data_dir=self.tmp_dir, config=config, recipe=recipe)

    def _assertAsDataset(self, builder: Synthetic) -> None:  # noqa: N802 (a method of TFDS)
        for split, count in self.SPLITS.items():
            records = list(builder.as_data_source(split))
            self.assertLen({record["source"] for record in records}, count)
            for name, feature in builder.info.features.get_tensor_info().items():
                values = [np.asarray(record[name]) for record in records]
                self.assertTrue(all(len(value.shape) == len(feature.shape) for value in values), name)
                if feature.shape:
                    self.assertEqual({value.dtype for value in values}, {np.dtype(feature.np_dtype)}, name)


if __name__ == "__main__":
    absltest.main(argv=sys.argv[:1])
