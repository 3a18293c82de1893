"""TFDS's own checks of the builders: `python -m tests.datasets.tfds_test_case FOLDER`; they want TensorFlow and dill.

FOLDER has a made-up source for each builder, named like it. TFDS's class reads through `tf.data`, which it offers for
TFRecord files alone, so the builders write these in place of our array_record. `synthetic` writes its shards by itself,
always as array_record: it is read as a data source, and goes through everything else.
"""

import sys
from pathlib import Path

import numpy as np
import tensorflow_datasets as tfds
from absl.testing import absltest

from tegashiki.datasets.builder import InkConfig
from tegashiki.datasets.crohme import Crohme
from tegashiki.datasets.embedded import Embedded
from tegashiki.datasets.ink_folder import InkFolder
from tegashiki.datasets.lines import Lines
from tegashiki.datasets.mathwriting import MathWriting
from tegashiki.datasets.symbols import Symbols
from tegashiki.datasets.synthetic import Recipe, Synthetic
from tegashiki.input_pipeline.batching import decode_example
from tegashiki.latex.vocabulary import DEFAULT_VOCABULARY
from tegashiki.synthesis.embedded import Drawn, generate
from tests.input_pipeline.encoding import encode_example

FOLDER = Path(sys.argv[-1])


class Common:
    SKIP_CHECKSUMS = True  # nobody publishes one of MathWriting's archive
    MOCK_OUT_FORBIDDEN_OS_FUNCTIONS = False  # sources are local, and read by pathlib and tarfile

    def _make_builder(self, config=None):
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
    EXAMPLE_DIR = FOLDER  # has nothing that it needs
    SPLITS = {"train": 3, "validation": 3, "test": 3}  # noqa: RUF012
    BUILDER_CONFIG_NAMES_TO_TEST = [InkConfig(name="limit_3", version=Embedded.VERSION, limit=3)]  # noqa: RUF012


def framed(start, count):
    """Stands for a recombination: embedded ink as a model takes it."""
    for number in range(start, start + count):
        ink = encode_example(Drawn("train")[number], DEFAULT_VOCABULARY)
        yield decode_example(ink, DEFAULT_VOCABULARY, f"framed/{number}")


class SyntheticTest(Common, tfds.testing.DatasetBuilderTestCase):
    DATASET_CLASS = Synthetic
    EXAMPLE_DIR = FOLDER  # has nothing that it needs
    SPLITS = {"train": 3, "validation": 2}  # noqa: RUF012

    def _make_builder(self, config=None):
        recipe = Recipe(framed, 3, {}, ("embedded/1.0.0",), "free", generate("validation", 2))
        return Synthetic(data_dir=self.tmp_dir, config=config, recipe=recipe)

    def _assertAsDataset(self, builder):  # noqa: N802 (theirs)
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
